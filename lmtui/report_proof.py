"""The proof in the report, in Markdown. Pure functions."""

from collections.abc import Sequence

from lmtui.events import RowDifference, TableVerdict
from lmtui.humane import UNKNOWN, count_text, duration_text
from lmtui.report_facts import ProofReport
from lmtui.report_markdown import moment, named, table
from lmtui.validation.relations import quoted


def proof_lines(proof: ProofReport) -> list[str]:
    """What was compared, what not, and what differs."""
    equal = sum(verdict.equal for verdict in proof.compared)
    behind = len(proof.sequence_mismatches)
    lines = [
        "## Proof",
        "",
        f"Verdict: **{proof.verdict}**. Compared at {moment(proof.at)} in "
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
        lines += named("Sessions seen on the source behind the fence", proof.writers_after_end)
    header = ("Relation", "Kind", "Source rows", "Target rows", "Result", "Took", "Note")
    if proof.compared:
        lines += ["", *table(header, map(_verdict, proof.compared), right=(2, 3, 5))]
    lines += named("Checksums that differ", _checksums(proof.compared))
    lines += named("Rows that differ", map(_row, proof.rows))
    lines += named("Sequences behind or missing", proof.sequence_mismatches)
    lines += named("Not compared", proof.not_compared)
    lines += named("Inventory differences", proof.inventory)
    return lines


def _verdict(verdict: TableVerdict) -> tuple[str, ...]:
    return (
        quoted(verdict.schema, verdict.name),
        verdict.kind,
        count_text(verdict.source_rows) if verdict.source_checksum else UNKNOWN,
        count_text(verdict.target_rows) if verdict.target_checksum else UNKNOWN,
        "equal" if verdict.equal else "DIFFERENT",
        duration_text(verdict.seconds),
        "; ".join(part for part in (verdict.note, _of_parts(verdict)) if part),
    )


def _of_parts(verdict: TableVerdict) -> str:
    if not verdict.ahead:
        return ""
    if verdict.ahead == verdict.parts:
        return "compared ahead, not changed since"
    return f"{verdict.ahead} of {verdict.parts} parts compared ahead, not changed since"


def _row(row: RowDifference) -> str:
    source, target = (
        words if words is not None else "missing" for words in (row.source, row.target)
    )
    return f"{row.relation}, {row.key}: {source} on the source, {target} on the target"


def _checksums(verdicts: Sequence[TableVerdict]) -> list[str]:
    return [
        f"{quoted(verdict.schema, verdict.name)}: {verdict.source_checksum} on the source, "
        f"{verdict.target_checksum} on the target"
        for verdict in verdicts
        if not verdict.equal and verdict.source_checksum and verdict.target_checksum
    ]
