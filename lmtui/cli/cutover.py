"""lmtui cutover and stop: requests to the supervisor."""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from lmtui.cli.check import print_text
from lmtui.cli.following import Follower, exit_code, follow, pause
from lmtui.cli.place import existing
from lmtui.client import DetachedClient
from lmtui.control import CancelCutover, Cutover, Rehearse, Reply, Stop
from lmtui.cutover.steps import rehearsal_lines
from lmtui.errors import BlockedError, ExitCode, LmtuiError, UsageError
from lmtui.events import (
    CutoverGivenBack,
    CutoverGivenUp,
    Event,
    Noted,
    Record,
    Rehearsed,
)
from lmtui.state import State

POLL_SECONDS = 0.1

Told = TypeVar("Told", bound=Event)


def cutover(options: argparse.Namespace) -> int:
    """Ask for the cutover and follow it to its end. Ctrl-C cancels it while that is possible."""
    directory, _ = existing(options)
    if not options.dry_run and not options.confirm:
        raise UsageError(
            "The cutover needs --confirm with the source database's name",
            hint="lmtui cutover --dry-run prints what it would do.",
        )
    client = DetachedClient(directory)
    before = client.poll()
    reply = accepted(
        client.request(
            Cutover(
                confirm=options.confirm or "",
                fence=options.fence,
                timeout_seconds=options.timeout,
                dry_run=options.dry_run,
                waive=tuple(options.waive),
                sequence_margin=options.sequence_margin,
                copy_passwords=options.copy_passwords,
                keep_source_ready=options.keep_source_ready,
                accept_unproven=options.accept_unproven,
                keep_fence=options.keep_fence,
            )
        )
    )
    if options.dry_run:
        print_text("\n".join(reply.lines))
        return ExitCode.DONE
    try:
        return _follow(client, before)
    except KeyboardInterrupt:
        accepted(client.request(CancelCutover()))
        print_text("\nCancelling the cutover ...")
        code = _follow(client, before)
        return ExitCode.INTERRUPTED if code == ExitCode.FAILED else code


def _follow(client: DetachedClient, before: State) -> int:
    """Follow the cutover that was asked for after `before`."""

    def back(state: State, *kinds: type[Event]) -> bool:
        return any(
            isinstance(record.event, kinds) and record.seq > before.seq for record in state.recent
        )

    state = follow(
        client, Follower(client.seen), meanwhile=pause,
        until=lambda now: back(now, CutoverGivenUp, CutoverGivenBack),
    )  # fmt: skip
    if back(state, CutoverGivenBack):
        return ExitCode.BLOCKED
    return ExitCode.FAILED if back(state, CutoverGivenUp) else exit_code(state)


def rehearse(options: argparse.Namespace) -> int:
    """Time the drain and the comparison while writers and replay go on."""
    directory, _ = existing(options)
    client = DetachedClient(directory)
    before = client.poll().seq
    accepted(client.request(Rehearse()))
    event = await_event(client, before, Rehearsed)
    if options.json:
        data = {**msgspec.to_builtins(event), "downtime": event.downtime}
        print_text(msgspec.json.format(msgspec.json.encode(data)).decode())
    else:
        print_text("\n".join(rehearsal_lines(event)))
    return ExitCode.NOT_PROVEN if event.different else ExitCode.DONE


def await_event(client: DetachedClient, seq: int, kind: type[Told]) -> Told:
    """The first event of a kind after record `seq`. Raises BlockedError where it is not done."""
    event = await_record(client, seq, lambda event: isinstance(event, kind)).event
    assert isinstance(event, kind)  # noqa: S101
    return event


def await_record(client: DetachedClient, seq: int, wanted: Callable[[Event], bool]) -> Record:
    """The first record after `seq` with such an event. Raises BlockedError where it is not done."""
    while True:
        state = client.poll()
        for record in state.recent:
            if record.seq <= seq:
                continue
            match record.event:
                case Noted(level="warning", text=words) if words.startswith("Not done: "):
                    raise BlockedError(words, hint="Nothing was changed; try again in a moment.")
            if wanted(record.event):
                return record
        if not client.alive():
            raise LmtuiError("The supervisor has ended", hint="lmtui status says why.")
        pause(state)


def stop(options: argparse.Namespace) -> int:
    """Ask the supervisor to stop, and wait until it has."""
    directory, _ = existing(options)
    client = DetachedClient(directory)
    accepted(client.request(Stop()))
    deadline = time.monotonic() + 60
    while client.alive():
        if time.monotonic() > deadline:
            raise LmtuiError("The migration does not stop", hint=f"See {directory.logs}")
        time.sleep(POLL_SECONDS)
    print_text("Stopped. lmtui resume goes on.")
    return ExitCode.DONE


def accepted(reply: Reply) -> Reply:
    """The reply, where the supervisor does what was asked. Raises BlockedError where not."""
    if not reply.ok:
        raise BlockedError(reply.title, reply.detail, reply.hint)
    return reply
