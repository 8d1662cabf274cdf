"""What of a table TimescaleDB refuses on a hypertable, in words with what to do about it. Pure.

Each was tried on TimescaleDB 2.19 and 2.31, in the order of a migration: the table is made a
hypertable while it is empty; its indexes, constraints, triggers and rules come after the data.
"""

from dataclasses import dataclass
from typing import NamedTuple

from lmtui.validation.relations import quoted

INTEGERS = frozenset({"smallint", "integer", "bigint"})
# What a target is taken for that does not tell its version: the oldest that is tested.
_TESTED = (2, 19)


class Key(NamedTuple):
    """What must hold over all rows; `columns` are those by which equal rows share a chunk."""

    name: str
    kind: str
    columns: frozenset[int]


class Trait(NamedTuple):
    """A rule, trigger or constraint; `other` is how it fires, or the table (`oid`) it is of."""

    kind: str
    name: str
    other: str
    oid: int = 0


@dataclass(frozen=True)
class Column:
    """A column that could divide a table; `null` is the part of its rows where it is NULL.

    `null` is None where no statistics tell. `bounds` are what divides its rows into parts of the
    same size, ascending; seconds for dates and times.
    """

    number: int
    name: str
    type: str
    not_null: bool
    generated: bool
    null: float | None = None
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Table:
    """A plain table: its keys, and what of it may not be on a hypertable."""

    schema: str
    name: str
    keys: tuple[Key, ...] = ()
    traits: tuple[Trait, ...] = ()

    @property
    def quoted(self) -> str:
        """Its name as SQL has it."""
        return quoted(self.schema, self.name)


def obstacles(table: Table, column: Column, version: tuple[int, ...] = ()) -> tuple[str, ...]:
    """What stands against dividing the table by the column on a TimescaleDB of this version."""
    return (*_of_column(table, column), *_of_table(table, version or _TESTED))


def doubts(table: Table, column: Column) -> tuple[str, ...]:
    """What nothing shows, and nothing rules out either."""
    if column.not_null or column.null:
        return ()
    return (
        f"The column may be NULL, though none {'is known' if column.null is None else 'was seen'};"
        f" a NULL stops the copy. To be sure: {_not_null(table, column)}",
    )


def _not_null(table: Table, column: Column) -> str:
    return f"ALTER TABLE {table.quoted} ALTER COLUMN {quoted(column.name)} SET NOT NULL;"


def _of_column(table: Table, column: Column) -> list[str]:
    found = []
    if column.generated:
        found.append("It is a generated column, which cannot divide a hypertable. Choose another.")
    if not column.not_null and column.null:
        found.append(
            f"It is NULL in about {column.null:.1%} of the rows, and a NULL stops the copy. Fill"
            f" them on the source, then: {_not_null(table, column)}"
        )
    if column.bounds and column.bounds[0] == float("-inf"):
        found.append("It holds -infinity, which no chunk can take. Set a date on the source.")
    for key in table.keys:
        if column.number not in key.columns:
            by = " compared by =" if key.kind == "exclusion constraint" else ""
            found.append(
                f"The {key.kind} {key.name} does not contain it{by}, and each must: add"
                f" the column to it on the source, or drop it."
            )
    return found


def _of_table(table: Table, version: tuple[int, ...]) -> list[str]:
    found = []
    for trait in table.traits:
        name = trait.name
        if trait.kind == "rule":
            found.append(f"A hypertable has no rules. Drop the rule {name} on the source.")
        elif trait.kind == "no inherit":
            found.append(
                f"The constraint {name} is NO INHERIT, which no hypertable takes. Make it an"
                " ordinary one on the source."
            )
        elif trait.kind == "transition" and (trait.other == "row" or version < (2, 18)):
            found.append(
                f"The trigger {name} has transition tables"
                + (" for each row" if version >= (2, 18) else "")
                + ", which no hypertable takes. Drop it on the source"
                + (", or make it FOR EACH STATEMENT." if version >= (2, 18) else ".")
            )
        elif trait.kind == "enabled" and version < (2, 27):
            found.append(
                f"The trigger {name} {trait.other}, which a hypertable takes since TimescaleDB"
                " 2.27. Drop it on the source, or make it an ordinary one."
            )
        elif trait.kind == "referenced" and not trait.other:
            found.append(
                f"The foreign key {name} references its own table, and no hypertable may"
                " reference one. Drop it on the source."
            )
        elif trait.kind == "referenced" and version < (2, 16):
            found.append(
                f"The foreign key {name} of {trait.other} references it, which TimescaleDB allows"
                " since 2.16. Drop it on the source."
            )
    return found
