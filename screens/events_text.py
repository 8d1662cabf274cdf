"""The journal's events as one line of words each."""

from lmtui import events as e
from lmtui.humane import bytes_text, count_noun, count_text, duration_text
from lmtui.unproven import reasons
from screens.text import phase_name


def event_text(event: e.AnyEvent) -> tuple[str, str]:
    """The level (info, ok, warning, failed, running) and the words of an event."""
    match event:
        case e.MigrationPlanned():
            return "info", f"Migration of {event.endpoints.source_database} planned"
        case e.WorkerStarted():
            return "info", f"Supervisor started (process {event.pid})"
        case e.WorkerStopped():
            return "info", "Supervisor ended"
        case e.PhaseEntered():
            return "info", f"Phase: {phase_name(event.phase)}"
        case e.StatusChanged():
            return _status(event)
        case e.FindingsRecorded():
            return _preflight(event)
        case e.SlotCreated():
            return "ok", f"Slot {event.slot} created at {event.lsn} ({event.plugin})"
        case e.JobsPaused():
            return "info", f"{count_noun(len(event.jobs), 'job')} of the source paused"
        case e.PointTaken():
            kept = count_noun(event.kept, "table")
            return "info", f"The rest is copied as of {event.lsn}; {kept} stay as they are"
        case e.TablesCopied():
            return "info", f"{count_noun(len(event.tables), 'table')} copied as of {event.lsn}"
        case e.TablesSetAside():
            count = count_noun(len(event.tables), "table")
            return "warning", f"{count} to be copied again: {event.reason}"
        case e.ForeignKeysLeft():
            return "info", f"{count_noun(event.count, 'foreign key')} to be checked later"
        case e.ForeignKeysChecked():
            return "ok", f"{count_noun(event.count, 'foreign key')} checked: all hold"
        case e.ResyncBegun():
            return "info", f"{count_noun(len(event.tables), 'table')} copied anew: {event.reason}"
        case e.ResyncFailed():
            count = count_noun(len(event.tables), "table")
            return "failed", f"{count} not copied anew: {event.problem.title}"
        case e.TablesSynchronised():
            count, rows = count_noun(len(event.tables), "table"), count_text(event.rows)
            return "ok", f"{count} copied anew, whole as of {event.lsn}: {rows} rows"
        case e.CopyPlanned():
            size = bytes_text(event.bytes)
            return "info", f"To copy: {count_noun(event.tables, 'table')}, {size}"
        case e.CopyFinished():
            return "ok", f"Initial copy finished in {duration_text(event.seconds)}"
        case e.ReplayStarted():
            return "info", "Replay started"
        case e.CaughtUp():
            return "ok", f"Caught up: {_lag(event)} behind"
        case e.FellBehind():
            return "warning", f"Fell behind: {_lag(event)}"
        case e.DriftSeen():
            return "warning", f"Schema of the {event.side} changed: {'; '.join(event.details)}"
        case e.DriftCleared():
            return "ok", f"Schema of the {event.side} is as at the snapshot again"
        case e.ChunksDropped():
            chunks = count_noun(len(event.chunks), "chunk")
            return "info", f"{chunks} dropped on the source since the snapshot"
        case e.SkipAllowed():
            return "warning", f"To be skipped where it cannot be applied: {event.change.named}"
        case e.ChangeSkipped():
            return "warning", f"Skipped: {event.change.named}: {event.change.why}"
        case e.Noted():
            return event.level, event.text
    return _ending(event)


def _ending(
    event: e.CutoverRequested | e.CutoverStep | e.CutoverGivenUp | e.CutoverTakenBack
    | e.FenceLifted | e.CutoverGivenBack | e.DrainProven | e.VerifiedAhead | e.Rehearsed
    | e.Validated | e.SourceKeptReady | e.Completed | e.CleanedUp,
) -> tuple[str, str]:  # fmt: skip
    match event:
        case e.CutoverRequested():
            return "info", f"Cutover requested, fence {event.fence}"
        case e.CutoverStep():
            return _step(event)
        case e.CutoverGivenUp():
            return "warning", f"Cutover given up: {event.reason}"
        case e.CutoverTakenBack():
            return "warning", f"Cutover taken back by {event.by}"
        case e.FenceLifted():
            seconds = f" after {duration_text(event.seconds)}" if event.seconds else ""
            return "ok", f"Fence lifted{seconds}: the source takes writes"
        case e.CutoverGivenBack():
            return "failed", f"Not proven, back to replay: {'; '.join(event.reasons)}"
        case e.DrainProven():
            return "ok", f"Drain proven at {event.end_lsn} in {duration_text(event.seconds)}"
        case e.Rehearsed():
            return "info", f"Rehearsed: about {duration_text(event.downtime)} of downtime"
        case e.VerifiedAhead():
            compared = f"{count_text(event.compared)} of {count_noun(event.units, 'part')}"
            if event.different:
                return "failed", f"Compared ahead: differs: {', '.join(event.different)}"
            return "ok", f"Compared ahead: no difference in {compared}, as of {event.lsn}"
        case e.Validated():
            if event.proof.proven:
                tables = count_noun(len(event.proof.tables), "relation")
                return "ok", f"{tables} compared, all equal"
            return "failed", f"Compared: {'; '.join(reasons(event.proof))}"
        case e.SourceKeptReady():
            fence = "its fence stands" if event.going_back.fenced else "without a fence"
            return "info", f"Source kept ready to be gone back to, {fence}"
        case e.Completed():
            words = "proven" if event.proven else "not proven"
            return (
                "ok" if event.proven else "failed",
                f"Complete, {words}; downtime {duration_text(event.downtime_seconds)}",
            )
        case e.CleanedUp():
            return "ok", f"Cleaned up: {', '.join(event.removed) or 'nothing was left'}"


def step_name(step: str) -> str:
    """A cutover step's name in words."""
    return step.replace("_", " ").capitalize()


def _preflight(event: e.FindingsRecorded) -> tuple[str, str]:
    found = [finding.severity for finding in event.findings]
    blockers = sum(severity in ("blocker", "failed") for severity in found)
    said = f"{count_noun(blockers, 'blocker')}, {count_noun(found.count('warning'), 'warning')}"
    level = "warning" if blockers else "info"
    return level, f"Preflight ended: {said} in {count_noun(len(found), 'check')}"


def _status(event: e.StatusChanged) -> tuple[str, str]:
    level = "failed" if event.status == "failed" else "info"
    why = f": {event.problem.title}" if event.problem else ""
    return level, f"{event.status.value.capitalize()}{why}"


def _step(event: e.CutoverStep) -> tuple[str, str]:
    seconds = f" in {duration_text(event.seconds)}" if event.status == "done" else ""
    detail = f": {event.detail}" if event.detail else ""
    level = {"done": "ok", "failed": "failed"}.get(event.status, "running")
    return level, f"{step_name(event.step)} {event.status}{seconds}{detail}"


def _lag(event: e.CaughtUp | e.FellBehind) -> str:
    return f"{bytes_text(event.lag_bytes)}, {duration_text(event.lag_seconds)}"
