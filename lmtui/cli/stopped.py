"""lmtui retry, skip and unfence: the ways on from where a migration has stopped."""

import argparse

from lmtui.cli.check import print_text
from lmtui.cli.cutover import await_event
from lmtui.cli.migrate import resume
from lmtui.cli.place import existing, same_endpoints
from lmtui.client import DetachedClient
from lmtui.errors import AlreadyRunningError, BlockedError, ExitCode
from lmtui.events import FenceLifted
from lmtui.narration import event_line
from lmtui.phases import Phase, Status
from lmtui.skips import allow_skip


def retry(options: argparse.Namespace) -> int:
    """Try again what the target refused, and go on from there."""
    directory, state = existing(options)
    if directory.worker_alive():
        raise AlreadyRunningError(
            f"The migration in {directory.root} runs; what is refused for a while is tried again"
            " by itself",
            hint="lmtui status shows it.",
        )
    if state.status is not Status.FAILED or state.problem is None:
        raise BlockedError(
            "There is nothing to try again",
            detail=f"The migration is in the phase {state.phase.value}, {state.status.value}.",
            hint="lmtui resume goes on with one that was stopped.",
        )
    refused = state.problem.refused
    print_text(f"Trying again: {refused.named if refused else state.problem.title}")
    return resume(options)


def skip(options: argparse.Namespace) -> int:
    """Pass over the one change at which replay stands, for good, and go on from there."""
    directory, state = existing(options)
    same_endpoints(options, state)
    refused = allow_skip(directory, options.change)
    print_text(f"To be skipped: {refused.named}")
    print_text("It is applied after all if its cause is gone. Without it the migration is not")
    print_text("called proven; the ledger and the report keep it.")
    return resume(options)


def unfence(options: argparse.Namespace) -> int:
    """Make the source writable again, and go on replaying."""
    directory, state = existing(options)
    source, target = same_endpoints(options, state)
    client = DetachedClient(directory)
    before = client.poll()
    runs = client.alive()
    client.unfence(source, target)
    if not runs:
        print_text("The source takes writes again.")
        return resume(options)
    if before.phase is Phase.CUT_OVER:
        print_text("The cutover is being given up; the fence is lifted with that.")
    else:
        print_text(event_line(await_event(client, before.seq, FenceLifted)).strip())
    return ExitCode.DONE
