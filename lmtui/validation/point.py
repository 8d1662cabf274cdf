"""A common point: both sides as of one place in the source's log, while writers and replay go on.

The source's snapshot is one that a slot exports with its place. Replay is held before that is made,
goes on behind all that ended by the place and before all that ended later, and is held again until
the target's snapshot is taken. That the target is there is read in this very snapshot.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import NamedTuple

from lmtui.database import connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError, ServerError
from lmtui.replay import progress
from lmtui.replay.lsn import format_lsn
from lmtui.replay.protocol import ReplicationConnection, Slot
from lmtui.replay.reports import ApplierReport
from lmtui.validation.compare import look
from lmtui.validation.side import Side, both_sides
from lmtui.validation.tasks import Looked

# For so long may replay be held, or be waited for.
LIMIT_SECONDS = 10.0
_POLL_SECONDS = 0.005
_HEARTBEAT = "heartbeat"


class PointMissedError(LmtuiError):
    """No common point was found for now; nothing was lost, and replay goes on."""


class Replay(NamedTuple):
    """How replay is held. `check` raises where this is to be given up."""

    slot: str
    plugin: str
    tell: Callable[[str], None]
    report: Callable[[], ApplierReport | None]
    check: Callable[[], None]


class CommonPoint(NamedTuple):
    """Both sides as of `lsn`. Replay was, or is, held for `pause` seconds."""

    lsn: int
    source: Side
    target: Side
    looked: tuple[Looked, Looked]
    pause: float


@contextmanager
def common_point(
    source: Endpoint,
    target: Endpoint,
    replay: Replay,
    *,
    jobs: int = 1,
    held: Callable[[CommonPoint], None] | None = None,
) -> Iterator[CommonPoint]:
    """Both sides as of one point. `held` is called while nothing is applied yet.

    Raises PointMissedError where none is found now, ServerError or ConnectionFailedError where a
    side refuses.
    """
    ours = look(source)
    _refuse_long_writers(source)
    with ExitStack() as until_end:
        # Not named for a slot of its own: it goes with its connection.
        slots = ReplicationConnection(source, application="lmtui point", lock_timeout=2.0)
        stack = until_end.enter_context(ExitStack())
        stack.callback(slots.close)
        stack.callback(replay.tell, "go")
        began = time.monotonic()
        replay.tell("hold")
        _await_hold(replay, "hold")
        slot = _make_slot(slots, replay)
        # What ends behind the point, so that replay comes there on an idle source too.
        with closing(connect(source, application="lmtui point")) as connection:
            connection.execute("select pg_logical_emit_message(true, 'lmtui', %s)", (_HEARTBEAT,))
        asked = f"until {slot.lsn}"
        replay.tell(asked)
        place = _await_hold(replay, asked).applied_lsn
        if place > slot.lsn:
            raise PointMissedError("Replay was inside of a large transaction")
        theirs = look(target)
        here, there = until_end.enter_context(both_sides(source, target, jobs, slot.snapshot))
        with said_plainly("The target's progress cannot be read"):
            seen = progress.read(there.catalog, replay.slot).lsn
        if seen != place:
            raise PointMissedError(
                "Replay went on",
                detail=f"It was held at {format_lsn(place)}, the target is at {format_lsn(seen)}",
            )
        point = CommonPoint(slot.lsn, here, there, (ours, theirs), 0.0)
        if held is not None:
            held(point)
        stack.close()
        yield point._replace(pause=time.monotonic() - began)


def _refuse_long_writers(source: Endpoint) -> None:
    with closing(connect(source, read_only=True, application="lmtui point")) as connection:
        if run(connection, "point_waits")[0][0]:
            raise PointMissedError("A transaction that writes is open for long on the source")


def _make_slot(connection: ReplicationConnection, replay: Replay) -> Slot:
    try:
        return connection.create_slot(f"{replay.slot}_point", replay.plugin, temporary=True)
    except ServerError as error:
        if error.sqlstate == "55P03":
            raise PointMissedError(
                "Transactions that write are open for long", detail=error.detail
            ) from error
        raise


def _await_hold(replay: Replay, asked: str) -> ApplierReport:
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        replay.check()
        report = replay.report()
        if report is not None and report.held == asked:
            return report
        if time.monotonic() > deadline:
            raise PointMissedError("Replay did not come to a halt in time")
        time.sleep(_POLL_SECONDS)
