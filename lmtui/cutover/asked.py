"""What is asked of a supervisor about the cutover: taken, or refused with the reason."""

from msgspec.structs import replace

from lmtui.control import Cutover, Reply
from lmtui.cutover.readiness import SKIPPED, readiness
from lmtui.cutover.steps import FENCES, dry_run
from lmtui.errors import BlockedError, UsageError
from lmtui.fenced import read_only
from lmtui.migration.context import Context
from lmtui.phases import Phase


def refuse_unconfirmed(context: Context, confirm: str, what: str) -> None:
    """Raise BlockedError where `confirm` is not the source database's name."""
    name = context.state.endpoints.source_database if context.state.endpoints else ""
    if confirm != name:
        raise BlockedError(
            f"The {what} is not confirmed",
            detail=f"Given was {confirm!r}, the source database is {name!r}.",
            hint=f"Confirm with the source database's name: {name}",
        )


def take_lifting(context: Context) -> Reply:
    """Take the wish to lift a fence that was kept. Raises BlockedError where that cannot be."""
    state = context.state
    if not read_only(state):
        raise BlockedError("There is no fence of this migration that could be lifted")
    if context.cutover is not None or state.phase not in (Phase.CATCH_UP, Phase.REPLICATE):
        raise BlockedError(
            "The fence cannot be lifted now",
            detail="A cutover is under way.",
            hint="Once it is proven, the source must stay as it is. Else replay goes on by itself; "
            "or lmtui stop, then lmtui unfence.",
        )
    context.unfence.set()
    return Reply(ok=True)


def take_cutover(context: Context, request: Cutover) -> Reply:
    """Take a cutover, as of what is so now. Raises UsageError, BlockedError."""
    sample = context.state.sample
    if request.fence not in FENCES:
        raise UsageError(
            f"There is no fence {request.fence!r}", hint=f"The fences are {', '.join(FENCES)}."
        )
    if request.dry_run:
        return Reply(ok=True, lines=dry_run(context.state, request))
    refuse_unconfirmed(context, request.confirm, "cutover")
    if context.state.phase is Phase.CUT_OVER:
        raise BlockedError(
            "A cutover is under way", hint="lmtui status shows it; Ctrl-C there cancels it."
        )
    # Judged anew: the state may have changed since the sample was taken.
    if sample is None:
        raise BlockedError(
            "The cutover cannot begin", detail="Nothing was measured yet", hint="Wait a moment."
        )
    now = readiness(context.state, sample, request.waive)
    if now.blockers:
        raise BlockedError(
            "The cutover cannot begin",
            detail="\n".join(f"{gate.code}: {gate.title}: {gate.detail}" for gate in now.blockers),
            hint="\n".join(
                part for gate in now.blockers for part in (gate.hint, gate.waive) if part
            ),
        )
    if not request.accept_unproven and any(one.code == SKIPPED for one in now.waived):
        raise BlockedError(
            "The cutover would come to no end: changes of the source were skipped",
            detail="An end is proven only where nothing was; without that, replay goes on again.",
            hint="To end the migration all the same: lmtui cutover --accept-unproven, as well.",
        )
    for gate in now.waived:
        context.ledger.record(
            side="source",
            what=f"waived by the operator: {gate.code}",
            before=f"{gate.title}: {gate.detail}",
            undo="",
            until="told",
        )
    context.cutover = replace(request, waive=tuple(gate.code for gate in now.waived))
    return Reply(ok=True)
