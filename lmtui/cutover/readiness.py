"""Whether the cutover may begin, and what stands in its way. Pure."""

from lmtui.humane import bytes_text, count_noun, duration_text
from lmtui.phases import Phase
from lmtui.sample import Gate, Readiness, Sample
from lmtui.state import State


def readiness(state: State, sample: Sample) -> Readiness:
    """All gates. A blocker cannot be waived; a warning is the operator's to weigh."""
    blockers = tuple(_blockers(state, sample))
    return Readiness(
        ready=not blockers, blockers=blockers, warnings=tuple(_warnings(state, sample))
    )


def _blockers(state: State, sample: Sample) -> list[Gate]:
    replay, gates = sample.replay, []
    if state.phase not in (Phase.CATCH_UP, Phase.REPLICATE):
        return [
            Gate(
                code="not_replicating",
                level="blocker",
                title="The migration is not replicating",
                detail=f"It is in the phase {state.phase}.",
                hint="Wait until the initial copy is done and replay runs.",
            )
        ]
    if not state.caught_up:
        gates.append(
            Gate(
                code="not_caught_up",
                level="blocker",
                title="The target has not caught up",
                detail=f"{bytes_text(replay.lag_bytes)}, "
                f"{duration_text(replay.lag_seconds)} behind: {replay.verdict}",
                hint="Wait until the lag is small.",
            )
        )
    if replay.verdict == "stalled":
        gates.append(
            Gate(
                code="stalled",
                level="blocker",
                title="Replay does not move",
                detail=replay.why,
                hint="See the log; mend the cause it names.",
            )
        )
    if replay.applied.unmatched or replay.applied.skipped:
        gates.append(
            Gate(
                code="changes_not_applied",
                level="blocker",
                title="Changes were not applied",
                detail=f"{count_noun(replay.applied.unmatched, 'change')} found no row, "
                f"{count_noun(replay.applied.skipped, 'change')} skipped",
            )
        )
    if state.drift:
        gates.append(
            Gate(
                code="schema_drift",
                level="blocker",
                title="The schema has changed since the snapshot",
                detail="; ".join(state.drift[:5]),
                hint="DDL is not replayed: make the same change on the other side.",
            )
        )
    if state.chunks_dropped:
        gates.append(
            Gate(
                code="chunks_dropped",
                level="blocker",
                title="Chunks were dropped on the source",
                detail=", ".join(state.chunks_dropped[:5]),
                hint="Drop the same range on the target, or begin again.",
            )
        )
    if sample.source.wal_status in ("lost", "unreserved"):
        gates.append(
            Gate(
                code="slot_in_danger",
                level="blocker",
                title="The source does not keep the slot's log",
                detail=f"wal_status is {sample.source.wal_status}",
                hint="Raise max_slot_wal_keep_size on the source.",
            )
        )
    return gates


def _warnings(state: State, sample: Sample) -> list[Gate]:
    gates = []
    if writing := len(sample.source.writers):
        gates.append(
            Gate(
                code="writers",
                level="warning",
                title=f"{count_noun(writing, 'session')} {'writes' if writing == 1 else 'write'} "
                "on the source",
                detail="; ".join(sample.source.writers[:5]),
                hint="Stop the application first, or let the fence end them.",
            )
        )
    warned = [finding for finding in state.findings if finding.severity == "warning"]
    gates += [
        Gate(code=finding.id, level="warning", title=finding.title, detail=finding.detail)
        for finding in warned
    ]
    return gates
