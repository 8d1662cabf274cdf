"""Columns whose values may be the same though their text differs: their extension's version does.

Values are compared by their text, which an extension may write in another way in another version.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from lmtui.events import TableVerdict
from lmtui.validation.relations import Name, quoted
from lmtui.validation.side import Side


def with_unlike(verdicts: Sequence[TableVerdict], ours: Side, theirs: Side) -> list[TableVerdict]:
    """Name such columns in the verdicts on relations that differ. Raises ServerError."""
    if all(one.equal for one in verdicts):
        return list(verdicts)
    here, there = _types(ours), _types(theirs)
    return [one if one.equal else _named(one, here, there) for one in verdicts]


def _types(side: Side) -> dict[Name, dict[str, tuple[str, str]]]:
    found: dict[Name, dict[str, tuple[str, str]]] = {}
    for schema, name, column, *extension in side.rows("validate_extension_types"):
        found.setdefault((schema, name), {})[column] = (extension[0], extension[1])
    return found


def _named(
    verdict: TableVerdict,
    here: dict[Name, dict[str, tuple[str, str]]],
    there: dict[Name, dict[str, tuple[str, str]]],
) -> TableVerdict:
    key = (verdict.schema, verdict.name)
    ours, theirs = here.get(key, {}), there.get(key, {})
    words = [
        f"not comparable by its text: column {quoted(column)}, of the extension {name}, which is"
        f" {version} on the source and {theirs[column][1]} on the target"
        for column, (name, version) in sorted(ours.items())
        if column in theirs and theirs[column] != (name, version)
    ]
    if not words:
        return verdict
    return replace(verdict, note="; ".join([*([verdict.note] if verdict.note else []), *words]))
