"""The state is a pure reduction of the journal."""

from datetime import timedelta
from typing import get_args

import pytest
from story import BEGIN, EVENTS, UNPROVEN, records

from lmtui import events as e
from lmtui.fenced import read_only
from lmtui.narration import event_line
from lmtui.phases import ALLOWED, Phase, Status
from lmtui.sample import ReplaySample, Sample
from lmtui.state import (
    HISTORY,
    RECENT,
    IllegalTransitionError,
    State,
    reduce,
    reduce_all,
    with_sample,
)
from lmtui.sync_state import Synchronised, synchronised


def test_story_has_every_event() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(e.AnyEvent))


@pytest.mark.parametrize("count", range(1, len(EVENTS) + 1))
def test_every_prefix_reduces(count: int) -> None:
    """A crash may leave any prefix; what follows is reduced onto it just the same."""
    before = reduce_all(records()[:count])
    assert before.exists
    assert before.seq == count
    assert before.recent[-1].event == EVENTS[count - 1]
    after = before
    for record in records()[count:]:
        after = reduce(after, record)
    assert after == reduce_all(records())


def state_after(kind: type[e.Event], number: int = 1) -> State:
    """The state after the event of a kind that came as the so-manieth."""
    places = [place for place, event in enumerate(EVENTS, 1) if isinstance(event, kind)]
    return reduce_all(records()[: places[number - 1]])


def test_drift_is_kept_by_side() -> None:
    assert state_after(e.DriftSeen, 1).drift == (
        "source: table public.t added", "source: column a dropped",
    )  # fmt: skip
    assert state_after(e.DriftSeen, 3).drift == (
        "target: index i added", "source: table public.t added",
    )  # fmt: skip
    assert state_after(e.DriftCleared).drift == ("target: index i added",)


def test_dropped_chunks_add_up() -> None:
    assert len(state_after(e.ChunksDropped, 2).chunks_dropped) == 2


def test_new_slot_forgets_the_copy_of_the_old_one() -> None:
    state = state_after(e.CopyFinished)
    assert state.copy_plan is not None
    for event in (
        e.PhaseEntered(phase=Phase.PREPARE),
        e.SlotCreated(slot="other", plugin="wal2json", lsn="0/1", snapshot="1"),
    ):
        state = reduce(state, e.Record(seq=state.seq + 1, at=BEGIN, event=event))
    assert (state.slot, state.copy_plan, state.copy_seconds) == ("other", None, None)


def test_cutover_that_is_given_up_leaves_no_clock_running() -> None:
    asked = state_after(e.CutoverRequested).cutover
    assert (asked.requested, asked.fence, asked.timeout_seconds) == (True, "readonly", 300)
    assert state_after(e.CutoverStep, 1).cutover.fenced_at is not None
    given_up = state_after(e.CutoverGivenUp).cutover
    assert (given_up.requested, given_up.fenced_at) == (False, None)
    assert given_up.given_up == "The fence could not be raised"
    again = state_after(e.CutoverRequested, 2).cutover
    assert (again.steps, again.given_up, again.fenced_at) == ((), "", None)


def test_downtime_begins_with_the_fence_and_steps_are_kept_once() -> None:
    cutover = state_after(e.CutoverStep, 5).cutover
    assert [(step.step, step.status) for step in cutover.steps] == [("fence", "done")]
    fence = e.CutoverStep(step="fence", status="running")
    begun = next(r.at for r in reversed(records()) if r.event == fence)
    assert cutover.fenced_at == begun


def test_what_is_given_back_is_in_replay_at_once_and_leaves_nothing_to_conclude_from() -> None:
    """Whatever a crash leaves of the journal, an end is never taken from that proof."""
    assert state_after(e.Validated).proof is not None
    taken = state_after(e.CutoverTakenBack)
    assert (taken.cutover.taken_back, taken.phase) == ("anna", Phase.VALIDATE)
    assert state_after(e.FenceLifted).cutover.fenced_at is None
    state = state_after(e.CutoverGivenBack)
    assert (state.phase, state.status) == (Phase.REPLICATE, Status.RUNNING)
    assert (state.proof, state.drain, state.proven) == (None, None, None)
    assert state.not_proven == UNPROVEN
    assert (state.cutover.requested, state.cutover.fence_kept) == (False, False)
    assert state.cutover.given_up == "1 of 1 relation differs: public.t"
    assert state.cutover.ways == ("Repair it.",)
    # It is shown until another cutover has compared.
    again = state_after(e.CutoverRequested, 3)
    assert (again.not_proven, again.cutover.taken_back) == (UNPROVEN, "")
    end = state_after(e.Validated, 2)
    assert (end.not_proven, end.proof is not None and end.proof.proven) == (None, True)


def test_a_fence_that_is_kept_goes_on_counting_until_it_is_lifted() -> None:
    state = state_after(e.Validated)
    since = state.cutover.fenced_at

    def then(state: State, event: e.AnyEvent) -> State:
        return reduce(state, e.Record(seq=state.seq + 1, at=BEGIN, event=event))

    kept = then(state, e.CutoverGivenBack(reasons=("x",), fence_kept=True))
    assert (kept.cutover.fence_kept, kept.cutover.fenced_at) == (True, since)
    assert read_only(kept)
    asked = then(kept, e.CutoverRequested(fence="none", timeout_seconds=1))
    fenced = then(asked, e.CutoverStep(step="fence", status="running"))
    assert (fenced.cutover.fence_kept, fenced.cutover.fenced_at) == (True, since)
    for event in (e.FenceLifted(seconds=1), e.CutoverGivenUp(reason="x")):
        lifted = then(fenced, event)
        assert (lifted.cutover.fence_kept, lifted.cutover.fenced_at) == (False, None)
        assert not read_only(lifted)


def test_problem_goes_with_the_next_phase_or_status() -> None:
    assert state_after(e.StatusChanged, 2).problem is not None
    assert state_after(e.StatusChanged, 3).problem is None


def test_end() -> None:
    state = reduce_all(records())
    completed = next(r.at for r in records() if isinstance(r.event, e.Completed))
    assert (state.phase, state.status) == (Phase.CLEANED_UP, Status.DONE)
    assert (state.proven, state.downtime_seconds, state.ended_at) == (True, 4.5, completed)
    assert (state.worker_pid, state.problem) == (0, None)


@pytest.mark.parametrize("before", list(Phase))
@pytest.mark.parametrize("after", list(Phase))
def test_only_allowed_transitions_are_reduced(before: Phase, after: Phase) -> None:
    record = e.Record(seq=8, at=BEGIN, event=e.PhaseEntered(phase=after))
    if after is before or after in ALLOWED[before]:
        assert reduce(State(phase=before), record).phase is after
    else:
        with pytest.raises(IllegalTransitionError, match=f"{before} to {after} in record 8"):
            reduce(State(phase=before), record)


def test_every_phase_can_be_left_but_the_last_and_be_cleaned_up() -> None:
    assert set(ALLOWED) == set(Phase)
    for phase, followers in ALLOWED.items():
        assert phase is Phase.CLEANED_UP or Phase.CLEANED_UP in followers


def test_what_is_kept_is_bounded() -> None:
    state = State()
    for number in range(RECENT + 50):
        record = e.Record(seq=number + 1, at=BEGIN, event=e.Noted(level="info", text="x"))
        state = reduce(state, record)
    assert [record.seq for record in state.recent] == list(range(51, RECENT + 51))
    for number in range(HISTORY + 50):
        at = BEGIN + timedelta(seconds=number)
        state = with_sample(state, Sample(at=at, replay=ReplaySample(lag_bytes=number)))
    assert [point.lag_bytes for point in state.lag_history] == list(range(50, HISTORY + 50))
    assert state.sample is not None
    assert state.sample.replay.lag_bytes == HISTORY + 49


SILENT = (
    e.WorkerStarted, e.WorkerStopped, e.FindingsRecorded, e.CleanedUp,
    e.TablesCopied, e.TablesSetAside, e.ForeignKeysLeft,
)  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_or_silent_on_purpose(event: e.AnyEvent) -> None:
    line = event_line(event)
    if isinstance(event, SILENT):
        assert line == ""
    elif isinstance(event, e.Validated):
        assert bool(line) == (not event.proof.equal)
    elif isinstance(event, e.CutoverStep):
        assert bool(line) == (event.status != "running")
    elif isinstance(event, e.StatusChanged):
        assert bool(line) == (event.problem is not None)
    elif not isinstance(event, e.PhaseEntered):
        assert line


def test_tables_that_were_only_to_be_caught_up_with_are_whole_then() -> None:
    tables = (("public", "notes"), ("public", "lines"))
    problem = e.Problem(title="The target is gone")
    events = [
        e.ResyncBegun(tables=tables, reason="by request"),
        e.ResyncFailed(tables=tables, problem=problem),
        e.TablesSynchronised(lsn="0/1", tables=tables[:1], rows=1, bytes=1, seconds=0.1),
        e.TablesSynchronised(lsn="0/1", tables=tables[1:], rows=1, bytes=1, seconds=0.1),
    ]
    sync, problems = Synchronised(), []
    for event in events:
        sync = synchronised(sync, event, BEGIN)
        problems.append(sync.problem)
    assert problems == [None, problem, problem, None]
