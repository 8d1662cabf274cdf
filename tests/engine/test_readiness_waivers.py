"""Which blockers may be waived, by whom and how, and what is kept of it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from story import BEGIN

from lmtui.cutover.readiness import readiness
from lmtui.phases import Phase, Status
from lmtui.sample import Applied, Evidence, ReplaySample, Sample, SourceSample, SpoolSample
from lmtui.state import Ahead, CutoverState, State

READY = State(exists=True, phase=Phase.REPLICATE, status=Status.RUNNING, caught_up=True)
LEVEL = Sample(at=BEGIN, replay=ReplaySample(verdict="caught up", lag_bytes=2048, lag_seconds=0.4))
AHEAD = Ahead(at=BEGIN, lsn="0/100", units=4, compared=4)

SOFT = [
    (READY, replace(LEVEL, replay=replace(LEVEL.replay, applied=Applied(skipped=1))),
     "changes_skipped"),
    (READY, replace(LEVEL, replay=replace(LEVEL.replay, verdict="falling behind")),
     "falling_behind"),
    (replace(READY, drift=("source: table t has changed",)), LEVEL, "schema_drift"),
    (replace(READY, chunks_dropped=("c",)), LEVEL, "chunks_dropped"),
    (replace(READY, ahead=replace(AHEAD, different=("public.t",))), LEVEL, "validation_failed"),
    (READY, replace(LEVEL, spool=SpoolSample(bytes=1, free_bytes=2)), "disk"),
    (READY, replace(LEVEL, evidence=Evidence(at=BEGIN, keyless=("public.t",))),
     "identity_missing"),
    (READY, replace(LEVEL, evidence=Evidence(at=BEGIN, prepared=("g of a",))),
     "prepared_transactions"),
    (READY, replace(LEVEL, evidence=Evidence(at=BEGIN, fence_rights=("a is not",))),
     "fence_rights"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "sample", "code"), SOFT, ids=[code for *_, code in SOFT])
def test_waivable(state: State, sample: Sample, code: str) -> None:
    found = readiness(state, sample)
    assert (found.ready, found.level) == (False, "waivable")
    (gate,) = found.blockers
    assert gate.code == code
    assert gate.waive == f"The operator may waive it: --waive {code}"
    assert gate.title
    assert gate.detail
    assert gate.hint
    assert not readiness(state, sample, ["something_else"]).ready
    waived = readiness(state, sample, [code])
    assert (waived.ready, waived.level, waived.blockers) == (True, "ready", ())
    assert waived.waived == (gate,)


@pytest.mark.parametrize(
    ("state", "sample"),
    [
        (replace(READY, phase=Phase.COPY), LEVEL),
        (replace(READY, caught_up=False), LEVEL),
        (READY, replace(LEVEL, replay=replace(LEVEL.replay, verdict="stalled", why="No room"))),
        (READY, replace(LEVEL, source=SourceSample(wal_status="lost"))),
        (READY, replace(LEVEL, evidence=Evidence(at=BEGIN, target_rights=("UPDATE on s",)))),
    ],
)
def test_not_waivable(state: State, sample: Sample) -> None:
    (gate,) = readiness(state, sample).blockers
    assert not gate.waive
    assert readiness(state, sample, [gate.code]).blockers == (gate,)
    assert readiness(state, sample, [gate.code]).level == "blocked"


COMPARED = replace(READY, ahead=AHEAD)


@pytest.mark.parametrize(
    ("state", "sample", "code"),
    [
        (COMPARED, replace(LEVEL, evidence=Evidence(at=BEGIN, jobs=("1000 refresh",))), "jobs"),
        (COMPARED, replace(LEVEL, evidence=Evidence(at=BEGIN, sequences=("s",))),
         "sequences_near_end"),
        (COMPARED, replace(LEVEL, evidence=Evidence(at=BEGIN, open_transactions=("a",))),
         "open_transactions"),
        (READY, replace(LEVEL, evidence=Evidence(at=BEGIN)), "validation_stale"),
        (replace(READY, ahead=replace(AHEAD, compared=3)), LEVEL, "validation_stale"),
        (replace(READY, ahead=AHEAD), replace(LEVEL, at=BEGIN + timedelta(hours=2)),
         "validation_stale"),
        (replace(READY, cutover=CutoverState(timeout_seconds=10)),
         replace(LEVEL, replay=replace(LEVEL.replay, lag_bytes=6000, target_replay_rate=1000.0)),
         "fence_clock"),
    ],
)  # fmt: skip
def test_warnings(state: State, sample: Sample, code: str) -> None:
    found = readiness(state, sample)
    assert found.ready
    (gate,) = found.warnings
    assert (gate.code, gate.level) == (code, "warning")
    assert gate.hint


def test_long_lists_say_how_many_more() -> None:
    drift = tuple(f"source: table t{number} is new" for number in range(8))
    (gate,) = readiness(replace(READY, drift=drift), LEVEL).blockers
    assert gate.detail.endswith("; and 3 more")
