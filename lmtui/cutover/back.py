"""The ways back to replay: a cutover that is given up, and one that comes to no proven end.

Each may be repeated after a crash: which way is to be gone is read off the journal.
"""

import time

import psycopg

from lmtui.cutover.fence import end_read_only_sessions, lift_fence
from lmtui.cutover.step import ATTEMPTS, step
from lmtui.database import server_error
from lmtui.errors import ConnectionFailedError, LmtuiError, ServerError
from lmtui.events import CutoverGivenBack, CutoverGivenUp, FenceLifted, PhaseEntered
from lmtui.fenced import UNFENCE, read_only
from lmtui.humane import count_noun
from lmtui.migration.context import Context
from lmtui.migration.held_target import hold_again
from lmtui.migration.replication import Replication
from lmtui.phases import Phase
from lmtui.state import State
from lmtui.unproven import reasons, ways

# A connection that was lost or could not be made, and a server that was shut down.
_LOST = ("08", "57P")


def is_over(state: State) -> bool:
    """Whether the cutover has come to its end: proven, or accepted as it is."""
    proof, cutover = state.proof, state.cutover
    return (
        proof is not None and not cutover.taken_back and (proof.proven or cutover.accept_unproven)
    )


def goes_back(state: State) -> bool:
    """Whether replay is to go on, though the drain was proven."""
    return bool(state.cutover.taken_back) or (state.proof is not None and not is_over(state))


def give_up(context: Context, replication: Replication, error: Exception) -> None:
    """Lift the fence and go on replaying; the drain is not proven."""
    if isinstance(error, psycopg.Error):
        error = server_error("A server refused", error)
    lifted = "; the fence is lifted" if _lift_fence(context) else ""
    replication.go_on()
    context.tell(CutoverGivenUp(reason=f"{error}{lifted}"))
    context.tell(PhaseEntered(phase=Phase.REPLICATE))


def go_back(context: Context, replication: Replication) -> None:
    """Lift the fence, unless it is to be kept, hold the target again, and go on replaying.

    The fence first: until it is lifted applications wait. Raises ServerError where the target
    cannot be held; a resume does it again.
    """
    cutover = context.state.cutover
    kept = cutover.keep_fence and not cutover.taken_back and read_only(context.state)
    if not kept:
        step(context, "fence lifted", lambda: _lifted(context))
    step(context, "target held", lambda: hold_again(context), attempts=ATTEMPTS)
    replication.go_on()
    context.tell(_given_back(context.state, kept=kept))


def unfence(context: Context) -> None:
    """Lift a fence that was kept; replay goes on, whatever comes of it."""
    try:
        step(context, "fence lifted", lambda: _lifted(context))
    except ServerError as error:
        context.note(f"Not done: {error}", level="warning")


def _given_back(state: State, *, kept: bool) -> CutoverGivenBack:
    proof, cutover = state.proof, state.cutover
    name = state.endpoints.source_database if state.endpoints else ""
    said: tuple[str, ...] = ()
    todo: tuple[str, ...] = (f"Then cut over again: lmtui cutover --confirm {name}.",)
    if proof is not None and not proof.proven:
        said, todo = reasons(proof), ways(proof, name, cutover.fence)
    if cutover.taken_back:
        said = (f"Taken back by {cutover.taken_back}", *said)
    if kept:
        todo = (f"{UNFENCE} makes the source writable again, which it is not now.", *todo)
    return CutoverGivenBack(reasons=said, ways=todo, fence_kept=kept)


def _lifted(context: Context) -> str:
    began = context.state.cutover.fenced_at
    steps = _lift_fence(context)
    seconds = round(time.time() - began.timestamp(), 3) if began is not None else 0.0
    context.tell(FenceLifted(seconds=seconds))
    return "the source takes writes again" if steps else "there was none"


def _lift_fence(context: Context) -> int:
    """Lift the fence, as soon as the source can be reached."""
    told = False
    while True:
        try:
            steps = lift_fence(context.ledger, context.source)
            break
        except (ConnectionFailedError, ServerError) as error:
            sqlstate = getattr(error, "sqlstate", "")
            if sqlstate and not sqlstate.startswith(_LOST):
                raise
            if not told:
                context.note(f"The fence cannot be lifted yet: {error}", level="warning")
                told = True
            context.wait(1.0)
    if steps or read_only(context.state):
        _let_write(context)
    return steps


def _let_write(context: Context) -> None:
    """A session that began behind the fence would stay read-only for as long as it lives."""
    try:
        ended = end_read_only_sessions(context.source)
    except LmtuiError as error:
        context.note(str(error), level="warning")
        return
    if ended:
        said = count_noun(ended, "session that", "sessions that")
        context.note(f"{said} began behind the fence: ended, so that the next one may write")
