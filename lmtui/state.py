"""The state of a migration: a pure reduction of its journal and its latest sample."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from lmtui import events as e
from lmtui.going_back import GoingBack
from lmtui.phases import ALLOWED, Phase, Status
from lmtui.refused import Refused
from lmtui.sample import Sample
from lmtui.state_cutover import READY as READY
from lmtui.state_cutover import CutoverState as CutoverState
from lmtui.state_cutover import reduce_cutover
from lmtui.sync_state import Synchronised, SyncPoint, synchronised
from lmtui.tablesync.judgement import STALE

RECENT = 200
HISTORY = 600


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared ahead of the cutover, as events.VerifiedAhead has it."""

    at: datetime
    lsn: str
    units: int
    compared: int
    different: tuple[str, ...] = ()
    seconds: float = 0.0


class LagPoint(msgspec.Struct, frozen=True):
    """One point of the lag chart, and what was kept on both disks then, in bytes."""

    at: datetime
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int = 0
    spool_bytes: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a front needs to know of a migration.

    `drain` and `proof` are of the cutover under way, or of the last one; `not_proven` is what that
    found which was given back to replay, until another one has compared.
    """

    exists: bool = False
    seq: int = 0
    id: str = ""
    version: str = ""
    endpoints: e.Endpoints | None = None
    slot: str = ""
    plugin: str = ""
    snapshot: str = ""
    cutover_mode: str = "manual"
    phase: Phase = Phase.PLANNING
    status: Status = Status.WAITING
    problem: e.Problem | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    worker_pid: int = 0
    findings: tuple[e.Finding, ...] = ()
    jobs_paused: tuple[str, ...] = ()
    copy_plan: e.CopyPlanned | None = None
    copy_seconds: float | None = None
    sync: Synchronised = Synchronised()
    foreign_keys_left: int = 0
    caught_up: bool = False
    drift: tuple[str, ...] = ()
    chunks_dropped: tuple[str, ...] = ()
    skips_allowed: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()
    cutover: CutoverState = CutoverState()
    drain: e.DrainProven | None = None
    ahead: Ahead | None = None
    rehearsal: e.Rehearsed | None = None
    proof: e.Proof | None = None
    not_proven: e.Proof | None = None
    going_back: GoingBack | None = None
    proven: bool | None = None
    downtime_seconds: float = 0.0
    removed: tuple[str, ...] = ()
    recent: tuple[e.Record, ...] = ()
    sample: Sample | None = None
    lag_history: tuple[LagPoint, ...] = ()


class IllegalTransitionError(Exception):
    """The journal claims a transition that does not exist."""


def reduce(state: State, record: e.Record) -> State:
    """Return the state after `record`."""
    state = replace(
        state, seq=record.seq, exists=True, recent=(*state.recent[-(RECENT - 1) :], record)
    )
    event = record.event
    match event:
        case e.MigrationPlanned():
            return replace(
                state, id=event.id, version=event.version, endpoints=event.endpoints,
                slot=event.slot, plugin=event.plugin, cutover_mode=event.cutover,
                started_at=record.at, status=Status.RUNNING,
            )  # fmt: skip
        case e.WorkerStarted():
            # Whether it still keeps up has to be seen anew.
            return replace(state, worker_pid=event.pid, caught_up=False)
        case e.WorkerStopped():
            return replace(state, worker_pid=0)
        case e.PhaseEntered():
            return _enter(state, event.phase, record.at)
        case e.StatusChanged():
            return replace(state, status=event.status, problem=event.problem)
        case e.FindingsRecorded():
            return replace(state, findings=event.findings)
        case e.SlotCreated():
            return replace(
                state, slot=event.slot, plugin=event.plugin, snapshot=event.snapshot,
                copy_plan=None, copy_seconds=None,
                sync=Synchronised(
                    points=(SyncPoint(lsn=event.lsn, at=record.at),),
                    aside=dict.fromkeys(event.stale, STALE),
                ),
                foreign_keys_left=0,
            )  # fmt: skip
        case e.JobsPaused():
            return replace(state, jobs_paused=event.jobs)
        case e.ForeignKeysLeft():
            return replace(state, foreign_keys_left=event.count)
        case e.ForeignKeysChecked():
            return replace(state, foreign_keys_left=0)
        case (
            e.PointTaken() | e.TablesCopied() | e.TablesSetAside() | e.ResyncBegun()
            | e.ResyncFailed() | e.TablesSynchronised()
        ):  # fmt: skip
            return replace(state, sync=synchronised(state.sync, event, record.at))
        case e.CopyPlanned():
            return replace(state, copy_plan=event)
        case e.CopyFinished():
            return replace(state, copy_seconds=event.seconds)
        case e.CaughtUp():
            return replace(state, caught_up=True)
        case e.FellBehind():
            return replace(state, caught_up=False)
        case e.DriftSeen():
            kept = tuple(d for d in state.drift if not d.startswith(f"{event.side}: "))
            return replace(
                state, drift=kept + tuple(f"{event.side}: {detail}" for detail in event.details)
            )
        case e.DriftCleared():
            kept = tuple(d for d in state.drift if not d.startswith(f"{event.side}: "))
            return replace(state, drift=kept)
        case e.SkipAllowed():
            return replace(state, skips_allowed=(*state.skips_allowed, event.change))
        case e.ChangeSkipped():
            return replace(state, skipped=(*state.skipped, event.change))
        case e.ChunksDropped():
            return replace(state, chunks_dropped=state.chunks_dropped + event.chunks)
        case e.CutoverGivenBack():
            return _give_back(state, event, record.at)
        case (
            e.CutoverRequested() | e.CutoverStep() | e.CutoverGivenUp() | e.CutoverTakenBack()
            | e.FenceLifted()
        ):  # fmt: skip
            return replace(state, cutover=reduce_cutover(state.cutover, event, record.at))
        case e.DrainProven():
            return replace(state, drain=event)
        case e.VerifiedAhead():
            ahead = Ahead(
                at=record.at, lsn=event.lsn, units=event.units, compared=event.compared,
                different=event.different, seconds=event.seconds,
            )  # fmt: skip
            return replace(state, ahead=ahead)
        case e.Rehearsed():
            return replace(state, rehearsal=event)
        case e.SourceKeptReady():
            return replace(state, going_back=event.going_back)
        case e.Validated():
            return replace(state, proof=event.proof, not_proven=None)
        case e.Completed():
            return replace(
                state, phase=Phase.COMPLETE, proven=event.proven,
                downtime_seconds=event.downtime_seconds,
                ended_at=record.at, status=Status.DONE, problem=None,
            )  # fmt: skip
        case e.CleanedUp():
            return replace(state, removed=event.removed, status=Status.DONE)
        case e.ReplayStarted() | e.Noted():
            return state


def _enter(state: State, phase: Phase, at: datetime) -> State:
    if phase is not state.phase and phase not in ALLOWED[state.phase]:
        raise IllegalTransitionError(f"{state.phase} to {phase} in record {state.seq}")
    ended = at if phase is Phase.CLEANED_UP and state.ended_at is None else state.ended_at
    return replace(state, phase=phase, status=Status.RUNNING, problem=None, ended_at=ended)


def _give_back(state: State, event: e.CutoverGivenBack, at: datetime) -> State:
    """Back in replay, at once: nothing may be concluded from this drain or this proof any more."""
    unproven = state.proof is not None and not state.proof.proven
    return replace(
        _enter(state, Phase.REPLICATE, at),
        cutover=reduce_cutover(state.cutover, event, at),
        drain=None, proof=None, not_proven=state.proof if unproven else None,
    )  # fmt: skip


def reduce_all(records: Iterable[e.Record]) -> State:
    """Reduce a whole journal."""
    state = State()
    for record in records:
        state = reduce(state, record)
    return state


def with_sample(state: State, sample: Sample) -> State:
    """Return the state with `sample` as its latest measurements."""
    point = LagPoint(
        sample.at, sample.replay.lag_bytes, sample.replay.lag_seconds,
        sample.source.retained_bytes, sample.spool.bytes,
    )  # fmt: skip
    return replace(state, sample=sample, lag_history=(*state.lag_history[-(HISTORY - 1) :], point))
