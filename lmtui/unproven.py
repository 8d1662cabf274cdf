"""Why a proof proves nothing, what differs in it, and what to do about that. Pure."""

import shlex
from collections.abc import Sequence

from lmtui.humane import count_noun, count_text
from lmtui.proof import Proof, RowDifference, TableVerdict

# Of very many the first are told.
SHOWN = 10
_REPAIRED = ("table", "hypertable", "partitioned table")


def reasons(proof: Proof) -> tuple[str, ...]:
    """Why the end is not proven, in a few words each; empty where it is."""
    said = []
    if differing := [_name(one) for one in proof.differing]:
        verb = "differs" if len(differing) == 1 else "differ"
        number, every = count_text(len(differing)), count_noun(len(proof.tables), "relation")
        said.append(f"{number} of {every} {verb}: {_some(differing)}")
    if behind := proof.sequence_mismatches:
        said.append(f"{count_noun(len(behind), 'sequence')} behind or missing: {_some(behind)}")
    if after := proof.changes_after_end:
        who = f", by {_some(proof.writers_after_end)}" if proof.writers_after_end else ""
        said.append(f"{count_noun(after, 'change')} on the source after the end{who}")
    if skipped := proof.changes_skipped:
        said.append(f"{count_noun(skipped, 'change')} of the source skipped in the replay")
    return tuple(said)


def details(proof: Proof) -> tuple[str, ...]:
    """Every relation and every row that differs, for a reader."""
    told = []
    for one in proof.differing:
        words = f"{count_text(one.source_rows)} rows on the source, {count_text(one.target_rows)}"
        note = f"; {one.note}" if one.note else ""
        told.append(f"DIFFERENT {_name(one)}: {words} on the target{note}")
    told += [f"DIFFERENT row of {row_text(row)}" for row in proof.rows]
    return (*told, *(f"DIFFERENT sequence {words}" for words in proof.sequence_mismatches))


def row_text(row: RowDifference) -> str:
    """One row that differs."""
    source, target = (
        words if words is not None else "missing" for words in (row.source, row.target)
    )
    return f"{row.relation}, {row.key}: {source} on the source, {target} on the target"


def ways(proof: Proof, database: str, fence: str) -> tuple[str, ...]:
    """What to do, in order, until it can be cut over again."""
    found = []
    missing = [_name(one) for one in proof.differing if "missing on the target" in one.note]
    repaired = [
        _name(one)
        for one in proof.differing
        if one.kind in _REPAIRED and one.source_checksum and one.target_checksum and not one.note
    ]
    others = [name for one in proof.differing if (name := _name(one)) not in (*missing, *repaired)]
    if repaired:
        tables = shlex.join(repaired)
        found.append(
            f"lmtui validate --repair {tables} --confirm {shlex.quote(database)} copies the rows "
            "that differ."
        )
    if missing:
        found.append(f"Create what the target lacks, as it is on the source: {_some(missing)}.")
    if others:
        found.append(f"Look why these differ, lmtui report says more: {_some(others)}.")
    if proof.sequence_mismatches:
        found.append("End what uses the target: its sequences are set anew at each cutover.")
    if proof.changes_after_end and fence == "none":
        found.append("Stop the writers first, or cut over with --fence readonly.")
    elif proof.changes_after_end:
        found.append(f"Stop what writes in spite of the fence {fence}.")
    if proof.changes_skipped:
        found.append("What was skipped stays so: only --accept-unproven comes to an end with it.")
    return (*found, f"Then cut over again: lmtui cutover --confirm {shlex.quote(database)}.")


def _name(verdict: TableVerdict) -> str:
    return f"{verdict.schema}.{verdict.name}"


def _some(names: Sequence[str]) -> str:
    more = f" and {count_text(len(names) - SHOWN)} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
