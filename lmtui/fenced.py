"""Whether a fence keeps writers from the source, and which command ends that. Pure."""

from lmtui.phases import Phase
from lmtui.refused import Problem
from lmtui.state import State

UNFENCE = "lmtui unfence"
# The phases of a cutover that is under way.
CUTTING = (Phase.CUT_OVER, Phase.FINALIZE, Phase.VALIDATE)


def read_only(state: State) -> bool:
    """Whether the source is read-only though the migration is not at its end."""
    cutover = state.cutover
    raised = cutover.fenced_at is not None and cutover.fence != "none"
    return cutover.fence_kept or (raised and state.phase in CUTTING)


def read_only_words(state: State) -> str:
    """That it is so, and since when."""
    since = state.cutover.fenced_at
    return "The source is read-only" + (f" since {since:%H:%M:%S} UTC" if since else "")


def ways_out(state: State) -> str:
    """The commands that end it, where no supervisor works on a cutover."""
    if state.phase not in CUTTING:
        return f"{UNFENCE} makes it writable again."
    if state.cutover.ready_at is not None:
        return "The target is ready and may be in use: lmtui resume does what is left."
    back = f"{UNFENCE} makes it writable again and goes back to replay."
    if state.phase is Phase.CUT_OVER:
        return f"{back} So does lmtui resume."
    return f"lmtui resume goes on with the cutover; {back}"


def behind_fence(state: State, problem: Problem | None) -> Problem | None:
    """The problem that a migration stops with, with what weighs most said first."""
    if not read_only(state):
        return problem
    if problem is None:
        return Problem(title=f"{read_only_words(state)}, and stopped there", hint=ways_out(state))
    return Problem(
        title=f"{read_only_words(state)}: {problem.title}",
        detail=problem.detail,
        hint="\n".join(part for part in (ways_out(state), problem.hint) if part),
        refused=problem.refused,
    )
