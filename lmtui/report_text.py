"""The words of the report, in Markdown. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lmtui.humane import UNKNOWN, bytes_text, count_text, duration_text, rate_text
from lmtui.validation.relations import quoted

if TYPE_CHECKING:
    from lmtui.events import TableVerdict
    from lmtui.report import Copied, Dated, ProofReport, Report

_SEVERITIES = ("blocker", "failed", "warning", "info", "ok")


def markdown(report: "Report") -> str:
    """The whole report."""
    sections = [
        _heading(report),
        _servers(report),
        _phases(report),
        _copy(report.copy) if report.copy else [],
        _replay(report),
        _cutover(report),
        _proof(report.proof) if report.proof else [],
        _findings(report),
        _bullets("Schema drift", report.drift),
        _bullets("Chunks dropped on the source since the snapshot", report.chunks_dropped),
        _bullets("Time of hypertables that replay has written to", report.touched),
        _bullets("Kept on the target of chunks that the source has dropped", report.kept),
        _bullets("Jobs of the source that were paused", report.jobs_paused),
        _bullets("Warnings", map(_dated, report.warnings)),
        _bullets("Stops and failures", map(_dated, report.stops)),
        _bullets("Removed by lmtui clean", report.removed),
        _bullets("What is left to do", report.left_to_do),
    ]
    return "\n".join("\n".join([*section, ""]) for section in sections if section)


def _heading(report: "Report") -> list[str]:
    database = report.endpoints.source_database if report.endpoints else ""
    return [
        f"# Migration of {_cell(database)}",
        "",
        f"**{_outcome(report)}**",
        "",
        f"Migration {report.id} by lmtui {report.lmtui_version}, "
        f"{_moment(report.started_at)} to {_moment(report.ended_at)}. All times are UTC.",
    ]


def _outcome(report: "Report") -> str:
    if report.proven is None:
        return f"Not complete: phase {report.phase.replace('_', ' ')}, {report.status}."
    downtime = duration_text(report.downtime_seconds or 0.0)
    if report.proven:
        return f"Complete and proven equal, with a downtime of {downtime}."
    return f"At its end, but not proven equal. Downtime {downtime}."


def _servers(report: "Report") -> list[str]:
    ends = report.endpoints
    if ends is None:
        return []
    return [
        "## Servers",
        "",
        *_table(
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


def _phases(report: "Report") -> list[str]:
    rows = [
        (span.phase.replace("_", " "), _moment(span.at), duration_text(span.seconds))
        for span in report.phases
    ]
    return ["## Phases", "", *_table(("Phase", "Began", "Took"), rows)] if rows else []


def _copy(copy: "Copied") -> list[str]:
    what = (
        f"{count_text(copy.tables)} tables and {count_text(copy.indexes)} indexes, "
        f"{bytes_text(copy.bytes)} on the source's disk"
    )
    if copy.seconds is None:
        return ["## Initial copy", "", f"Begun, not ended: {what}."]
    rate = f" ({rate_text(copy.bytes / copy.seconds)})" if copy.seconds else ""
    return ["## Initial copy", "", f"{what} in {duration_text(copy.seconds)}{rate}."]


def _replay(report: "Report") -> list[str]:
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
    return ["## Replay", "", *_table(("Applied since the snapshot", "Count"), rows, right=(1,))]


def _cutover(report: "Report") -> list[str]:
    if not report.steps and report.end_lsn is None:
        return []
    lines = ["## Cutover", "", f"Fence: {report.fence or UNKNOWN}."]
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
        lines += ["", *_table(("Step", "Result", "Took", "Detail"), rows, right=(2,))]
    return lines


def _proof(proof: "ProofReport") -> list[str]:
    equal = sum(verdict.equal for verdict in proof.compared)
    behind = len(proof.sequence_mismatches)
    lines = [
        "## Proof",
        "",
        f"Verdict: **{proof.verdict}**. Compared at {_moment(proof.at)} in "
        f"{duration_text(proof.seconds)}, by count and by two order-independent sums of 64-bit "
        "row hashes computed on the servers.",
        "",
        f"{equal} of {len(proof.compared)} relations are equal; "
        f"{proof.sequences_checked - behind} of {proof.sequences_checked} sequences are not "
        "behind.",
    ]
    if proof.changes_after_end:
        lines += [
            "",
            f"{count_text(proof.changes_after_end)} changes were written on the source after "
            "the end LSN.",
        ]
    header = ("Relation", "Kind", "Source rows", "Target rows", "Result", "Took", "Note")
    if proof.compared:
        lines += ["", *_table(header, map(_verdict, proof.compared), right=(2, 3, 5))]
    lines += _named("Checksums that differ", _checksums(proof.compared))
    lines += _named("Sequences behind or missing", proof.sequence_mismatches)
    lines += _named("Not compared", proof.not_compared)
    lines += _named("Inventory differences", proof.inventory)
    return lines


def _verdict(verdict: "TableVerdict") -> tuple[str, ...]:
    return (
        quoted(verdict.schema, verdict.name),
        verdict.kind,
        count_text(verdict.source_rows) if verdict.source_checksum else UNKNOWN,
        count_text(verdict.target_rows) if verdict.target_checksum else UNKNOWN,
        "equal" if verdict.equal else "DIFFERENT",
        duration_text(verdict.seconds),
        verdict.note,
    )


def _checksums(verdicts: Sequence["TableVerdict"]) -> list[str]:
    return [
        f"{quoted(verdict.schema, verdict.name)}: {verdict.source_checksum} on the source, "
        f"{verdict.target_checksum} on the target"
        for verdict in verdicts
        if not verdict.equal and verdict.source_checksum and verdict.target_checksum
    ]


def _findings(report: "Report") -> list[str]:
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
        lines += ["", *_table(("Severity", "Side", "Finding", "Detail"), rows)]
    return lines


def _bullets(title: str, entries: Iterable[str]) -> list[str]:
    lines = [f"- {_cell(entry)}" for entry in entries]
    return [f"## {title}", "", *lines] if lines else []


def _named(title: str, entries: Iterable[str]) -> list[str]:
    lines = [f"- {_cell(entry)}" for entry in entries]
    return ["", f"### {title}", "", *lines] if lines else []


def _dated(dated: "Dated") -> str:
    return f"{_moment(dated.at)}: {dated.text}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "now"


def _table(
    header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> list[str]:
    rule = ["---:" if number in right else "---" for number in range(len(header))]
    return [f"| {' | '.join(map(_cell, cells))} |" for cells in ([*header], rule, *rows)]


def _cell(text: str) -> str:
    """Names and servers' words, kept from being read as Markdown's own signs."""
    for sign in "\\`|<*":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split()) if "\n" in text else text
