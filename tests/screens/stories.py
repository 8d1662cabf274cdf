"""Journals of made-up migrations, reduced by the real reducer; all times are fixed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from lmtui import events as e
from lmtui.phases import Phase, Status
from lmtui.sample import (
    Applied,
    CopySample,
    Evidence,
    Gate,
    Readiness,
    ReplaySample,
    Sample,
    SourceSample,
    SpoolSample,
    SyncSample,
    TableCopy,
)
from lmtui.state import State, reduce_all, with_sample

BEGAN = datetime(2026, 3, 14, 22, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=2, minutes=10)
KIB, MIB, GIB = 1024, 1024**2, 1024**3

SOURCE_URI = "postgres://mover:hunter2@db1.internal:5432/shop"
TARGET_URI = "postgres://tsdbadmin:s3cret@abc123.tsdb.cloud.example:34567/tsdb?sslmode=require"

ENDPOINTS = e.Endpoints(
    source="mover@db1.internal:5432/shop",
    target="tsdbadmin@abc123.tsdb.cloud.example:34567/tsdb",
    source_database="shop",
    target_database="tsdb",
    source_version="17.2",
    target_version="17.4",
)
LONG_ENDPOINTS = e.Endpoints(
    source="a_rather_long_role_name@ec2-203-0-113-25.eu-central-1.compute.example.com:5432/x[/b]",
    target="tsdbadmin@a1b2c3d4e5.f6g7h8i9j0.tsdb.cloud.some-provider.example.com:34567/y[bold]",
    source_database="x[/b]",
    target_database="y[bold]",
)


class Journal:
    """Writes events a few minutes apart."""

    def __init__(self, endpoints: e.Endpoints = ENDPOINTS) -> None:
        self.records: list[e.Record] = []
        self.at = BEGAN
        self.add(
            e.MigrationPlanned(
                id="shop-1", version="0.1.0", endpoints=endpoints, slot="lmtui_shop",
                plugin="wal2json", cutover="manual",
            ),
            e.WorkerStarted(pid=4711),
            e.PhaseEntered(phase=Phase.PREFLIGHT),
            e.FindingsRecorded(findings=()),
        )  # fmt: skip

    def add(self, *events: e.AnyEvent, seconds: float = 1) -> "Journal":
        for event in events:
            self.at += timedelta(seconds=seconds)
            self.records.append(e.Record(seq=len(self.records) + 1, at=self.at, event=event))
        return self

    def state(self) -> State:
        return reduce_all(self.records)


def lag_over(state: State, lags: Sequence[int], sample: Sample, every: float = 5.0) -> State:
    """The state after one sample per lag, the last of which is `sample` itself."""
    start = NOW - timedelta(seconds=every * (len(lags) - 1))
    for place, lag in enumerate(lags):
        replay = replace(sample.replay, lag_bytes=lag)
        at = start + timedelta(seconds=every * place)
        state = with_sample(state, replace(sample, at=at, replay=replay))
    return with_sample(state, sample)


def prepared(endpoints: e.Endpoints = ENDPOINTS) -> Journal:
    return Journal(endpoints).add(
        e.PhaseEntered(phase=Phase.PREPARE),
        e.SlotCreated(slot="lmtui_shop", plugin="wal2json", lsn="5C/8A2F0010", snapshot="0-1"),
        e.JobsPaused(jobs=("Compression 1000", "Retention 1001")),
        e.PhaseEntered(phase=Phase.SCHEMA),
    )


def copying_journal(endpoints: e.Endpoints = ENDPOINTS) -> Journal:
    return prepared(endpoints).add(
        e.PhaseEntered(phase=Phase.COPY),
        e.CopyPlanned(tables=21, indexes=48, bytes=450 * GIB),
        seconds=20,
    )


def copying(endpoints: e.Endpoints = ENDPOINTS, odd_names: bool = False) -> State:
    names = [
        ("public", "orders"), ("public", "order_lines"), ("sensors", "readings"),
        ("public", "customers"),
    ]  # fmt: skip
    if odd_names:
        names = [
            ("x[/b]", "table [bold]with[/bold] a name as long as PostgreSQL lets it be, 63"),
            ("public", "Übergrößen und 表名"),
            ("[@click=app.quit]", "q"),
            ("public", "plain"),
        ]
    tables = tuple(
        TableCopy(
            schema=schema, name=name, bytes_done=(place + 1) * 3 * GIB, bytes_total=20 * GIB,
            state="copying",
        )
        for place, (schema, name) in enumerate(names)
    )  # fmt: skip
    sample = Sample(
        at=NOW,
        copy=CopySample(
            bytes_done=184 * GIB, bytes_total=450 * GIB, tables_done=9, tables_total=21,
            indexes_done=39, indexes_total=48, rows_done=84_220_118, rows_total=204_331_870,
            bytes_per_second=118 * MIB, rows_per_second=52_310, eta_seconds=7800,
            tables=tables,
        ),
        source=SourceSample(
            retained_bytes=3 * GIB, wal_status="extended", safe_wal_size=61 * GIB
        ),
        spool=SpoolSample(bytes=2 * GIB, free_bytes=180 * GIB),
    )  # fmt: skip
    return with_sample(copying_journal(endpoints).state(), sample)


def copying_on() -> State:
    """The copy has gone on by another snapshot, and a table is copied again at its end."""
    journal = copying_journal().add(
        e.TablesCopied(
            lsn="5C/8A2F0010", tables=tuple(("public", f"t{n}") for n in range(9)), bytes=120 * GIB
        ),
        e.PointTaken(
            lsn="5C/9A2F0010", snapshot="0-2", kept=9, kept_bytes=120 * GIB, left=12
        ),
        e.TablesSetAside(tables=(("public", "search_cache"),), reason="emptied on the source"),
    )  # fmt: skip
    sample = copying().sample
    assert sample is not None
    sync = SyncSample(
        snapshot_age_seconds=7812.4, tables=3, tables_done=1, rows=1_204_330, bytes=812 * MIB,
        bytes_per_second=38 * MIB,
    )  # fmt: skip
    return with_sample(journal.state(), replace(sample, sync=sync))


def copied_journal(endpoints: e.Endpoints = ENDPOINTS) -> Journal:
    return copying_journal(endpoints).add(
        e.CopyFinished(seconds=4980),
        e.PhaseEntered(phase=Phase.CATCH_UP),
        e.ReplayStarted(),
        seconds=1500,
    )


REPLAY = ReplaySample(
    source_lsn="5D/1A2F0010", received_lsn="5D/1A2E0000", applied_lsn="5C/F02F0010",
    lag_bytes=1280 * MIB, receive_lag_bytes=64 * KIB, apply_lag_bytes=1279 * MIB, lag_seconds=184,
    source_wal_rate=12.4 * MIB, target_replay_rate=41 * MIB, rows_per_second=118_204,
    eta_seconds=45, verdict="catching up",
    applied=Applied(insert=12_204_330, update=201_118, delete=3_107, transactions=90_210),
)  # fmt: skip
COPY_DONE = CopySample(
    bytes_done=450 * GIB, bytes_total=450 * GIB, tables_done=21, tables_total=21, indexes_done=48,
    indexes_total=48,
)  # fmt: skip


def replay_sample(replay: ReplaySample, readiness: Readiness, **more: object) -> Sample:
    fields: dict[str, object] = {
        "source": SourceSample(
            retained_bytes=1400 * MIB, wal_status="reserved", safe_wal_size=62 * GIB
        ),
        "spool": SpoolSample(bytes=1290 * MIB, free_bytes=178 * GIB),
        "evidence": Evidence(at=NOW),
        **more,
    }
    return Sample(at=NOW, copy=COPY_DONE, replay=replay, readiness=readiness, **fields)  # type: ignore[arg-type]


NOT_CAUGHT_UP = Gate(
    code="not_caught_up", level="blocker", title="The target has not caught up",
    detail="1.2 GiB behind",
    hint="Wait until it has; at this rate that takes 45 s.",
)  # fmt: skip
WRITERS = Gate(
    code="writers", level="warning", title="3 sessions still write to the source",
    detail="app@10.0.0.5 (2), batch@10.0.0.9 (1)",
    hint="The fence stops them; stop the application first to keep its errors few.",
)  # fmt: skip


def falling_lags(count: int = 120, peak: int = 9 * GIB, end: int = 1280 * MIB) -> list[int]:
    return [int(end + (peak - end) * (1 - place / count) ** 2) for place in range(count)]


def replaying(endpoints: e.Endpoints = ENDPOINTS) -> State:
    sample = replay_sample(REPLAY, Readiness(blockers=(NOT_CAUGHT_UP,)))
    return lag_over(copied_journal(endpoints).state(), falling_lags(), sample)


def falling_behind() -> State:
    replay = replace(
        REPLAY, verdict="falling behind", why="The source writes faster than the target applies",
        lag_bytes=11 * GIB, apply_lag_bytes=11 * GIB, lag_seconds=1260, source_wal_rate=96 * MIB,
        target_replay_rate=38 * MIB, eta_seconds=None,
    )  # fmt: skip
    journal = copied_journal().add(
        e.PhaseEntered(phase=Phase.REPLICATE),
        e.CaughtUp(lag_bytes=120 * KIB, lag_seconds=0.4),
        e.FellBehind(lag_bytes=2 * GIB, lag_seconds=95),
        seconds=60,
    )
    sample = replay_sample(
        replay,
        Readiness(blockers=(NOT_CAUGHT_UP,), warnings=(WRITERS,)),
        source=SourceSample(
            retained_bytes=58 * GIB, wal_status="unreserved", safe_wal_size=-2 * GIB
        ),
        spool=SpoolSample(bytes=11 * GIB, free_bytes=4 * GIB),
    )
    lags = [int(11 * GIB * (place / 90) ** 1.5) for place in range(91)]
    return lag_over(journal.state(), lags, sample)


CAUGHT_UP = replace(
    REPLAY, verdict="caught up", why="", lag_bytes=96 * KIB, receive_lag_bytes=16 * KIB,
    apply_lag_bytes=80 * KIB, lag_seconds=0.4, eta_seconds=None, target_replay_rate=12.4 * MIB,
    rows_per_second=4_210,
)  # fmt: skip


def caught_up_journal(endpoints: e.Endpoints = ENDPOINTS) -> Journal:
    return copied_journal(endpoints).add(
        e.PhaseEntered(phase=Phase.REPLICATE),
        e.CaughtUp(lag_bytes=96 * KIB, lag_seconds=0.4),
        seconds=60,
    )


def caught_up(endpoints: e.Endpoints = ENDPOINTS, warnings: tuple[Gate, ...] = (WRITERS,)) -> State:
    sample = replay_sample(CAUGHT_UP, Readiness(ready=True, warnings=warnings))
    lags = [*falling_lags(80, end=80 * KIB), *([80 * KIB, 300 * KIB, 96 * KIB] * 14)]
    return lag_over(caught_up_journal(endpoints).state(), lags, sample)


ANEW = (("public", "orders"), ("sensors", "readings"))


def copied_anew(*, problem: e.Problem | None = None) -> State:
    """Two tables are copied anew while replay goes on, or could not be."""
    journal = caught_up_journal().add(
        e.ResyncBegun(tables=ANEW, reason="by the operator's request"), seconds=60
    )
    sync = SyncSample(
        snapshot_age_seconds=95.2, tables=2, tables_done=1, rows=1_204_330, bytes=812 * MIB,
        bytes_per_second=38 * MIB,
    )  # fmt: skip
    if problem is not None:
        journal.add(e.ResyncFailed(tables=ANEW, problem=problem))
        sync = SyncSample()
    blocked = Gate(code="resync", level="blocker", title="Tables are copied anew")
    sample = replay_sample(CAUGHT_UP, Readiness(blockers=(blocked,)), sync=sync)
    return lag_over(journal.state(), falling_lags(80, end=80 * KIB), sample)


NOT_COPIED = e.Problem(
    title="The columns of public.orders are others on the target",
    detail="note is text on the source, integer on the target",
    hint="Give the target's column the source's type.",
)  # fmt: skip


def failed() -> State:
    problem = e.Problem(
        title="A change could not be applied",
        detail='23505: duplicate key value violates unique constraint "orders_pkey"',
        hint="Delete the row on the target, or stop what writes there.",
    )
    journal = copied_journal().add(e.StatusChanged(status=Status.FAILED, problem=problem))
    sample = replay_sample(replace(REPLAY, verdict="stalled", eta_seconds=None), Readiness())
    return lag_over(journal.add(e.WorkerStopped()).state(), falling_lags(), sample)
