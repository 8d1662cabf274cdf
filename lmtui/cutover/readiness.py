"""Whether the cutover may begin, and what stands in its way. Pure."""

from collections.abc import Collection
from datetime import timedelta

from lmtui.cutover.gates import blocker, listed, warning
from lmtui.cutover.gates_left import left_by_cutover
from lmtui.cutover.whole_gates import whole_gates
from lmtui.humane import bytes_text, count_noun, duration_text
from lmtui.phases import Phase
from lmtui.sample import Gate, Readiness, Sample
from lmtui.state import State

# Below this the spool is about to stop (the receiver keeps 256 MiB free).
DISK_BYTES = 1024**3
STALE = timedelta(hours=1)
SKIPPED = "changes_skipped"


def readiness(state: State, sample: Sample, waived: Collection[str] = ()) -> Readiness:
    """All gates. `waived` are codes of blockers that the operator takes upon himself."""
    found = _blockers(state, sample)
    left = tuple(gate for gate in found if not (gate.waive and gate.code in waived))
    level = "ready"
    if left:
        level = "waivable" if all(gate.waive for gate in left) else "blocked"
    return Readiness(
        ready=not left,
        level=level,
        blockers=left,
        warnings=tuple(_warnings(state, sample)),
        waived=tuple(gate for gate in found if gate not in left),
    )


def _blockers(state: State, sample: Sample) -> list[Gate]:
    if state.phase not in (Phase.CATCH_UP, Phase.REPLICATE):
        return [
            blocker(
                "not_replicating",
                "The migration is not replicating",
                f"It is in the phase {state.phase}.",
                "Wait until the initial copy is done and replay runs.",
            )
        ]
    return [
        *_replay_gates(state, sample),
        *_consistency_gates(state, sample),
        *_server_gates(sample),
    ]


def _replay_gates(state: State, sample: Sample) -> list[Gate]:
    replay, gates = sample.replay, []
    if not state.caught_up:
        lag = f"{bytes_text(replay.lag_bytes)}, {duration_text(replay.lag_seconds)} behind"
        gates.append(
            blocker(
                "not_caught_up",
                "The target has not caught up",
                f"{lag}: {replay.verdict}",
                "Wait until the lag is small.",
            )
        )
    if replay.verdict == "stalled":
        gates.append(
            blocker(
                "stalled",
                "Replay does not move",
                replay.why,
                "See the log; mend the cause it names.",
            )
        )
    if state.caught_up and replay.verdict == "falling behind":
        gates.append(
            blocker(
                "falling_behind",
                "The target falls behind",
                f"{replay.why}: {bytes_text(replay.lag_bytes)} to replay, and more every second",
                "Wait for a quieter hour, or slow the writers down.",
                waivable=True,
            )
        )
    return gates


def _consistency_gates(state: State, sample: Sample) -> list[Gate]:
    applied, gates = sample.replay.applied, []
    gates += whole_gates(state)
    if applied.unmatched:
        gates.append(
            blocker(
                "changes_unmatched",
                "Updates or deletes found no row",
                f"{count_noun(applied.unmatched, 'change')} of the source were not applied",
                "Begin again with a new snapshot.",
            )
        )
    if skipped := max(applied.skipped, len(state.skipped)):
        gates.append(
            blocker(
                SKIPPED,
                f"{count_noun(skipped, 'change')} of the source {'was' if skipped == 1 else 'were'}"
                " skipped",
                listed([change.named for change in state.skipped]) or "They are not named yet",
                "Compare their tables: lmtui validate. No cutover can be proven: it needs "
                "--accept-unproven as well.",
                waivable=True,
            )
        )
    if state.drift:
        gates.append(
            blocker(
                "schema_drift",
                "The schema has changed since the snapshot",
                listed(state.drift),
                "DDL is not replayed: make the same change on the other side.",
                waivable=True,
            )
        )
    if state.chunks_dropped:
        gates.append(
            blocker(
                "chunks_dropped",
                "Chunks were dropped on the source",
                listed(state.chunks_dropped, ", "),
                "Drop the same range on the target, or begin again.",
                waivable=True,
            )
        )
    if state.ahead is not None and state.ahead.different:
        gates.append(
            blocker(
                "validation_failed",
                "Both sides differ at a point where they must be equal",
                listed(state.ahead.different, ", "),
                "lmtui validate shows the rows; lmtui validate --repair TABLE copies them.",
                waivable=True,
            )
        )
    if sample.evidence is not None and sample.evidence.keyless:
        gates.append(
            blocker(
                "identity_missing",
                "Rows are changed in tables where nothing identifies them",
                listed(sample.evidence.keyless),
                "Give them a primary key or a replica identity; lmtui check shows how.",
                waivable=True,
            )
        )
    return gates


def _server_gates(sample: Sample) -> list[Gate]:
    gates, spool, evidence = [], sample.spool, sample.evidence
    if sample.source.wal_status in ("lost", "unreserved"):
        gates.append(
            blocker(
                "slot_in_danger",
                "The source does not keep the slot's log",
                f"wal_status is {sample.source.wal_status}",
                "Raise max_slot_wal_keep_size on the source.",
            )
        )
    if 0 < spool.free_bytes < DISK_BYTES:
        gates.append(
            blocker(
                "disk",
                "The disk of the work directory is nearly full",
                f"{bytes_text(spool.free_bytes)} are free, the spool has {bytes_text(spool.bytes)}",
                "Make room: without it nothing more is received.",
                waivable=True,
            )
        )
    if evidence is None:
        return gates
    if evidence.prepared:
        gates.append(
            blocker(
                "prepared_transactions",
                "Prepared transactions are open on the source",
                listed(evidence.prepared),
                "COMMIT PREPARED or ROLLBACK PREPARED each: the fence waits for them in vain.",
                waivable=True,
            )
        )
    if evidence.fence_rights:
        gates.append(
            blocker(
                "fence_rights",
                "The source's role may not raise a fence",
                listed(evidence.fence_rights),
                "Connect as the database's owner, or cut over with --fence none.",
                waivable=True,
            )
        )
    if evidence.target_rights:
        gates.append(
            blocker(
                "target_rights",
                "The target's role may not finish the migration",
                listed(evidence.target_rights),
                "Grant what is missing, or connect as the objects' owner.",
            )
        )
    return gates


def _warnings(state: State, sample: Sample) -> list[Gate]:
    gates, evidence = [], sample.evidence
    if writing := len(sample.source.writers):
        gates.append(
            warning(
                "writers",
                f"{count_noun(writing, 'session')} {'writes' if writing == 1 else 'write'} "
                "on the source",
                listed(sample.source.writers),
                "Stop the application first, or let the fence end them.",
            )
        )
    if evidence is not None:
        for code, title, words, hint in (
            (
                "open_transactions", "Transactions are open for long on the source",
                evidence.open_transactions, "The fence ends them: what they did is rolled back.",
            ),
            (
                "jobs", "Jobs of the source may write behind the fence", evidence.jobs,
                "Pause them, or see that none runs at the cutover.",
            ),
            (
                "sequences_near_end", "Sequences come to their end", evidence.sequences,
                "Widen their type on both sides.",
            ),
        ):  # fmt: skip
            if words:
                gates.append(warning(code, title, listed(words), hint))
    if kept := sample.replay.kept:
        gates.append(
            warning(
                "chunks_kept",
                "The target keeps what chunks held that the source has dropped",
                listed(kept),
                "As planned: the comparison leaves these rows of the target out.",
            )
        )
    gates += left_by_cutover(state)
    gates += _validation(state, sample)
    gates += _clock(state, sample)
    gates += [
        warning(finding.id, finding.title, finding.detail)
        for finding in state.findings
        if finding.severity == "warning"
    ]
    return gates


def _validation(state: State, sample: Sample) -> list[Gate]:
    ahead = state.ahead
    if ahead is None:
        # Before the first look at the servers nothing could be compared.
        if sample.evidence is None:
            return []
        detail = (
            "Nothing was compared ahead yet: a long transaction, or no free slot, is in the way"
        )
    elif ahead.different:
        return []
    elif ahead.compared < ahead.units:
        detail = f"{ahead.compared} of {count_noun(ahead.units, 'part')} are compared"
    elif sample.at - ahead.at > STALE:
        detail = f"The last comparison was at {ahead.at:%Y-%m-%d %H:%M} UTC"
    else:
        return []
    hint = "What was not compared ahead is compared in the downtime."
    return [warning("validation_stale", "The comparison ahead is not complete", detail, hint)]


def _clock(state: State, sample: Sample) -> list[Gate]:
    """The fence is lifted at its timeout: what is to be drained must fit in."""
    rate, limit = sample.replay.target_replay_rate, state.cutover.timeout_seconds or 300
    seconds = sample.replay.lag_bytes / rate if rate > 0 else 0.0
    if seconds < limit / 2:
        return []
    return [
        warning(
            "fence_clock",
            "The drain may take longer than the fence is kept up",
            f"About {duration_text(seconds)} to replay; the fence is lifted after "
            f"{duration_text(limit)}",
            "Wait for a smaller lag, or give more time with --timeout.",
        )
    ]
