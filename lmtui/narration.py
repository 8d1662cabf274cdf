"""What a migration says line by line, in the words that live-migration's users know. Pure."""

from lmtui import events as e
from lmtui.humane import bytes_text, count_noun, count_text, duration_text, eta_text, rate_text
from lmtui.phases import Phase
from lmtui.state import State
from lmtui.unproven import details


def event_line(event: e.AnyEvent) -> str:
    """One event as a line; empty where it is told otherwise."""
    match event:
        case e.MigrationPlanned():
            return (
                f"Migrating {event.endpoints.source} to {event.endpoints.target} "
                f"(lmtui {event.version})"
            )
        case e.PhaseEntered():
            return _PHASES.get(event.phase, "")
        case e.SlotCreated():
            return (
                f"Snapshot {event.snapshot} created successfully. Slot {event.slot} at {event.lsn}"
            )
        case e.JobsPaused():
            return f"Jobs paused on the source: {', '.join(event.jobs)}"
        case e.PointTaken():
            return (
                f"Copying what is left ({count_noun(event.left, 'table')}) as of {event.lsn}; "
                f"{count_noun(event.kept, 'table')} ({bytes_text(event.kept_bytes)}) stay as they"
                " are"
            )
        case e.ForeignKeysChecked():
            return f"{count_noun(event.count, 'foreign key')} checked: all hold"
        case e.ResyncBegun():
            return f"Copying anew: {_tables(event.tables)} ({event.reason})"
        case e.ResyncFailed(problem=problem):
            words = (problem.title, problem.detail, problem.hint)
            return "\n".join((f"NOT copied anew: {_tables(event.tables)}", *filter(None, words)))
        case e.TablesSynchronised():
            return (
                f"Copied anew: {_tables(event.tables)}, {count_text(event.rows)} rows, "
                f"as of {event.lsn}, in {duration_text(event.seconds)}"
            )
        case e.CopyPlanned():
            return (
                f"Copying {event.tables} tables and {event.indexes} indexes "
                f"({bytes_text(event.bytes)})"
            )
        case e.CopyFinished():
            return f"Existing data copied in {duration_text(event.seconds)}"
        case e.ReplayStarted():
            return "Applying buffered transactions ..."
        case e.CaughtUp():
            return "Target has caught up with source"
        case e.FellBehind():
            return "Target has fallen behind source"
        case e.DriftSeen():
            return f"The {event.side}'s schema has changed: {'; '.join(event.details)}"
        case e.DriftCleared():
            return f"The {event.side}'s schema is as it was"
        case e.ChunksDropped():
            return f"Chunks dropped on the source: {', '.join(event.chunks)}"
        case e.Rehearsed():
            return (
                f"Rehearsed: drain {duration_text(event.drain)}, comparison "
                f"{duration_text(event.first_comparison)}, then "
                f"{duration_text(event.second_comparison)} for what had changed since"
            )
        case e.VerifiedAhead() if event.different:
            return f"Compared ahead, and DIFFERENT: {', '.join(event.different)}"
        case e.VerifiedAhead():
            return f"Compared ahead: {event.compared} of {event.units} parts equal at {event.lsn}"
        case e.SkipAllowed():
            return f"To be skipped where it cannot be applied: {event.change.named}"
        case e.ChangeSkipped():
            return f"SKIPPED: {event.change.named}: {event.change.why}"
        case e.Noted():
            return event.text
        case _:
            return _ending_line(event)


def _ending_line(event: e.AnyEvent) -> str:
    match event:
        case e.CutoverRequested():
            return f"Cutover begins (fence: {event.fence})"
        case e.CutoverStep() if event.status == "done":
            return f"  {event.step}: {event.detail} ({duration_text(event.seconds)})"
        case e.CutoverStep() if event.status == "failed":
            return f"  {event.step} failed: {event.detail}"
        case e.CutoverGivenUp():
            return f"Cutover given up, replay goes on. {event.reason}"
        case e.CutoverTakenBack():
            return f"Cutover taken back by {event.by}: the fence is lifted, replay goes on"
        case e.FenceLifted():
            seconds = f", after {duration_text(event.seconds)}" if event.seconds else ""
            return f"  The source takes writes again{seconds}"
        case e.CutoverGivenBack():
            return _given_back(event)
        case e.Validated():
            return "\n".join(f"  {words}" for words in details(event.proof))
        case e.DrainProven():
            return f"  drain proven: end {event.end_lsn}, applied {event.applied_lsn}"
        case e.SourceKeptReady():
            return "  The source is kept ready: lmtui going-back says what it takes to go back"
        case e.Completed() if event.proven:
            return (
                "Migration successfully completed. Everything that was compared is equal; "
                f"downtime {duration_text(event.downtime_seconds)}."
            )
        case e.Completed():
            return "Migration finished but NOT proven, as accepted: see lmtui report."
        case e.StatusChanged(problem=e.Problem() as problem):
            return "\n".join(part for part in (problem.title, problem.detail, problem.hint) if part)
        case _:
            return ""


def _tables(names: tuple[tuple[str, str], ...], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(".".join(name) for name in names[:most]) + more


def _given_back(event: e.CutoverGivenBack) -> str:
    fence = "The source is still read-only" if event.fence_kept else "The source takes writes"
    return "\n".join(
        (
            f"Cutover NOT PROVEN: {'; '.join(event.reasons)}",
            f"{fence}, the slot is kept, and replay goes on. What to do:",
            *(f"  {words}" for words in event.ways),
        )
    )


_PHASES = {
    Phase.PREFLIGHT: "Running compatibility checks ...",
    Phase.PREPARE: "Creating snapshot ...",
    Phase.COPY: "Copying existing data ...",
    Phase.CATCH_UP: "Live replay begins ...",
    Phase.REPLICATE: "To stop replication, hit 'c' and then ENTER (or: lmtui cutover)",
    Phase.VALIDATE: "Comparing both sides ...",
}


def progress_line(state: State) -> str:
    """Where copy or replay stands; empty where neither runs."""
    sample = state.sample
    if sample is None:
        return ""
    if state.phase is Phase.COPY:
        copy = sample.copy
        if not copy.bytes_total:
            return ""
        return (
            f"{bytes_text(copy.bytes_done)} copied to Target DB (Source DB is "
            f"{bytes_text(copy.bytes_total)}), tables {copy.tables_done}/{copy.tables_total}, "
            f"indexes {copy.indexes_done}/{copy.indexes_total}, "
            f"{rate_text(copy.bytes_per_second)}, ETA {eta_text(copy.eta_seconds)}"
        )
    if state.phase not in (Phase.CATCH_UP, Phase.REPLICATE):
        return ""
    replay = sample.replay
    figures = (
        f"source_wal_rate: {rate_text(replay.source_wal_rate)}, "
        f"target_replay_rate: {rate_text(replay.target_replay_rate)}, "
        f"replay_lag: {bytes_text(replay.lag_bytes)}, {duration_text(replay.lag_seconds)}, "
        f"applied: {count_text(replay.applied.insert)} inserts, "
        f"{count_text(replay.applied.update)} updates, "
        f"{count_text(replay.applied.delete)} deletes, "
        f"{count_text(replay.applied.unmatched)} unmatched, "
        f"{count_text(replay.applied.skipped)} skipped"
    )
    if state.caught_up and replay.verdict == "caught up":
        return f"Target has caught up with source ({figures})"
    if replay.verdict == "stalled":
        return f"Live-replay is stalled: {replay.why} ({figures})"
    if replay.verdict == "falling behind":
        return f"live-replay not keeping up with source load ({figures})"
    if replay.why:
        return f"{replay.why} ({figures})"
    return f"Live-replay will complete in {eta_text(replay.eta_seconds)} ({figures})"
