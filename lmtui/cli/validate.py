"""lmtui validate and report."""

import argparse
import sys
from collections.abc import Callable

import msgspec

from lmtui.cli.check import print_text
from lmtui.cli.cutover import accepted, await_event, await_record
from lmtui.cli.following import pause
from lmtui.cli.place import directory_of, endpoints_of, existing
from lmtui.client import DetachedClient
from lmtui.control import Repair, Verify
from lmtui.errors import BlockedError, ExitCode, UsageError
from lmtui.events import (
    Noted,
    ResyncFailed,
    RowDifference,
    TablesSynchronised,
    VerifiedAhead,
)
from lmtui.narration import event_line
from lmtui.phases import Phase
from lmtui.plan import Plan
from lmtui.report_files import read_report
from lmtui.state import State
from lmtui.validation.compare import compare
from lmtui.validation.kept import Kept
from lmtui.validation.render import as_json, rows_text, text

_REPLAYING = (Phase.CATCH_UP, Phase.REPLICATE)
_ENDED = (Phase.COMPLETE, Phase.CLEANED_UP)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What `validate --json` prints while replay runs."""

    equal: bool
    at_common_point: bool
    lsn: str
    parts: int
    compared: int
    different: tuple[str, ...]
    rows: tuple[RowDifference, ...]
    seconds: float


def validate(options: argparse.Namespace) -> int:
    """Compare both sides: as of a common point while replay runs, else as they are now."""
    client = DetachedClient(directory_of(options))
    state = client.poll()
    live = client.alive() and state.phase in _REPLAYING
    if options.repair:
        return _repair(options, client, state, live=live)
    if live:
        accepted(client.request(Verify()))
        return _told(client, await_event(client, state.seq, VerifiedAhead), json=options.json)
    source, target = endpoints_of(options)
    made = [(one.schema, one.name) for one in Plan.load(client.directory).hypertables]
    proof = compare(source, target, paused=_paused(state), made=made)
    if options.json:
        sys.stdout.buffer.write(as_json(proof) + b"\n")
    else:
        print_text(text(proof))
    return ExitCode.DONE if proof.equal else ExitCode.NOT_PROVEN


def _paused(state: State) -> set[int] | None:
    """The jobs that lmtui has paused on the source; None where it still holds the target's."""
    if state.exists and state.phase not in (Phase.PLANNING, Phase.PREFLIGHT, *_ENDED):
        return None
    # Clean has put them back; a source that was fenced keeps them paused until then.
    ended = state.phase is Phase.COMPLETE
    return {int(job.split()[0]) for job in state.jobs_paused} if ended else set()


def _repair(
    options: argparse.Namespace, client: DetachedClient, state: State, *, live: bool
) -> int:
    if not options.confirm:
        raise UsageError(
            "The repair needs --confirm with the source database's name",
            detail="It writes the source's rows over those of the target that differ.",
        )
    if not live:
        raise BlockedError(
            "Rows can be repaired only while replay runs",
            detail=f"The migration is {state.phase.value}." if state.exists else "There is none.",
            hint="Both sides must be as of one point: lmtui resume, then repair."
            if state.exists and state.phase not in _ENDED
            else "Copy the rows by hand.",
        )
    say = (lambda _: None) if options.json else print_text
    event = None
    for table in options.repair:
        event = _repair_one(client, table, options.confirm, say)
    assert event is not None  # noqa: S101
    return _told(client, event, json=options.json)


def _repair_one(
    client: DetachedClient, table: str, confirm: str, say: Callable[[str], None]
) -> VerifiedAhead:
    """Have one table repaired, or copied anew, and compared; says each step."""
    rows = f"rows of {table if '.' in table else f'public.{table}'} "
    before = client.poll().seq
    accepted(client.request(Repair(table=table, confirm=confirm)))
    # A comparison may end meanwhile that had begun before.
    begun = await_record(
        client, before, lambda event: isinstance(event, Noted) and rows in event.text
    )
    assert isinstance(begun.event, Noted)  # noqa: S101
    say(begun.event.text)
    ends = (VerifiedAhead, TablesSynchronised, ResyncFailed)
    found = await_record(client, begun.seq, lambda event: isinstance(event, ends)).event
    if isinstance(found, ResyncFailed):
        problem = found.problem
        raise BlockedError(problem.title, problem.detail, problem.hint)
    if isinstance(found, TablesSynchronised):
        say(event_line(found))
        return _compared(client)
    assert isinstance(found, VerifiedAhead)  # noqa: S101
    return found


def _compared(client: DetachedClient) -> VerifiedAhead:
    """What a comparison finds, as soon as both sides are compared again."""
    while True:
        before = client.poll().seq
        reply = client.request(Verify())
        if reply.ok:
            return await_event(client, before, VerifiedAhead)
        if client.poll().phase not in _REPLAYING:
            accepted(reply)
        pause(client.poll())


def _told(client: DetachedClient, event: VerifiedAhead, *, json: bool) -> int:
    rows = Kept.load(client.directory).differences if event.different else ()
    if json:
        compared = Compared(
            equal=not event.different, at_common_point=True, lsn=event.lsn, parts=event.units,
            compared=event.compared, different=event.different, rows=rows, seconds=event.seconds,
        )  # fmt: skip
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(compared)) + b"\n")
    else:
        word = "Not equal" if event.different else "Equal"
        print_text(
            f"{word} as of {event.lsn}: {event.compared} of {event.units} parts, in "
            f"{event.seconds:.1f} s; replay was held for {event.pause * 1000:.0f} ms."
        )
        for name in event.different:
            print_text(f"DIFFERENT {name}")
        if rows:
            print_text(rows_text(rows))
    return ExitCode.NOT_PROVEN if event.different else ExitCode.DONE


def report(options: argparse.Namespace) -> int:
    """Print the report from the journal and the ledger."""
    directory, _ = existing(options)
    text = read_report(directory, options.format)
    if options.format == "md":
        print_text(text)
    else:
        sys.stdout.buffer.write(text.encode())
    return ExitCode.DONE
