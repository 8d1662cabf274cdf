"""The proof in the report, in Markdown. Pure functions."""

from collections.abc import Sequence

from lmtui.events import TableVerdict
from lmtui.humane import UNKNOWN, count_text, duration_text
from lmtui.report_facts import GivenBack, ProofReport
from lmtui.report_markdown import cell, moment, named, table
from lmtui.unproven import row_text
from lmtui.validation.relations import quoted


def given_back_lines(given_back: Sequence[GivenBack]) -> list[str]:
    """The cutovers that went back to replay, with what differed then."""
    lines: list[str] = []
    for one in given_back:
        lasted = one.read_only_seconds
        fence = "its fence was kept" if lasted is None else (
            f"the source was read-only for {duration_text(lasted)}"
        )  # fmt: skip
        lines += [
            f"## Cutover that was not proven, {moment(one.at)}",
            "",
            f"Replay went on behind it; {fence}.",
            "",
            *(f"- {cell(words)}" for words in one.reasons),
            *(_differing(one.proof) if one.proof else ()),
            "",
        ]
    return lines[:-1]


def _differing(proof: ProofReport) -> list[str]:
    header = ("Relation", "Kind", "Source rows", "Target rows", "Result", "Took", "Note")
    rows = [_verdict(verdict) for verdict in proof.compared if not verdict.equal]
    return [
        *(["", *table(header, rows, right=(2, 3, 5))] if rows else []),
        *named("Rows that differed", map(row_text, proof.rows)),
        *named("Sequences behind or missing then", proof.sequence_mismatches),
        *named("Sessions seen on the source behind the fence", proof.writers_after_end),
    ]


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
    lines += named("Rows that differ", map(row_text, proof.rows))
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


def _checksums(verdicts: Sequence[TableVerdict]) -> list[str]:
    return [
        f"{quoted(verdict.schema, verdict.name)}: {verdict.source_checksum} on the source, "
        f"{verdict.target_checksum} on the target"
        for verdict in verdicts
        if not verdict.equal and verdict.source_checksum and verdict.target_checksum
    ]
