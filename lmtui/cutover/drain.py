"""The drain: everything up to the fence is on the target, proven by a marker in the stream."""

import secrets
import time
from collections.abc import Callable
from contextlib import closing

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import CutoverError
from lmtui.events import DrainProven
from lmtui.replay import progress
from lmtui.replay.lsn import format_lsn, parse_lsn
from lmtui.replay.reports import ApplierReport

POLL_SECONDS = 0.02
REHEARSAL_SECONDS = 60.0


def write_marker(source: Connection, content: str) -> int:
    """Write a message into the source's log and return its place.

    Transactional, so that it comes after every transaction that committed before it.
    """
    source.execute("set synchronous_commit = on")
    (lsn,) = source.execute(
        "select pg_logical_emit_message(true, 'lmtui', %s)::text", (content,)
    ).fetchall()[0]
    return parse_lsn(lsn)


def drain_once(source: Endpoint, target: Endpoint, slot: str, check: Callable[[], None]) -> float:
    """The seconds from a marker on the source until it is on the target, while writers go on.

    `check` raises where that is to be given up. Raises CutoverError after a minute.
    """
    content = f"drain:rehearsal-{secrets.token_hex(8)}"
    with closing(connect(target, read_only=True)) as there:
        with closing(connect(source, application="lmtui rehearsal")) as here:
            began = time.monotonic()
            write_marker(here, content)
        while progress.read(there, slot).marker != content:
            check()
            if time.monotonic() - began > REHEARSAL_SECONDS:
                raise CutoverError(
                    "The rehearsal's marker did not come to the target in a minute",
                    hint="A cutover would not drain in that time either: look at the lag.",
                )
            time.sleep(POLL_SECONDS)
    return round(time.monotonic() - began, 3)


def await_marker(
    content: str,
    end_lsn: int,
    target: Endpoint,
    slot: str,
    report: Callable[[], ApplierReport | None],
    check: Callable[[], None],
) -> DrainProven:
    """Wait until the marker is on the target, and read it there.

    The applier's report only says when to look: the proof is the progress row that was committed
    together with the last changes. `check` raises where the cutover is to be given up.
    """
    began = time.monotonic()
    while (seen := report()) is None or seen.marker != content:
        check()
        time.sleep(POLL_SECONDS)
    with connect(target, read_only=True) as connection:
        place = progress.read(connection, slot)
    if place.marker != content or place.lsn < end_lsn:
        raise CutoverError(
            "The drain is not proven",
            detail=f"The target is at {format_lsn(place.lsn)} with the marker {place.marker!r}",
            hint="Nothing was lost; cut over again.",
        )
    return DrainProven(
        end_lsn=format_lsn(end_lsn),
        applied_lsn=format_lsn(place.lsn),
        seconds=round(time.monotonic() - began, 3),
    )
