"""The cutover from request to verdict: fence, drain, finish, proof."""

import secrets
import time
from collections.abc import Callable

import psycopg

from lmtui.control import Cutover
from lmtui.cutover import drain, finish
from lmtui.cutover.aggregates import refresh_aggregates
from lmtui.cutover.fence import await_silence, lift_fence, raise_fence
from lmtui.cutover.identity import copy_replica_identities
from lmtui.cutover.jobs import resume_jobs
from lmtui.cutover.kept_ready import keep_ready
from lmtui.cutover.properties import copy_properties
from lmtui.cutover.proving import prove
from lmtui.cutover.step import ATTEMPTS, step
from lmtui.cutover.verifiers import copy_verifiers
from lmtui.cutover.watch import FenceWatch
from lmtui.database import connect, server_error
from lmtui.errors import ConnectionFailedError, CutoverError, LmtuiError, ServerError
from lmtui.events import (
    Completed,
    CutoverGivenUp,
    CutoverRequested,
    CutoverStep,
    PhaseEntered,
    SourceKeptReady,
)
from lmtui.humane import count_noun
from lmtui.migration.context import Context, StoppedError
from lmtui.migration.replication import Replication
from lmtui.migration.slot import drop_slot
from lmtui.phases import Phase
from lmtui.state import READY

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
            fence=request.fence,
            timeout_seconds=request.timeout_seconds,
            waived=request.waive,
            sequence_margin=request.sequence_margin,
            keep_source_ready=request.keep_source_ready or context.plan.keep_source_ready,
            by=request.by,
        )
    )
    context.tell(PhaseEntered(phase=Phase.CUT_OVER))
    with FenceWatch(context.source) as watch:
        try:
            # Before the fence: it takes long where there are many, and nothing waits for it.
            step(context, "properties", lambda: _copy_properties(context))
            if request.copy_passwords:
                step(context, "passwords", lambda: _copy_verifiers(context))
            _drain(context, replication, request, watch)
        except (LmtuiError, psycopg.Error) as error:
            give_up(context, replication, error)
            if isinstance(error, StoppedError):
                raise
            return False
        _finish_and_prove(context, replication, watch)
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


def _drain(context: Context, replication: Replication, request: Cutover, watch: FenceWatch) -> None:
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
        step(context, "fence", lambda: _fence(context, source, request.fence, check))
        watch.begin()
        replication.end_at(nonce)
        content = f"drain:{nonce}"

        def drained() -> str:
            end = drain.write_marker(source, content)
            proven = drain.await_marker(
                content, end, context.target, context.state.slot, lambda: context.applier, check
            )
            context.tell(proven)
            return f"applied up to {proven.applied_lsn}"

        step(context, "drain", drained)


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
    """Finish the target and prove it, behind a drain that an earlier process has proven."""
    with FenceWatch(context.source) as watch:
        watch.begin()
        _finish_and_prove(context, replication, watch)


def _finish_and_prove(context: Context, replication: Replication, watch: FenceWatch) -> None:
    """May be repeated after a crash, as may each step."""
    source, target, ledger = context.source, context.target, context.ledger
    margin = context.state.cutover.sequence_margin

    def finished(name: str, work: Callable[[], str]) -> None:
        step(context, name, work, attempts=ATTEMPTS)

    context.tell(PhaseEntered(phase=Phase.FINALIZE))
    finished("sequences", lambda: finish.set_sequences(source, target, margin))
    finished("identity columns", lambda: finish.restore_identity(ledger, target))
    finished("replica identities", lambda: copy_replica_identities(source, target))
    slot, directory = context.state.slot, context.directory
    finished("continuous aggregates", lambda: refresh_aggregates(source, target, slot, directory))
    finished("materialized views", lambda: finish.refresh_matviews(target))
    context.tell(PhaseEntered(phase=Phase.VALIDATE))
    finished("comparison", lambda: prove(context, replication, watch))
    finished("triggers", lambda: finish.restore_triggers(ledger, target))
    conclude(context, replication)


def _copy_properties(context: Context) -> str:
    """Owners, rights, comments and settings; what is refused is told once."""
    said, *refused = copy_properties(
        context.source, context.target, roles=not context.plan.skip_roles
    )
    if refused:
        context.note(f"Not set on the target: {'; '.join(refused)}", level="warning")
        said += f", {len(refused)} refused"
    return said


def _copy_verifiers(context: Context) -> str:
    names = copy_verifiers(context.source, context.target)
    context.ledger.record(
        side="target",
        what=f"SCRAM verifiers copied by consent, of {', '.join(names) or 'no role'}",
        undo="",
        until="told",
    )
    return f"of {count_noun(len(names), 'role')}"


def _keep_ready(context: Context) -> str:
    found = keep_ready(
        context.directory, context.ledger, context.source, context.target, context.state.slot
    )
    context.tell(SourceKeptReady(going_back=found))
    return "where both sides stand is kept: lmtui going-back says what it takes"


def conclude(context: Context, replication: Replication | None = None) -> None:
    """Do what is left behind the proof. May be repeated after a crash, also without the slot."""
    source, target, ledger = context.source, context.target, context.ledger
    proof = context.state.proof
    equal = proof is not None and proof.equal and not proof.changes_after_end
    if equal:
        paused = {int(job.split()[0]) for job in context.state.jobs_paused}
        step(
            context, "jobs", lambda: resume_jobs(ledger, source, target, paused), attempts=ATTEMPTS
        )
    else:
        lift_fence(ledger, source)
    step(context, "first statistics", lambda: finish.analyze(target, quick=True), attempts=ATTEMPTS)
    cutover = context.state.cutover
    if equal and cutover.keep_source_ready and cutover.ready_at is None:
        if replication is not None:
            # Its last writes must be counted before those of others.
            replication.stop()
        step(context, "way back", lambda: _keep_ready(context), attempts=ATTEMPTS)
    if cutover.ready_at is None and cutover.fenced_at is not None:
        seconds = round(time.time() - cutover.fenced_at.timestamp(), 3)
        words = "it may be used" if equal else "not proven equal: do not use it yet"
        context.tell(CutoverStep(step=READY, status="done", detail=words, seconds=seconds))
    if replication is not None:
        replication.stop()
    with connect(source) as connection:
        # A slot that nobody reads would keep the source's log for ever.
        drop_slot(connection, context.state.slot)
    step(context, "all statistics", lambda: finish.analyze(target), attempts=ATTEMPTS)
    fenced, ready = context.state.cutover.fenced_at, context.state.cutover.ready_at
    context.tell(
        Completed(
            # What was skipped may be lacking where nothing was compared.
            proven=equal and proof is not None and not proof.changes_skipped,
            downtime_seconds=round((ready - fenced).total_seconds(), 3)
            if fenced and ready
            else 0.0,
        )
    )
