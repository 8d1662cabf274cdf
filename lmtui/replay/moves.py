"""Rows of a hypertable whose key changes, by which they may go to another chunk.

No UPDATE can do that (TimescaleDB), so they are taken out and put in anew. Pure.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from psycopg import sql

from lmtui.replay.batch import Key, Step
from lmtui.replay.change import Names, Update, Values
from lmtui.replay.statements import (
    array_literal,
    identifiers,
    key_is,
    same_keys,
    stored,
    typed,
    unnested,
    unnested_value,
)
from lmtui.replay.tables import Table

# A set is looked for in every chunk, one row in its own only (measured: 25 ms against 2 ms).
FEWEST = 16


class Moves(NamedTuple):
    """Updates that have new values for the same columns, in no order among each other."""

    names: Names
    updates: list[Update]
    old: list[Values]
    rows: list[Values]

    def arrays(self) -> list[str]:
        """The parameters of `move_many`."""
        columns = [*zip(*self.old, strict=True), *zip(*self.rows, strict=True)]
        return [array_literal(column) for column in columns]


def gathered(table: Table, key: Names, steps: Iterable[Step]) -> Iterator[Step | Moves]:
    """The steps, but updates of a hypertable's keys as sets: no key is in two rows of them."""
    if not (table.dimensions and key):
        yield from steps
        return
    groups: dict[Names, Moves] = {}
    seen: set[Key] = set()
    for step in steps:
        if not isinstance(step, Update) or not set(key) <= set(step.key_names):
            yield from _emptied(groups, seen)
            yield step
            continue
        before = dict(zip(step.key_names, step.key_values, strict=True))
        new = {
            name: value
            for name, value in zip(step.names, step.values, strict=True)
            if name not in table.generated
        }
        old = tuple(before[name] for name in key)
        keys = {old, tuple(new.get(name, before[name]) for name in key)}
        if not seen.isdisjoint(keys):
            yield from _emptied(groups, seen)
        seen |= keys
        group = groups.setdefault(tuple(new), Moves(tuple(new), [], [], []))
        group.updates.append(step)
        group.old.append(old)
        group.rows.append(tuple(new.values()))
    yield from _emptied(groups, seen)


def _emptied(groups: dict[Names, Moves], seen: set[Key]) -> Iterator[Step | Moves]:
    for group in groups.values():
        if len(group.rows) < FEWEST:
            yield from group.updates
        else:
            yield group
    groups.clear()
    seen.clear()


@lru_cache(maxsize=1024)
def move_one(table: Table, names: Names, key: Names) -> sql.Composed:
    """Move the one row with this key; parameters: the values of `names`, then the key.

    What is not in `names` stays as it was.
    """
    kept = stored(table)
    columns = identifiers(tuple(column.name for column in kept))
    changed = sql.SQL(", ").join(
        typed(column, names.index(column.name) + 1)
        if column.name in names
        else sql.Identifier(column.name)
        for column in kept
    )
    return sql.SQL(
        "with gone as (delete from {} as t where {} returning {})"
        " insert into {} ({}) overriding system value select {} from gone"
    ).format(
        table.scope, key_is(table, key, len(names) + 1), columns, table.name, columns, changed
    )  # fmt: skip


@lru_cache(maxsize=1024)
def move_many(table: Table, key: Names, names: Names) -> sql.Composed:
    """Move the rows with these keys; one array per column: first the key's, then those of `names`.

    What is not in `names` stays as it was.
    """
    keys = [table.column(name) for name in key]
    new = [table.column(name) for name in names]
    kept = stored(table)
    columns = identifiers(tuple(column.name for column in kept))
    returned = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(
            unnested_value(column, len(keys) + names.index(column.name))
            if column.name in names
            else sql.Identifier("t", column.name),
            sql.Identifier(column.name),
        )
        for column in kept
    )
    return sql.SQL(
        "with gone as (delete from {} as t using {} where {} returning {})"
        " insert into {} ({}) overriding system value select {} from gone"
    ).format(
        table.scope, unnested([*keys, *new]), same_keys(keys), returned,
        table.name, columns, columns,
    )  # fmt: skip
