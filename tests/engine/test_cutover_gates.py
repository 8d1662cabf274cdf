"""Whether a cutover may begin, what it would do, and what the supervisor answers."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from story import BEGIN, ENDPOINTS, EVENTS, REFUSED

from lmtui import events as e
from lmtui.control import AnyRequest, CancelCutover, Cutover, GoOn, Ping, Reply, Stop
from lmtui.cutover.readiness import readiness
from lmtui.cutover.steps import FENCES, dry_run
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, UsageError
from lmtui.journal import Journal
from lmtui.ledger import Ledger
from lmtui.migration.context import Context
from lmtui.phases import Phase, Status
from lmtui.plan import Plan
from lmtui.sample import Applied, ReplaySample, Sample, SourceSample
from lmtui.state import State
from lmtui.supervisor import answer
from lmtui.workdir import WorkDirectory

READY = State(exists=True, phase=Phase.REPLICATE, status=Status.RUNNING, caught_up=True)
LEVEL = Sample(at=BEGIN, replay=ReplaySample(verdict="caught up", lag_bytes=2048, lag_seconds=0.4))


def with_replay(**changes: object) -> Sample:
    return replace(LEVEL, replay=replace(LEVEL.replay, **changes))


@pytest.mark.parametrize("phase", [Phase.CATCH_UP, Phase.REPLICATE])
def test_ready(phase: Phase) -> None:
    found = readiness(replace(READY, phase=phase), LEVEL)
    assert (found.ready, found.blockers, found.warnings) == (True, (), ())


@pytest.mark.parametrize(
    ("state", "sample", "code"),
    [
        *(
            (replace(READY, phase=phase), LEVEL, "not_replicating")
            for phase in Phase
            if phase not in (Phase.CATCH_UP, Phase.REPLICATE)
        ),
        (replace(READY, caught_up=False), LEVEL, "not_caught_up"),
        (READY, with_replay(verdict="stalled", why="No room"), "stalled"),
        (READY, with_replay(applied=Applied(unmatched=1)), "changes_unmatched"),
        (READY, with_replay(applied=Applied(skipped=1)), "changes_skipped"),
        (replace(READY, skipped=(REFUSED,)), LEVEL, "changes_skipped"),
        (replace(READY, drift=("source: table t added",)), LEVEL, "schema_drift"),
        (replace(READY, chunks_dropped=("c",)), LEVEL, "chunks_dropped"),
        (READY, replace(LEVEL, source=SourceSample(wal_status="lost")), "slot_in_danger"),
        (READY, replace(LEVEL, source=SourceSample(wal_status="unreserved")), "slot_in_danger"),
    ],
)
def test_blockers(state: State, sample: Sample, code: str) -> None:
    found = readiness(state, sample)
    assert not found.ready
    assert [gate.code for gate in found.blockers] == [code]
    (gate,) = found.blockers
    assert gate.level == "blocker"
    assert gate.title
    assert gate.detail


def test_every_blocker_is_shown_at_once() -> None:
    state = replace(READY, caught_up=False, drift=("source: x",), chunks_dropped=("c",))
    found = readiness(state, with_replay(verdict="stalled", why="No room"))
    assert [gate.code for gate in found.blockers] == [
        "not_caught_up", "stalled", "schema_drift", "chunks_dropped",
    ]  # fmt: skip


def test_warnings_do_not_block() -> None:
    findings = tuple(
        e.Finding(id=severity, side="source", severity=severity, title=severity)
        for severity in ("blocker", "warning", "info", "ok", "failed")
    )
    sample = replace(LEVEL, source=SourceSample(wal_status="extended", writers=("app from web1",)))
    found = readiness(replace(READY, findings=findings), sample)
    assert found.ready
    assert [gate.code for gate in found.warnings] == ["writers", "warning"]
    assert "app from web1" in found.warnings[0].detail


def asked(**more: object) -> Cutover:
    return msgspec.convert({"ask": "Cutover", "confirm": "shop"} | more, Cutover)


@pytest.mark.parametrize("fence", FENCES)
def test_dry_run_says_each_step(fence: str) -> None:
    lines = dry_run(replace(READY, sample=LEVEL), asked(fence=fence, timeout_seconds=77))
    assert [line[:2] for line in lines[:5]] == ["1.", "2.", "3.", "4.", "5."]
    assert FENCES[fence] in lines[0]
    assert "2.0 KiB" in lines[1]
    assert "77 s" in lines[-1]
    assert all("About" in line for line in lines[:5])


def test_dry_run_expects_what_was_rehearsed() -> None:
    rehearsal = e.Rehearsed(
        drain=0.25, lag_bytes=100, first_comparison=9, second_comparison=2.5, sequences=0.1,
        parts=4, parts_again=1, rows_again=10,
    )  # fmt: skip
    lines = dry_run(
        replace(READY, sample=with_replay(lag_seconds=0.1), rehearsal=rehearsal), asked()
    )
    assert lines[1].endswith("About 250 ms")
    assert lines[3].endswith("About 2.5 s (as rehearsed)")
    assert lines[5].startswith("In all about 3.5 s. ")


def test_dry_run_shows_what_blocks_and_warns_first() -> None:
    sample = replace(LEVEL, source=SourceSample(wal_status="lost", writers=("app",)))
    sample = replace(sample, readiness=readiness(READY, sample))
    lines = dry_run(replace(READY, sample=sample), asked())
    assert lines[0].startswith("blocker: The source does not keep the slot's log. ")
    assert lines[1].startswith("warning: ")
    assert lines[2].startswith("1. ")


def test_dry_run_before_anything_was_measured() -> None:
    assert len(dry_run(State(), asked())) == 6


# ---------------------------------------------------------------------------------- the supervisor


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A migration that replicates and has caught up."""
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    journal = Journal(directory)
    for event in EVENTS[: EVENTS.index(e.PhaseEntered(phase=Phase.REPLICATE)) + 1]:
        journal.append(event)
    yield Context(
        directory=directory,
        source=Endpoint.parse("source", "dbname=shop"),
        target=Endpoint.parse("target", "dbname=shop"),
        plan=Plan(),
        journal=journal,
        ledger=Ledger(directory),
    )
    journal.close()


def measured(context: Context) -> None:
    """A sample is taken."""
    assert context.state.phase is Phase.REPLICATE
    context.journal.sample(replace(LEVEL, readiness=readiness(context.state, LEVEL)))


def refused(context: Context, request: AnyRequest) -> BlockedError | UsageError:
    before = context.state
    with pytest.raises((BlockedError, UsageError)) as raised:
        answer(context, request)
    assert context.cutover is None
    assert context.state is before
    return raised.value


def test_ping(context: Context) -> None:
    before = context.state
    assert answer(context, Ping()) == Reply(ok=True)
    assert context.state is before


def test_stop(context: Context) -> None:
    assert answer(context, Stop()).ok
    assert context.stopping.is_set()
    assert context.state.status is Status.STOPPING


def test_going_on_reads_the_plan_again(context: Context) -> None:
    Plan(table_jobs=9).save(context.directory)
    assert answer(context, GoOn()).ok
    assert context.go_on.is_set()
    assert context.plan == Plan(table_jobs=9)


def test_cutover_is_taken(context: Context) -> None:
    measured(context)
    assert answer(context, asked(fence="terminate")).ok
    assert context.cutover == asked(fence="terminate")


@pytest.mark.parametrize("confirm", ["", "SHOP", "shop ", "app@db1:5432/shop"])
def test_cutover_must_be_confirmed(context: Context, confirm: str) -> None:
    measured(context)
    error = refused(context, asked(confirm=confirm))
    assert error.title == "The cutover is not confirmed"
    assert ENDPOINTS.source_database in error.hint


def test_cutover_waits_for_a_measurement(context: Context) -> None:
    assert refused(context, asked()).detail == "Nothing was measured yet"


def test_cutover_is_judged_by_what_is_so_now(context: Context) -> None:
    """Not by the last sample, which may be from before."""
    measured(context)
    context.tell(e.DriftSeen(side="source", details=("table t added",)))
    error = refused(context, asked())
    assert "table t added" in error.detail
    assert error.hint
    context.tell(e.DriftCleared(side="source"))
    context.tell(e.FellBehind(lag_bytes=1, lag_seconds=99))
    assert "not caught up" in refused(context, asked()).detail


def test_second_cutover_is_refused_while_one_is_under_way(context: Context) -> None:
    measured(context)
    context.tell(e.CutoverRequested(fence="readonly", timeout_seconds=300))
    context.tell(e.PhaseEntered(phase=Phase.CUT_OVER))
    assert "under way" in refused(context, asked()).title


@pytest.mark.parametrize("dry", [False, True])
def test_unknown_fence_is_refused(context: Context, dry: bool) -> None:
    """It must not be taken for a weaker one."""
    measured(context)
    error = refused(context, asked(fence="terminte", dry_run=dry))
    assert all(fence in error.hint for fence in FENCES)


def test_dry_run_asks_for_no_confirmation_and_begins_nothing(context: Context) -> None:
    reply = answer(context, asked(confirm="", dry_run=True))
    assert reply.ok
    assert reply.lines == dry_run(context.state, asked(dry_run=True))
    assert context.cutover is None


def test_cancelling_without_a_cutover_is_refused(context: Context) -> None:
    error = refused(context, CancelCutover())
    assert "no cutover" in error.title
    assert not context.cutover_cancelled.is_set()


def test_cancelling_what_has_not_begun(context: Context) -> None:
    measured(context)
    answer(context, asked())
    assert answer(context, CancelCutover()).ok
    assert context.cutover is None
    assert context.state.cutover.given_up


def test_cancelling_what_is_under_way(context: Context) -> None:
    context.tell(e.CutoverRequested(fence="readonly", timeout_seconds=300))
    context.tell(e.PhaseEntered(phase=Phase.CUT_OVER))
    assert answer(context, CancelCutover()).ok
    assert context.cutover_cancelled.is_set()
