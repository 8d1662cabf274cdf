"""A proof as text of 80 columns, and as JSON."""

import textwrap
from collections.abc import Sequence

import msgspec

from lmtui.events import Proof, RowDifference, TableVerdict
from lmtui.humane import count_text, duration_text
from lmtui.validation.relations import quoted

WIDTH = 80
_NUMBER = 14
_RESULT = 9
_NAME = WIDTH - 2 * (_NUMBER + 1) - (_RESULT + 2)


def as_json(proof: Proof) -> bytes:
    """The proof as indented JSON with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(proof)) + b"\n"


def text(proof: Proof) -> str:
    """The proof for a terminal, with a newline at its end."""
    lines = [_row("Relation", "Source rows", "Target rows", "Result")]
    for verdict in proof.tables:
        lines += _verdict(verdict)
    lines += ["", *_wrapped(verdict_line(proof))]
    if proof.rows:
        lines += ["", "Rows that differ:", rows_text(proof.rows)]
    lines += _section("Sequences behind or missing", proof.sequence_mismatches)
    lines += _section("Not compared", proof.not_compared)
    lines += _section("Inventory differences", proof.inventory)
    return "\n".join(lines) + "\n"


def rows_text(rows: Sequence[RowDifference]) -> str:
    """The rows that differ, one below the other."""
    lines = []
    for row in rows:
        lines += _wrapped(f"{row.relation}: {row.key}")
        lines += _wrapped(f"source: {row.source or 'missing'}", indent="    ")
        lines += _wrapped(f"target: {row.target or 'missing'}", indent="    ")
    return "\n".join(lines)


def verdict_line(proof: Proof) -> str:
    """The whole proof in a sentence or two."""
    equal = sum(verdict.equal for verdict in proof.tables)
    rows = count_text(sum(verdict.source_rows for verdict in proof.tables))
    parts = [
        f"{'Equal' if proof.equal else 'Not equal'}: {equal} of {len(proof.tables)} relations "
        f"with {rows} rows, {proof.sequences_checked - len(proof.sequence_mismatches)} of "
        f"{proof.sequences_checked} sequences, in {duration_text(proof.seconds)} "
        f"({proof.at:%Y-%m-%d %H:%M:%S} UTC)."
    ]
    if proof.changes_after_end:
        changes = count_text(proof.changes_after_end)
        parts.append(f"{changes} changes came after the end of the replay.")
    if proof.changes_skipped:
        parts.append(f"Changes skipped during the replay: {count_text(proof.changes_skipped)}.")
    return " ".join(parts)


def _verdict(verdict: TableVerdict) -> list[str]:
    line = _row(
        quoted(verdict.schema, verdict.name),
        count_text(verdict.source_rows) if verdict.source_checksum else "?",
        count_text(verdict.target_rows) if verdict.target_checksum else "?",
        "equal" if verdict.equal else "DIFFERENT",
    )
    notes = [verdict.note] if verdict.note else []
    if not verdict.equal and verdict.source_checksum and verdict.target_checksum:
        notes.append(
            f"checksums {verdict.source_checksum} on the source, "
            f"{verdict.target_checksum} on the target"
        )
    return [line, *(part for note in notes for part in _wrapped(note, indent="    "))]


def _row(name: str, source: str, target: str, result: str) -> str:
    return f"{_fitted(name):<{_NAME}} {source:>{_NUMBER}} {target:>{_NUMBER}}  {result}"


def _fitted(name: str) -> str:
    if len(name) <= _NAME:
        return name
    head = (_NAME - 1) // 2
    return f"{name[:head]}…{name[head + 1 - _NAME :]}"


def _section(title: str, entries: tuple[str, ...]) -> list[str]:
    if not entries:
        return []
    return ["", f"{title}:", *(part for e in entries for part in _wrapped(e, indent="  "))]


def _wrapped(words: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if indent else "",
        break_on_hyphens=False,
    )
