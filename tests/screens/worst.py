"""The worst that the screens may have to show: long, odd, many, and all at once."""

from datetime import timedelta

import endings
import stories
from msgspec.structs import replace
from servers import SOURCE, TARGET

from lmtui import events as e
from lmtui.phases import Phase, Status
from lmtui.sample import Evidence, Gate, Readiness, SourceSample, SpoolSample
from lmtui.state import State

ODD = 'sensor "readings" [/b] of a name as long as PostgreSQL lets it be, 63'
LONG_SOURCE = (
    "postgres://a_rather_long_role_name:hunter2@ec2-203-0-113-25.eu-central-1.compute"
    ".example.com:5432/x%5B%2Fb%5D?sslmode=verify-full&application_name=something_of_its_own"
)
LONG_TARGET = (
    "postgres://tsdbadmin:s3cret@a1b2c3d4e5.f6g7h8i9j0.tsdb.cloud.some-provider.example.com"
    ":34567/y%5Bbold%5D?sslmode=require&keepalives_idle=30"
)
URIS = {"source": LONG_SOURCE, "target": LONG_TARGET}
SERVERS = {
    "source": replace(
        SOURCE,
        version="17.2 (Ubuntu 17.2-1.pgdg22.04+1) and what else a packager may say of it",
        provider="Azure Database for PostgreSQL",
        label="a_rather_long_role_name@ec2-203-0-113-25.eu-central-1.compute.example.com:5432/x[/b]",
        database="x[/b] with a name as long as PostgreSQL lets it be",
        role="a_rather_long_role_name",
        tls="",
        bytes=93 * 1024**4,
        tables=118_204,
        warnings=(
            "The connection is not encrypted; add sslmode=require",
            "This looks like a pooler's address; give the server's own",
            "It is a standby; give the primary's address",
        ),
        extensions={
            "timescaledb": "2.17.2", "an_extension_with_quite_a_long_name_[b]": "1.0",
            **{f"extension_{number:02}": "3.5.0" for number in range(24)},
        },
    ),
    "target": replace(
        TARGET, version="16.4", database="y[bold]", tls="TLSv1.3, TLS_AES_256_GCM_SHA384",
        available={"timescaledb": "2.19.3", "extension_01": "4.0.0"},
    ),
}  # fmt: skip


def findings(number: int = 14) -> tuple[e.Finding, ...]:
    """Many of every kind on every step, with names that would be markup."""
    topics = ("extensions", "identity", "settings")
    kinds = ("blocker", "failed", "warning", "info", "ok")
    return tuple(
        e.Finding(
            id=f"{topic}.{kind}.{place}", side="source", severity=kind, topic=topic,
            title=f"{ODD}: finding {place} of many, told at more length than there is room",
            detail="What is found, in several sentences that do not end soon. " * 4,
            remedy="\n".join(
                f'ALTER TABLE "public"."{ODD}" ALTER COLUMN c{column} SET NOT NULL;'
                for column in range(9)
            ),
            fixes=endings.KEYLESS if kind == "blocker" else (),
        )
        for topic in topics
        for kind in kinds
        for place in range(number // 3)
    )  # fmt: skip


def gates() -> State:
    """Everything stands in the way of the cutover."""
    blockers = (
        stories.NOT_CAUGHT_UP,
        Gate(
            code="schema_drift", level="blocker",
            title="The schema has changed since the snapshot",
            detail=f"source: table public.{ODD} is new; source: column x.y was dropped",
            hint="DDL is not replayed: make the same change on the other side.",
            waive="The operator may waive it: --waive schema_drift",
        ),
        Gate(
            code="slot_in_danger", level="blocker",
            title="The source does not keep the slot's log",
            detail="wal_status is unreserved",
            hint="Raise max_slot_wal_keep_size on the source.",
        ),
    )  # fmt: skip
    warnings = (
        stories.WRITERS,
        *(
            Gate(code=f"finding.{number}", level="warning", title=f"{ODD} {number}", detail=ODD)
            for number in range(5)
        ),
    )
    sample = stories.replay_sample(
        stories.REPLAY,
        Readiness(blockers=blockers, warnings=warnings),
        source=SourceSample(
            retained_bytes=58 * stories.GIB, wal_status="unreserved", safe_wal_size=stories.GIB
        ),
        spool=SpoolSample(bytes=11 * stories.GIB, free_bytes=4 * stories.GIB),
        evidence=Evidence(at=stories.NOW),
    )
    state = stories.lag_over(
        stories.copied_journal(stories.LONG_ENDPOINTS).state(), stories.falling_lags(), sample
    )
    return replace(state, drift=(f"source: table public.{ODD} is new",))


def filling() -> State:
    """Replay falls behind, the schema has changed, and both disks fill."""
    state = replace(gates(), lag_history=())
    sample = state.sample
    assert sample is not None
    replay = replace(
        sample.replay, verdict="falling behind", lag_seconds=86_400.0 * 3, eta_seconds=None,
        why="The source writes faster than the target applies", lag_bytes=900 * stories.GIB,
        applied=replace(sample.replay.applied, truncate=12, unmatched=4, insert=9_912_204_330),
    )  # fmt: skip
    grown = [
        replace(
            sample,
            at=stories.NOW - timedelta(seconds=5 * (59 - place)),
            replay=replace(replay, lag_bytes=(841 + place) * stories.GIB),
            source=replace(sample.source, retained_bytes=58 * stories.GIB + place * stories.MIB),
            spool=replace(sample.spool, bytes=11 * stories.GIB + place * 9 * stories.MIB),
        )
        for place in range(60)
    ]
    for one in grown:
        state = stories.with_sample(state, one)
    return state


def cutover_failed() -> State:
    """The drain is proven, and then a step failed."""
    problem = e.Problem(
        title="The target refused: REFRESH MATERIALIZED VIEW public.by_day",
        detail='42501: permission denied for materialized view "by_day"',
        hint="Grant what is missing on the target.",
    )
    journal = endings.drained_journal().add(
        e.CutoverStep(
            step="materialized views", status="failed", seconds=61.0,
            detail='42501: permission denied for materialized view "by_day" of a long name',
        ),
        e.StatusChanged(status=Status.FAILED, problem=problem),
        e.WorkerStopped(),
    )  # fmt: skip
    return journal.state()


def cutover_asked() -> State:
    """Just asked for: no step has begun."""
    return (
        stories.caught_up_journal()
        .add(
            e.CutoverRequested(fence="readonly", timeout_seconds=300),
            e.PhaseEntered(phase=Phase.CUT_OVER),
        )
        .state()
    )


def abandoned() -> State:
    """Given up before anything was compared, and cleaned up."""
    journal = stories.copying_journal().add(
        e.WorkerStopped(),
        e.PhaseEntered(phase=Phase.CLEANED_UP),
        e.CleanedUp(removed=("source: replication slot lmtui_shop dropped",)),
    )
    return journal.state()


def stopped() -> State:
    """Stopped in order, by the operator."""
    journal = stories.copied_journal().add(
        e.StatusChanged(status=Status.STOPPED), e.WorkerStopped()
    )
    sample = stories.replay_sample(stories.REPLAY, Readiness())
    return stories.lag_over(journal.state(), stories.falling_lags(), sample)


def loud() -> State:
    """A log of every level, with lines of several lines."""
    journal = stories.copied_journal()
    for number in range(12):
        journal.add(
            e.Noted(level="warning", text=f"{ODD} {number}\nand a second line of it " * 3),
            e.FellBehind(lag_bytes=number * stories.GIB, lag_seconds=60.0 * number),
            e.StatusChanged(
                status=Status.FAILED,
                problem=e.Problem(title=f"A change of {ODD} could not be applied"),
            ),
            e.StatusChanged(status=Status.RUNNING),
        )
    return journal.state()
