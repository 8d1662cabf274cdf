"""The cutover from request to verdict: fence, drain, finish, proof."""

import secrets
import time
from collections.abc import Callable

import psycopg
from msgspec.structs import replace

from lmtui.control import Cutover
from lmtui.cutover import drain, finish
from lmtui.cutover.fence import await_silence, lift_fence, raise_fence
from lmtui.cutover.identity import copy_replica_identities
from lmtui.database import connect, server_error
from lmtui.errors import ConnectionFailedError, CutoverError, LmtuiError, ServerError
from lmtui.events import (
    Completed,
    CutoverGivenUp,
    CutoverRequested,
    CutoverStep,
    PhaseEntered,
    Validated,
)
from lmtui.humane import count_noun
from lmtui.migration.context import Context, StoppedError
from lmtui.migration.replication import Replication
from lmtui.migration.slot import drop_slot
from lmtui.phases import Phase
from lmtui.replay import progress
from lmtui.validation.compare import compare
from lmtui.validation.kept import Kept

WATCH_SECONDS = 30.0
# Without a fence, a writer that happens to be silent during the comparison must still be seen.
UNFENCED_SECONDS = 5.0
# A connection that was lost or could not be made, and a server that was shut down.
_LOST = ("08", "57P")


def cut_over(context: Context, replication: Replication, request: Cutover) -> bool:
    """Cut over; says whether the migration is at its end.

    Until the drain is proven, any failure lifts the fence and replay goes on: False. Afterwards
    failures are raised, and a resume does the finishing steps again.
    """
    context.cutover_cancelled.clear()
    context.tell(
        CutoverRequested(
            fence=request.fence, timeout_seconds=request.timeout_seconds, waived=request.waive
        )
    )
    context.tell(PhaseEntered(phase=Phase.CUT_OVER))
    try:
        _drain(context, replication, request)
    except (LmtuiError, psycopg.Error) as error:
        give_up(context, replication, error)
        if isinstance(error, StoppedError):
            raise
        return False
    finish_and_prove(context, replication)
    return True


def give_up(context: Context, replication: Replication, error: Exception) -> None:
    """Lift the fence and go on replaying."""
    if isinstance(error, psycopg.Error):
        error = server_error("A server refused", error)
    steps = _lift_fence(context)
    replication.go_on()
    lifted = "; the fence is lifted" if steps else ""
    context.tell(CutoverGivenUp(reason=f"{error}{lifted}"))
    context.tell(PhaseEntered(phase=Phase.REPLICATE))


def _lift_fence(context: Context) -> int:
    """Lift the fence, as soon as the source can be reached."""
    told = False
    while True:
        try:
            return lift_fence(context.ledger, context.source)
        except (ConnectionFailedError, ServerError) as error:
            sqlstate = getattr(error, "sqlstate", "")
            if sqlstate and not sqlstate.startswith(_LOST):
                raise
            if not told:
                context.note(f"The fence cannot be lifted yet: {error}", level="warning")
                told = True
            context.wait(1.0)


def _drain(context: Context, replication: Replication, request: Cutover) -> None:
    deadline = time.monotonic() + request.timeout_seconds

    def check() -> None:
        context.check_stop()
        replication.watch()
        if context.cutover_cancelled.is_set():
            raise CutoverError("The cutover was cancelled")
        if time.monotonic() > deadline:
            raise CutoverError(
                f"The cutover took longer than {request.timeout_seconds} s",
                hint="Nothing was lost. Cut over again, with --timeout for more time.",
            )

    nonce = secrets.token_hex(8)
    with connect(context.source, application="lmtui cutover", lock_timeout=10) as source:
        _step(context, "fence", lambda: _fence(context, source, request.fence, check))
        replication.end_at(nonce)
        content = f"drain:{nonce}"

        def drained() -> str:
            end = drain.write_marker(source, content)
            proven = drain.await_marker(
                content, end, context.target, context.state.slot, lambda: context.applier, check
            )
            context.tell(proven)
            return f"applied up to {proven.applied_lsn}"

        _step(context, "drain", drained)


def _fence(
    context: Context,
    source: psycopg.Connection[tuple[object, ...]],
    kind: str,
    check: Callable[[], None],
) -> str:
    raise_fence(source, context.ledger, kind)
    if kind == "none":
        return "none: writers are not kept from the source"
    await_silence(source, check)
    return "the source is read-only, its sessions were ended"


def finish_and_prove(context: Context, replication: Replication) -> None:
    """Finish the target and prove it. May be repeated after a crash."""
    source, target, ledger = context.source, context.target, context.ledger
    context.tell(PhaseEntered(phase=Phase.FINALIZE))
    _step(context, "sequences", lambda: finish.set_sequences(source, target))
    _step(context, "identity columns", lambda: finish.restore_identity(ledger, target))
    _step(context, "replica identities", lambda: copy_replica_identities(source, target))
    _step(context, "materialized views", lambda: finish.refresh_matviews(target))
    context.tell(PhaseEntered(phase=Phase.VALIDATE))
    _step(context, "comparison", lambda: _prove(context, replication))
    _step(context, "triggers", lambda: finish.restore_triggers(ledger, target))
    replication.stop()
    conclude(context)


def conclude(context: Context) -> None:
    """Do what is left behind the proof. May be repeated after a crash, also without the slot."""
    source, target, ledger = context.source, context.target, context.ledger
    proof = context.state.proof
    equal = proof is not None and proof.equal and not proof.changes_after_end
    with connect(source) as connection:
        # A slot that nobody reads would keep the source's log for ever.
        drop_slot(connection, context.state.slot)
    if equal:
        _step(context, "jobs", lambda: finish.resume_jobs(ledger, target))
    else:
        lift_fence(ledger, source)
    _step(context, "statistics", lambda: finish.analyze(target))
    fenced = context.state.cutover.fenced_at
    context.tell(
        Completed(
            # What was skipped may be lacking where nothing was compared.
            proven=equal and proof is not None and not proof.changes_skipped,
            downtime_seconds=round(time.time() - fenced.timestamp(), 1) if fenced else 0.0,
        )
    )


def _prove(context: Context, replication: Replication) -> str:
    skip = [_qualified(name) for name in context.plan.skip_table_data]
    began = time.monotonic()
    kept = Kept.load(context.directory)
    proof = compare(context.source, context.target, jobs=2, skip=skip, kept=kept)
    if context.state.cutover.fence == "none":
        context.wait(max(0.0, UNFENCED_SECONDS - (time.monotonic() - began)))
    after = _changes_after_end(context, replication)
    with connect(context.target, read_only=True) as connection:
        skipped = progress.read(connection, context.state.slot).counts.skipped
    proof = replace(proof, changes_after_end=after, changes_skipped=skipped)
    context.tell(Validated(proof=proof))
    unequal = sum(not table.equal for table in proof.tables)
    ahead, parts = (sum(getattr(one, name) for one in proof.tables) for name in ("ahead", "parts"))
    said = f"{len(proof.tables)} relations compared, {unequal} differ"
    if ahead:
        said += f"; {ahead} of {parts} parts were compared ahead and have not changed since"
    said += f"; {after} changes on the source after the end" if after else ""
    return f"{said}; {count_noun(skipped, 'change')} skipped" if skipped else said


def _changes_after_end(context: Context, replication: Replication) -> int:
    """Changes that the source made behind the drain marker, up to now.

    A second marker tells when the stream was read to here.
    """
    content = f"watch:{secrets.token_hex(8)}"
    with connect(context.source, application="lmtui cutover") as source:
        drain.write_marker(source, content)
    deadline = time.monotonic() + WATCH_SECONDS
    while True:
        report = context.applier
        if report is not None and report.watched == content:
            return report.after_end
        if time.monotonic() > deadline:
            raise CutoverError(
                "The stream after the drain could not be watched to its end",
                hint="lmtui resume tries again.",
            )
        replication.watch()
        context.wait(0.02)


def _qualified(name: str) -> tuple[str, str]:
    schema, _, table = name.rpartition(".")
    return schema or "public", table


def _step(context: Context, name: str, work: Callable[[], str]) -> None:
    context.tell(CutoverStep(step=name, status="running"))
    began = time.monotonic()
    try:
        detail = work()
    except Exception as error:
        context.tell(
            CutoverStep(step=name, status="failed", detail=str(error), seconds=_since(began))
        )
        raise
    context.tell(CutoverStep(step=name, status="done", detail=detail, seconds=_since(began)))


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
