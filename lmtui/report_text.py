"""The words of the report, in Markdown. Pure functions."""

from lmtui.going_back import lacking, steps
from lmtui.humane import UNKNOWN, bytes_text, count_noun, count_text, duration_text, rate_text
from lmtui.report_facts import Copied, Dated, Report, SkippedChange
from lmtui.report_markdown import bullets, cell, moment, named, table
from lmtui.report_proof import given_back_lines, proof_lines

# Of very many comparisons the last are told.
MOST_ROUNDS = 20
_SEVERITIES = ("blocker", "failed", "warning", "info", "ok")


def markdown(report: Report) -> str:
    """The whole report."""
    sections = [
        _heading(report),
        _servers(report),
        _phases(report),
        _copy(report.copy) if report.copy else [],
        _replay(report),
        _cutover(report),
        _ahead(report),
        proof_lines(report.proof) if report.proof else [],
        given_back_lines(report.given_back),
        _findings(report),
        bullets("Changes skipped", map(_skipped, report.skipped)),
        bullets("Schema drift", report.drift),
        bullets("Chunks dropped on the source since the snapshot", report.chunks_dropped),
        bullets("Time of hypertables that replay has written to", report.touched),
        bullets("Kept on the target of chunks that the source has dropped", report.kept),
        bullets("Jobs of the source that were paused", report.jobs_paused),
        bullets("Warnings", map(_dated, report.warnings)),
        bullets("Stops and failures", map(_dated, report.stops)),
        bullets("Removed by lmtui clean", report.removed),
        _ledger(report),
        _going_back(report),
        bullets("What is left to do", report.left_to_do),
    ]
    return "\n".join("\n".join([*section, ""]) for section in sections if section)


def _heading(report: Report) -> list[str]:
    database = report.endpoints.source_database if report.endpoints else ""
    return [
        f"# Migration of {cell(database)}",
        "",
        f"**{_outcome(report)}**",
        "",
        f"Migration {report.id} by lmtui {report.lmtui_version}, "
        f"{moment(report.started_at)} to {moment(report.ended_at)}. All times are UTC.",
    ]


def _outcome(report: Report) -> str:
    if report.proven is None:
        return f"Not complete: phase {report.phase.replace('_', ' ')}, {report.status}."
    downtime = duration_text(report.downtime_seconds or 0.0)
    if report.proven:
        return f"Complete and proven equal, with a downtime of {downtime}."
    accepted = ", as was accepted" if report.accepted_unproven else ""
    if report.proof and report.proof.verdict == "equal" and report.proof.changes_skipped:
        skipped = count_noun(report.proof.changes_skipped, "change")
        return (
            f"At its end, and equal in all that was compared; not called proven{accepted}: "
            f"{skipped} of the source skipped. Downtime {downtime}."
        )
    return f"At its end, but not proven equal{accepted}. Downtime {downtime}."


def _servers(report: Report) -> list[str]:
    ends = report.endpoints
    if ends is None:
        return []
    return [
        "## Servers",
        "",
        *table(
            ("", "Source", "Target"),
            [
                ("Connection", ends.source, ends.target),
                ("Database", ends.source_database, ends.target_database),
                ("PostgreSQL", ends.source_version, ends.target_version),
                ("TimescaleDB", ends.source_timescaledb, ends.target_timescaledb),
            ],
        ),
        "",
        f"Replication slot `{report.slot}`, output plugin `{report.plugin}`.",
    ]


def _phases(report: Report) -> list[str]:
    rows = [
        (span.phase.replace("_", " "), moment(span.at), duration_text(span.seconds))
        for span in report.phases
    ]
    return ["## Phases", "", *table(("Phase", "Began", "Took"), rows)] if rows else []


def _copy(copy: Copied) -> list[str]:
    what = (
        f"{count_text(copy.tables)} tables and {count_text(copy.indexes)} indexes, "
        f"{bytes_text(copy.bytes)} on the source's disk"
    )
    if copy.seconds is None:
        return ["## Initial copy", "", f"Begun, not ended: {what}."]
    rate = f" ({rate_text(copy.bytes / copy.seconds)})" if copy.seconds else ""
    return ["## Initial copy", "", f"{what} in {duration_text(copy.seconds)}{rate}."]


def _replay(report: Report) -> list[str]:
    applied = report.replay
    if applied is None:
        return []
    rows = [
        (name, count_text(count))
        for name, count in (
            ("Transactions", applied.transactions),
            ("Rows inserted", applied.insert),
            ("Rows updated", applied.update),
            ("Rows deleted", applied.delete),
            ("Truncations", applied.truncate),
            ("Changes that found no row", applied.unmatched),
            ("Changes skipped", applied.skipped),
        )
    ]
    return ["## Replay", "", *table(("Applied since the snapshot", "Count"), rows, right=(1,))]


def _cutover(report: Report) -> list[str]:
    if not report.steps and report.end_lsn is None:
        return []
    lines = ["## Cutover", "", f"Fence: {report.fence or UNKNOWN}."]
    if report.confirmed_by:
        lines.append(f"Confirmed by {cell(report.confirmed_by)}.")
    if report.downtime_seconds is not None:
        lines.append(f"Downtime: {duration_text(report.downtime_seconds)}.")
    if report.end_lsn is not None:
        lines.append(
            f"Drain proven in {duration_text(report.drain_seconds or 0.0)}: the marker written "
            f"on the source after the fence (end LSN {report.end_lsn}) was seen on the target "
            f"(applied LSN {report.applied_lsn})."
        )
    rows = [
        (step.name, step.status, duration_text(step.seconds), step.detail) for step in report.steps
    ]
    if rows:
        lines += ["", *table(("Step", "Result", "Took", "Detail"), rows, right=(2,))]
    lines += named("Blockers waived by the operator", report.waived)
    if (rehearsal := report.rehearsal) is not None:
        said = f"{duration_text(rehearsal.downtime)} of downtime expected"
        lines += named("Rehearsed before", [f"{said}, drain {duration_text(rehearsal.drain)}"])
    return lines


def _ahead(report: Report) -> list[str]:
    rows = [
        (one.lsn, f"{one.compared} of {one.units}", count_text(one.rows),
         duration_text(one.seconds), duration_text(one.pause), ", ".join(one.different) or "none")
        for one in report.ahead[-MOST_ROUNDS:]
    ]  # fmt: skip
    if not rows:
        return []
    header = ("As of LSN", "Parts equal", "Rows read", "Took", "Replay held", "Different")
    return [
        "## Compared ahead of the cutover", "",
        "Both sides as of one point in the source's log, while writers and replay went on.", "",
        *table(header, rows, right=(2, 3, 4)),
    ]  # fmt: skip


def _ledger(report: Report) -> list[str]:
    rows = [
        (str(one.id), moment(one.at), one.side, one.what, one.before,
         "put back" if one.put_back else "for good" if not one.undo else f"open until {one.until}")
        for one in report.ledger
    ]  # fmt: skip
    if not rows:
        return []
    header = ("No.", "At", "Side", "What lmtui changed", "Before", "Now")
    return ["## Ledger", "", *table(header, rows, right=(0,))]


def _going_back(report: Report) -> list[str]:
    back, ends = report.going_back, report.endpoints
    if back is None or ends is None:
        return []
    lines = [cell(words) for words in steps(back, ends.source, ends.target)]
    return ["## Going back to the source", "", *lines, "",
            *(f"- {cell(words)}" for words in lacking(back))]  # fmt: skip


def _findings(report: Report) -> list[str]:
    rows = [
        (finding.severity, finding.side, finding.title, finding.detail)
        for severity in _SEVERITIES[:-1]
        for finding in report.findings
        if finding.severity == severity
    ]
    if not report.findings:
        return []
    passed = sum(finding.severity == "ok" for finding in report.findings)
    lines = ["## Preflight", "", f"{passed} checks found nothing."]
    if rows:
        lines += ["", *table(("Severity", "Side", "Finding", "Detail"), rows)]
    return lines


def _skipped(skipped: SkippedChange) -> str:
    change = skipped.change
    said = {"skipped": "SKIPPED", "applied": "allowed to be skipped, but applied"}
    parts = [
        f"{moment(skipped.at)}: {said.get(skipped.outcome, 'allowed to be skipped')}: "
        f"{change.named}",
        f"new values: {change.values}" if change.values else "",
        change.why,
        f"statement: {change.statement}" if change.statement else "",
    ]
    return "; ".join(" ".join(part.split()) for part in parts if part)


def _dated(dated: Dated) -> str:
    return f"{moment(dated.at)}: {dated.text}"
