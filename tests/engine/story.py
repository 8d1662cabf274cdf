"""What the tests of the engine share: the events of a whole migration."""

from datetime import UTC, datetime, timedelta

from lmtui import events as e
from lmtui.going_back import GoingBack
from lmtui.phases import Phase, Status
from lmtui.refused import Refused

BEGIN = datetime(2026, 1, 15, 22, 0, tzinfo=UTC)

ENDPOINTS = e.Endpoints(
    source="app@db1:5432/shop",
    target="tsdbadmin@cloud:33333/shop",
    source_database="shop",
    target_database="shop",
)

REFUSED = Refused(
    change="0/1900#2", kind="UPDATE", relation="public.orders", key="id = 7", values="n = 8",
    statement='update only "public"."orders" as t set "n" = $1 where "t"."id" = $2',
    words="0 rows of the target have this key; it must be one.",
)  # fmt: skip
UNPROVEN = e.Proof(
    at=BEGIN, equal=False, seconds=1.5,
    tables=(
        e.TableVerdict(
            schema="public", name="t", kind="table", source_rows=2, target_rows=1,
            source_checksum="1", target_checksum="2", equal=False, seconds=0.1,
        ),
    ),
    rows=(e.RowDifference(relation="public.t", key="id = 2", source="n = 1", target=None),),
)  # fmt: skip
EVENTS: tuple[e.AnyEvent, ...] = (
    e.MigrationPlanned(
        id="1a2b", version="1.0", endpoints=ENDPOINTS, slot="lmtui_1a2b", plugin="auto",
        cutover="manual",
    ),
    e.WorkerStarted(pid=4711),
    e.PhaseEntered(phase=Phase.PREFLIGHT),
    e.FindingsRecorded(
        findings=(e.Finding(id="x", side="source", severity="warning", title="A warning"),)
    ),
    e.PhaseEntered(phase=Phase.PREPARE),
    e.JobsPaused(jobs=("1001 compression",)),
    e.SlotCreated(slot="lmtui_1a2b", plugin="wal2json", lsn="0/16B3748", snapshot="00000003-1"),
    e.PhaseEntered(phase=Phase.SCHEMA),
    e.PhaseEntered(phase=Phase.COPY),
    e.CopyPlanned(tables=3, indexes=4, bytes=5_000_000),
    e.TablesCopied(lsn="0/16B3748", tables=(("public", "orders"),), bytes=4_000_000),
    e.PointTaken(lsn="0/17B3748", snapshot="00000004-1", kept=1, kept_bytes=4_000_000, left=2),
    e.TablesSetAside(tables=(("public", "notes"),), reason="emptied on the source"),
    e.TablesCopied(lsn="0/17B3748", tables=(("public", "lines"),), bytes=1_000_000),
    e.CopyFinished(seconds=12.5),
    e.TablesSynchronised(
        lsn="0/17B4000", tables=(("public", "notes"),), rows=10, bytes=400, seconds=0.5
    ),
    e.PhaseEntered(phase=Phase.CATCH_UP),
    e.ReplayStarted(),
    e.CaughtUp(lag_bytes=10, lag_seconds=0.5),
    e.PhaseEntered(phase=Phase.REPLICATE),
    e.DriftSeen(side="source", details=("table public.t added", "column a dropped")),
    e.DriftSeen(side="target", details=("index i added",)),
    e.DriftSeen(side="source", details=("table public.t added",)),
    e.DriftCleared(side="source"),
    e.ChunksDropped(chunks=("_timescaledb_internal._hyper_1_1_chunk",)),
    e.ChunksDropped(chunks=("_timescaledb_internal._hyper_1_2_chunk",)),
    e.FellBehind(lag_bytes=10**9, lag_seconds=100),
    e.Noted(level="warning", text="Something"),
    e.ForeignKeysLeft(count=3),
    e.ForeignKeysChecked(count=3),
    e.ResyncBegun(tables=(("public", "notes"), ("public", "lines")), reason="by request"),
    e.ResyncFailed(
        tables=(("public", "notes"), ("public", "lines")),
        problem=e.Problem(title="The target refused", detail="42501: no", hint="Grant it."),
    ),
    e.ResyncBegun(tables=(("public", "notes"),), reason="by request"),
    e.TablesSynchronised(
        lsn="0/17B5000", tables=(("public", "notes"), ("public", "lines")), rows=10, bytes=400,
        seconds=0.5,
    ),
    e.CaughtUp(lag_bytes=10, lag_seconds=0.5),
    e.Rehearsed(
        drain=0.1, lag_bytes=100, first_comparison=3.0, second_comparison=0.4, sequences=0.1,
        parts=4, parts_again=1, rows_again=10,
    ),
    e.VerifiedAhead(lsn="0/1800", units=4, compared=4, rows=10, seconds=0.3, pause=0.1),
    e.CutoverRequested(fence="readonly", timeout_seconds=300),
    e.PhaseEntered(phase=Phase.CUT_OVER),
    e.CutoverStep(step="fence", status="running"),
    e.CutoverStep(step="fence", status="failed", detail="refused"),
    e.CutoverGivenUp(reason="The fence could not be raised"),
    e.PhaseEntered(phase=Phase.REPLICATE),
    e.StatusChanged(status=Status.STOPPED),
    e.WorkerStopped(),
    e.WorkerStarted(pid=4712),
    e.StatusChanged(
        status=Status.FAILED,
        problem=e.Problem(title="It failed", detail="why", hint="do", refused=REFUSED),
    ),
    e.SkipAllowed(change=REFUSED),
    e.ChangeSkipped(change=REFUSED),
    e.StatusChanged(status=Status.RUNNING),
    e.CutoverRequested(fence="readonly", timeout_seconds=300, by="anna"),
    e.PhaseEntered(phase=Phase.CUT_OVER),
    e.CutoverStep(step="fence", status="running"),
    e.DrainProven(end_lsn="0/1900", applied_lsn="0/1900", seconds=0.7),
    e.PhaseEntered(phase=Phase.FINALIZE),
    e.PhaseEntered(phase=Phase.VALIDATE),
    e.Validated(proof=UNPROVEN),
    e.CutoverTakenBack(by="anna"),
    e.FenceLifted(seconds=7.5),
    e.CutoverGivenBack(reasons=("1 of 1 relation differs: public.t",), ways=("Repair it.",)),
    e.CutoverRequested(fence="terminate", timeout_seconds=60),
    e.PhaseEntered(phase=Phase.CUT_OVER),
    e.CutoverStep(step="fence", status="running"),
    e.CutoverStep(step="fence", status="done", detail="raised", seconds=0.5),
    e.DrainProven(end_lsn="0/2000", applied_lsn="0/2000", seconds=0.7),
    e.PhaseEntered(phase=Phase.FINALIZE),
    e.PhaseEntered(phase=Phase.VALIDATE),
    e.Validated(proof=e.Proof(at=BEGIN, equal=True, seconds=1.5)),
    e.SourceKeptReady(going_back=GoingBack(at=BEGIN, fenced=True, slot="lmtui_1")),
    e.Completed(proven=True, downtime_seconds=4.5),
    e.PhaseEntered(phase=Phase.COMPLETE),
    e.WorkerStopped(),
    e.PhaseEntered(phase=Phase.CLEANED_UP),
    e.CleanedUp(removed=("source: replication slot lmtui_1a2b dropped",)),
)  # fmt: skip


def records(events: tuple[e.AnyEvent, ...] = EVENTS) -> list[e.Record]:
    """The events, numbered, one a second."""
    return [
        e.Record(seq=number, at=BEGIN + timedelta(seconds=number), event=event)
        for number, event in enumerate(events, 1)
    ]
