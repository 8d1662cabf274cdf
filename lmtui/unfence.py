"""Lifting the fence of a cutover that no supervisor works on."""

import time

from lmtui.control import operator
from lmtui.cutover.fence import end_read_only_sessions, lift_fence
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError
from lmtui.events import CutoverTakenBack, FenceLifted
from lmtui.fenced import read_only
from lmtui.journal import Journal
from lmtui.ledger import Ledger
from lmtui.phases import Phase
from lmtui.state import State
from lmtui.workdir import Lock, WorkDirectory

_BEHIND_THE_DRAIN = (Phase.FINALIZE, Phase.VALIDATE)


def refuse_unfence(state: State) -> None:
    """Raise BlockedError where there is no fence, or where it must stay."""
    if state.cutover.ready_at is not None and state.phase is not Phase.CLEANED_UP:
        raise BlockedError(
            "The target is ready and may be in use; the source stays as it is",
            detail="What is written on both of them cannot be brought together.",
            hint="lmtui going-back says what it takes to go back; lmtui clean lifts the fence.",
        )
    if not read_only(state):
        raise BlockedError(
            "There is no fence of this migration that could be lifted",
            detail=f"It is in the phase {state.phase.value}.",
            hint="lmtui status shows where it stands.",
        )


def unfence(directory: WorkDirectory, source: Endpoint) -> float:
    """Make the source writable again; returns how long it was read-only, in seconds.

    A cutover behind its drain is taken back with that: a resume goes on with the replay. Raises
    BlockedError where there is no fence, AlreadyRunningError while a supervisor works,
    ConnectionFailedError or ServerError where the fence cannot be lifted; it may be repeated.
    """
    lock = Lock(directory)
    try:
        journal = Journal(directory)
        try:
            state = journal.state
            refuse_unfence(state)
            if state.phase in _BEHIND_THE_DRAIN:
                # Before the fence is lifted: from then on the end must not be called proven.
                journal.append(CutoverTakenBack(by=operator()))
            lift_fence(Ledger(directory), source)
            since = state.cutover.fenced_at
            seconds = round(time.time() - since.timestamp(), 3) if since is not None else 0.0
            journal.append(FenceLifted(seconds=seconds))
        finally:
            journal.close()
    finally:
        lock.release()
    end_read_only_sessions(source)
    return seconds
