"""Columns: the updates, or the deletes, of one table, made arrays of what the plugin prints.

As for inserts in `blocks`, nothing is decoded: the values of all rows are found at once. It is done
where that is the same as to look at each row: no key is changed, and of a row that is updated again
the last values stay.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from psycopg import sql

from lmtui.replay import statements
from lmtui.replay.blocks import Blocks, Values
from lmtui.replay.change import Delete, Insert, Names
from lmtui.replay.runs import Head, RowChange, Run
from lmtui.replay.tables import Table


class Arranged(NamedTuple):
    """A statement with its arrays, and how many rows it must meet."""

    statement: sql.Composed
    arrays: list[str]
    rows: int


def arranged(
    table: Table, key: Names, blocks: Blocks, gatherings: Sequence[Run | RowChange]
) -> Arranged | None:
    """All that was gathered for a table as one statement; None where each has to be decoded."""
    found = _found(blocks, gatherings) if key else None
    if found is None:
        return None
    kind, names, keys, rows, ordered = found
    places = {name: place for place, name in enumerate(names)}
    old = {name: place for place, name in enumerate(keys, len(names))} or places
    if not old.keys() >= {*key}:
        return None
    columns = [*zip(*rows, strict=True)]
    if any(name in places and columns[places[name]] != columns[old[name]] for name in key):
        return None
    known = [columns[old[name]] for name in key]
    rows_by_key = dict(zip(known[0] if len(key) == 1 else zip(*known, strict=True), rows,
                           strict=True))  # fmt: skip
    if len(rows_by_key) != len(rows):
        if kind is Delete or not ordered:
            return None
        columns = [*zip(*rows_by_key.values(), strict=True)]
    changed = tuple(name for name in names if name not in key and name not in table.generated)
    wanted = [old[name] for name in key] + [places[name] for name in changed]
    try:
        arrays = [blocks.printed.array(columns[place]).decode() for place in wanted]
    except UnicodeDecodeError:
        return None
    statement = (
        statements.delete_many(table, key)
        if kind is Delete
        else statements.update_many(table, key, changed)
    )
    return Arranged(statement, arrays, len(rows_by_key))


def _found(
    blocks: Blocks, gatherings: Sequence[Run | RowChange]
) -> tuple[type, Names, Names, Values, bool] | None:
    """Kind, columns and values of rows that are printed alike, and whether they are in order."""
    messages: defaultdict[Head, list[bytes]] = defaultdict(list)
    for one in gatherings:
        if not isinstance(one, Run) or one.head.kind is Insert:
            return None
        messages[one.head] += one.messages
    kinds = {head.kind for head in messages}
    if len(kinds) != 1:
        return None
    shapes: set[tuple[Names, Names]] = set()
    rows: Values = []
    for head, some in messages.items():
        found = blocks.rows(head, some)
        if found is None:
            return None
        names, keys, values = found
        shapes.add((names, keys))
        rows += values
    if len(shapes) != 1:
        return None
    names, keys = shapes.pop()
    return kinds.pop(), names, keys, rows, len(messages) == 1
