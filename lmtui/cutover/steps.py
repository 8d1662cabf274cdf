"""The steps of a cutover in words, with what they are expected to take. Pure."""

from lmtui.control import Cutover
from lmtui.humane import bytes_text, duration_text
from lmtui.state import State

FENCES = {
    "none": "No fence: writers are not kept from the source, and what they write fails the proof.",
    "readonly": "Fence: the source database is made read-only and its other sessions are ended.",
    "terminate": "Fence: the right to connect is taken, the database made read-only, its other "
    "sessions ended.",
}


def dry_run(state: State, request: Cutover) -> tuple[str, ...]:
    """What a cutover would do now, step by step. Nothing is changed."""
    sample = state.sample
    lines = []
    if sample is not None:
        lines += [
            f"blocker: {gate.title}. {gate.detail}".rstrip() for gate in sample.readiness.blockers
        ]
        lines += [
            f"warning: {gate.title}. {gate.detail}".rstrip() for gate in sample.readiness.warnings
        ]
    lag, seconds = (sample.replay.lag_bytes, sample.replay.lag_seconds) if sample else (0, 0.0)
    return (
        *lines,
        f"1. {FENCES[request.fence]}",
        f"2. Drain: {bytes_text(lag)} are left, about {duration_text(max(seconds, 0.1))}; "
        "proven by a marker in the stream. Until then everything can be cancelled.",
        "3. Sequences, identity columns, triggers and materialized views are set on the target.",
        "4. Every table is compared by count and checksum on both sides.",
        "5. The slot is dropped; jobs are switched on as they were; statistics are collected.",
        f"Given up by itself after {request.timeout_seconds} s; the fence is then lifted.",
    )
