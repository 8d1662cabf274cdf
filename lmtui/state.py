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

RECENT = 200
HISTORY = 600
# The step by which the target may be used.
READY = "target ready"


class CutoverState(msgspec.Struct, frozen=True, kw_only=True):
    """The cutover under way, or the last one.

    `fenced_at` starts the clock of the downtime, `ready_at` ends it.
    """

    requested: bool = False
    fence: str = ""
    timeout_seconds: int = 0
    requested_at: datetime | None = None
    fenced_at: datetime | None = None
    steps: tuple[e.CutoverStep, ...] = ()
    given_up: str = ""
    waived: tuple[str, ...] = ()
    sequence_margin: int = 0
    ready_at: datetime | None = None
    keep_source_ready: bool = False
    by: str = ""


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared ahead of the cutover, as events.VerifiedAhead has it."""

    at: datetime
    lsn: str
    units: int
    compared: int
    different: tuple[str, ...] = ()
    seconds: float = 0.0


class SyncPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the stream as of which tables were copied: how many, and their bytes."""

    lsn: str
    at: datetime
    tables: int = 0
    bytes: int = 0


class Synchronised(msgspec.Struct, frozen=True, kw_only=True):
    """Which tables were copied as of which point, but for those of the slot's own snapshot.

    `copied` holds every table whose copy the journal has told, with its LSN; `aside` those that are
    to be copied by themselves, with the reason; `under_way` those of a resync that is not done, and
    `problem` why it could not be.
    """

    points: tuple[SyncPoint, ...] = ()
    copied: dict[tuple[str, str], str] = {}
    aside: dict[tuple[str, str], str] = {}
    under_way: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    problem: e.Problem | None = None


class LagPoint(msgspec.Struct, frozen=True):
    """One point of the lag chart, and what was kept on both disks then, in bytes."""

    at: datetime
    lag_bytes: int
    lag_seconds: float
    retained_bytes: int = 0
    spool_bytes: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a front needs to know of a migration."""

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
                sync=Synchronised(points=(SyncPoint(lsn=event.lsn, at=record.at),)),
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
        case e.CutoverRequested() | e.CutoverStep() | e.CutoverGivenUp():
            return replace(state, cutover=_cutover(state.cutover, event, record.at))
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
            return replace(state, proof=event.proof)
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


def synchronised(
    sync: Synchronised,
    event: e.PointTaken | e.TablesCopied | e.TablesSetAside | e.ResyncBegun | e.ResyncFailed
    | e.TablesSynchronised,
    at: datetime,
) -> Synchronised:  # fmt: skip
    """What is known of the tables' points after an event."""
    match event:
        case e.PointTaken():
            return replace(sync, points=(*sync.points, SyncPoint(lsn=event.lsn, at=at)))
        case e.TablesCopied():
            return replace(
                sync,
                points=_counted(sync.points, event.lsn, len(event.tables), event.bytes, at),
                copied=sync.copied | dict.fromkeys(event.tables, event.lsn),
            )
        case e.TablesSetAside():
            return replace(sync, aside=sync.aside | dict.fromkeys(event.tables, event.reason))
        case e.ResyncBegun():
            under_way = (*sync.under_way, *(t for t in event.tables if t not in sync.under_way))
            return replace(sync, under_way=under_way, reason=event.reason, problem=None)
        case e.ResyncFailed():
            return replace(sync, problem=event.problem)
        case e.TablesSynchronised():
            done = frozenset(event.tables)
            return replace(
                sync,
                points=_counted(sync.points, event.lsn, len(done), event.bytes, at),
                copied=sync.copied | dict.fromkeys(event.tables, event.lsn),
                aside={name: why for name, why in sync.aside.items() if name not in done},
                under_way=tuple(name for name in sync.under_way if name not in done),
            )


def _counted(
    points: tuple[SyncPoint, ...], lsn: str, tables: int, size: int, at: datetime
) -> tuple[SyncPoint, ...]:
    """The points with so many more tables at one of them."""
    if not any(point.lsn == lsn for point in points):
        points = (*points, SyncPoint(lsn=lsn, at=at))
    return tuple(
        replace(point, tables=point.tables + tables, bytes=point.bytes + size)
        if point.lsn == lsn
        else point
        for point in points
    )


def _cutover(
    cutover: CutoverState,
    event: e.CutoverRequested | e.CutoverStep | e.CutoverGivenUp,
    at: datetime,
) -> CutoverState:
    match event:
        case e.CutoverRequested():
            return CutoverState(
                requested=True, fence=event.fence, timeout_seconds=event.timeout_seconds,
                requested_at=at, waived=event.waived, sequence_margin=event.sequence_margin,
                by=event.by, keep_source_ready=event.keep_source_ready,
            )  # fmt: skip
        case e.CutoverGivenUp():
            return replace(cutover, requested=False, given_up=event.reason, fenced_at=None)
        case e.CutoverStep():
            kept = tuple(step for step in cutover.steps if step.step != event.step)
            fenced = cutover.fenced_at
            if event.step == "fence" and event.status == "running":
                fenced = at
            ready = cutover.ready_at
            if event.step == READY and ready is None:
                ready = at
            return replace(cutover, steps=(*kept, event), fenced_at=fenced, ready_at=ready)


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
