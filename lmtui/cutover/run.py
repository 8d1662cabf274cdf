"""The cutover from request to verdict: fence, drain, finish, proof; where that fails, back."""

import secrets
import time
from collections.abc import Callable

import psycopg

from lmtui.control import Cutover
from lmtui.cutover import drain, finish
from lmtui.cutover.aggregates import refresh_aggregates
from lmtui.cutover.back import give_up, go_back, goes_back
from lmtui.cutover.fence import await_silence, raise_fence
from lmtui.cutover.identity import copy_replica_identities
from lmtui.cutover.jobs import resume_jobs
from lmtui.cutover.kept_ready import keep_ready
from lmtui.cutover.properties import copy_properties
from lmtui.cutover.proving import prove
from lmtui.cutover.step import ATTEMPTS, step
from lmtui.cutover.verifiers import copy_verifiers
from lmtui.cutover.watch import FenceWatch
from lmtui.database import connect
from lmtui.errors import CutoverError, LmtuiError
from lmtui.events import (
    Completed,
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


def cut_over(context: Context, replication: Replication, request: Cutover) -> bool:
    """Cut over; says whether the migration is at its end.

    Until the drain is proven, any failure lifts the fence and replay goes on: False. So it does
    where the end is not proven. Other failures behind the drain are raised, and a resume does the
    finishing steps again.
    """
    context.cutover_cancelled.clear()
    context.tell(
        CutoverRequested(
            fence=request.fence,
            timeout_seconds=request.timeout_seconds,
            waived=request.waive,
            sequence_margin=request.sequence_margin,
            keep_source_ready=request.keep_source_ready or context.plan.keep_source_ready,
            accept_unproven=request.accept_unproven,
            keep_fence=request.keep_fence,
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
        return _finish_and_prove(context, replication, watch)


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


def go_on(context: Context, replication: Replication) -> bool:
    """Go on behind a drain that an earlier process has proven; says as `cut_over` does."""
    if goes_back(context.state):
        go_back(context, replication)
        return False
    with FenceWatch(context.source) as watch:
        watch.begin()
        return _finish_and_prove(context, replication, watch)


def _finish_and_prove(context: Context, replication: Replication, watch: FenceWatch) -> bool:
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
    if goes_back(context.state):
        go_back(context, replication)
        return False
    conclude(context, replication)
    return True


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
    """Do what is left behind an end that is proven, or accepted as it is.

    May be repeated after a crash, also without the slot.
    """
    source, target, ledger = context.source, context.target, context.ledger
    state = context.state
    assert state.proof is not None  # noqa: S101
    proven, cutover = state.proof.proven, state.cutover

    def finished(name: str, work: Callable[[], str]) -> None:
        step(context, name, work, attempts=ATTEMPTS)

    paused = {int(job.split()[0]) for job in state.jobs_paused}
    finished("triggers", lambda: finish.restore_triggers(ledger, target))
    finished("jobs", lambda: resume_jobs(ledger, source, target, paused))
    finished("first statistics", lambda: finish.analyze(target, quick=True))
    if cutover.keep_source_ready and cutover.ready_at is None:
        if replication is not None:
            # Its last writes must be counted before those of others.
            replication.stop()
        finished("way back", lambda: _keep_ready(context))
    if cutover.ready_at is None and cutover.fenced_at is not None:
        seconds = round(time.time() - cutover.fenced_at.timestamp(), 3)
        words = "it may be used" if proven else f"not proven equal, as {cutover.by} has accepted"
        context.tell(CutoverStep(step=READY, status="done", detail=words, seconds=seconds))
    if replication is not None:
        replication.stop()
    with connect(source) as connection:
        # A slot that nobody reads would keep the source's log for ever.
        drop_slot(connection, state.slot)
    finished("all statistics", lambda: finish.analyze(target))
    fenced, ready = context.state.cutover.fenced_at, context.state.cutover.ready_at
    context.tell(
        Completed(
            proven=proven,
            downtime_seconds=round((ready - fenced).total_seconds(), 3)
            if fenced and ready
            else 0.0,
        )
    )
