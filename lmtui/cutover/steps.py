"""The steps of a cutover in words, with what they are expected to take. Pure."""

from collections.abc import Sequence

from lmtui.control import Cutover
from lmtui.events import Rehearsed
from lmtui.humane import bytes_text, count_noun, count_text, duration_text
from lmtui.sample import Gate
from lmtui.state import State

FENCES = {
    "none": "No fence: writers are not kept from the source, and what they write fails the proof.",
    "readonly": "Fence: the source database is made read-only and its other sessions are ended. It "
    "does not stop superusers, nor sessions that set default_transaction_read_only back.",
    "terminate": "Fence: the right to connect is taken, the database made read-only, its other "
    "sessions ended. It does not stop superusers, nor the database's owner.",
}
# What these took in the lab; they are a few statements each.
FENCE_SECONDS = 0.1
FINISH_SECONDS = 0.3
STATISTICS_SECONDS = 0.4


def dry_run(state: State, request: Cutover) -> tuple[str, ...]:
    """What a cutover would do now, step by step, and how long. Nothing is changed."""
    sample = state.sample
    gates: list[str] = []
    if sample is not None:
        gates = [*_said("blocker", sample.readiness.blockers),
                 *_said("warning", sample.readiness.warnings)]  # fmt: skip
    lag = sample.replay.lag_bytes if sample else 0
    drain, compare, where = _drain_seconds(state), _compare_seconds(state), _measured(state)
    fence = FENCE_SECONDS if request.fence != "none" else 0.0
    total = fence + drain + FINISH_SECONDS + compare + STATISTICS_SECONDS
    return (
        *gates,
        f"1. {FENCES[request.fence]} {_about(fence)}",
        f"2. Drain: {bytes_text(lag)} are left; proven by a marker in the stream. Until then "
        f"everything can be cancelled. {_about(drain)}",
        "3. Sequences, identity columns, triggers and materialized views are set on the target. "
        f"{_about(FINISH_SECONDS)}, and what the refreshes take.",
        f"4. What has changed since it was compared ahead is compared by count and checksum on "
        f"both sides. {_unproven(request)} {_about(compare)}{where}",
        "5. The slot is dropped; jobs are switched on as they were; rough statistics are "
        f"collected: the target is ready. {_about(STATISTICS_SECONDS)}; all statistics after.",
        f"In all {_about(total).lower()}. Given up by itself after {request.timeout_seconds} s "
        "where the drain is not proven by then; the fence is then lifted.",
    )


def rehearsal_lines(event: Rehearsed) -> tuple[str, ...]:
    """What was rehearsed, for a reader."""
    different = tuple(f"DIFFERENT {name}" for name in event.different)
    return (
        f"Drain: {duration_text(event.drain)} for {bytes_text(event.lag_bytes)}",
        f"Comparison of all that was not known equal: {duration_text(event.first_comparison)}",
        f"Comparison of what had changed since: {duration_text(event.second_comparison)} "
        f"({event.parts_again} of {count_noun(event.parts, 'part')}, "
        f"{count_text(event.rows_again)} rows)",
        f"Sequences read on both sides: {duration_text(event.sequences)}",
        f"A cutover now would take about {duration_text(event.downtime)}, and the fence, the "
        "refreshes of materialized views and the statistics, which were not rehearsed.",
        *different,
    )


def _unproven(request: Cutover) -> str:
    """What becomes of an end that is not proven."""
    if request.accept_unproven:
        return "Where that does not prove the end, the migration ends all the same, as accepted."
    lifted = "the source stays read-only" if request.keep_fence else "the fence is lifted"
    return f"Where that does not prove the end, {lifted}, the slot is kept and replay goes on."


def _said(word: str, gates: Sequence[Gate]) -> list[str]:
    return [
        " ".join(part for part in (f"{word}: {gate.title}. {gate.detail}", gate.waive) if part)
        for gate in gates
    ]


def _drain_seconds(state: State) -> float:
    if state.sample is None:
        return 0.1
    replay = state.sample.replay
    rate = replay.target_replay_rate
    left = replay.lag_bytes / rate if rate > 0 else replay.lag_seconds
    return max(left, state.rehearsal.drain if state.rehearsal else 0.1)


def _compare_seconds(state: State) -> float:
    if state.rehearsal is not None:
        return state.rehearsal.second_comparison
    return state.ahead.seconds if state.ahead is not None else 0.0


def _measured(state: State) -> str:
    if state.rehearsal is not None:
        return " (as rehearsed)"
    if state.ahead is not None:
        return " (as the last round ahead took; lmtui rehearse measures it)"
    return " for what is known equal, since nothing was compared ahead yet"


def _about(seconds: float) -> str:
    return f"About {duration_text(seconds)}"
