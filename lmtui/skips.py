"""Allowing the one change at which replay stands to be passed over."""

from lmtui.errors import BlockedError, UsageError
from lmtui.events import SkipAllowed
from lmtui.journal import Journal, Reader
from lmtui.ledger import Ledger
from lmtui.phases import Status
from lmtui.refused import Refused
from lmtui.replay.naming import parse_name
from lmtui.state import State
from lmtui.workdir import Lock, WorkDirectory


def stands_at(state: State) -> Refused:
    """The change at which replay stands. Raises BlockedError where it stands at none."""
    problem = state.problem
    if state.status is Status.FAILED and problem is not None and problem.refused is not None:
        return problem.refused
    raise BlockedError(
        "Replay does not stand at a change that cannot be applied",
        detail=f"The migration is in the phase {state.phase.value}, {state.status.value}"
        + (f": {problem.title}" if problem is not None else ""),
        hint="lmtui status shows where it stands.",
    )


def allow_skip(directory: WorkDirectory, typed: str) -> Refused:
    """Let the change of this name be passed over once replay goes on; returns it.

    Only the very change at which replay stands may be, never a range. Raises BlockedError or
    UsageError, before anything is touched, where the name is another's or replay stands at none.
    """
    name = parse_name(typed)
    _at(Reader(directory).poll(), name)
    lock = Lock(directory)
    try:
        journal = Journal(directory)
        try:
            refused = _at(journal.state, name)
            Ledger(directory).allow_skip(refused)
            if refused.change not in {one.change for one in journal.state.skips_allowed}:
                journal.append(SkipAllowed(change=refused))
        finally:
            journal.close()
    finally:
        lock.release()
    return refused


def _at(state: State, name: str) -> Refused:
    refused = stands_at(state)
    if refused.change != name:
        raise UsageError(
            f"Replay does not stand at {name}",
            detail=f"It stands at {refused.named}. Nothing was touched.",
            hint=f"Only this one change can be skipped: lmtui skip {refused.change}",
        )
    return refused
