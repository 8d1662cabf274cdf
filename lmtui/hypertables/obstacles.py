"""What of a table TimescaleDB refuses on a hypertable, in words with what to do about it. Pure.

Each was tried on TimescaleDB 2.19 and 2.31, in the order of a migration: a table is made a
hypertable, empty, when all that belongs to it is there already, and is filled then.
"""

from dataclasses import dataclass
from typing import NamedTuple

from lmtui.errors import UsageError
from lmtui.hypertables.wanted import Wanted
from lmtui.pgcopydb.command import filters
from lmtui.plan import Plan
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
    """A rule, trigger, constraint or publication; `other` is how it fires, or whose it is."""

    kind: str
    name: str
    other: str


class Doubt(NamedTuple):
    """What may stop a copy, and the statement for the source that makes sure."""

    words: str
    statement: str

    @property
    def text(self) -> str:
        """Both, as one line."""
        return f"{self.words} To be sure: {self.statement}"


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


def of_table(table: Table, version: tuple[int, ...] = ()) -> tuple[str, ...]:
    """What stands against a hypertable of it on a TimescaleDB of this version, by any column."""
    of_traits = (_of_trait(table, trait, version or _TESTED) for trait in table.traits)
    return (*_of_name(table), *(words for words in of_traits if words))


def doubts(table: Table, column: Column) -> tuple[Doubt, ...]:
    """What nothing shows, and nothing rules out either."""
    found = [
        Doubt(
            f"The constraint {trait.name} is NOT VALID, and a row that breaks it stops the copy.",
            f"ALTER TABLE {table.quoted} VALIDATE CONSTRAINT {quoted(trait.name)};",
        )
        for trait in table.traits
        if trait.kind == "not valid"
    ]
    if not column.not_null and not column.null:
        seen = "is known" if column.null is None else "was seen"
        found.append(
            Doubt(
                f"The column may be NULL, though none {seen}; a NULL stops the copy.",
                f"ALTER TABLE {table.quoted} ALTER COLUMN {quoted(column.name)} SET NOT NULL;",
            )
        )
    return tuple(found)


def _of_name(table: Table) -> tuple[str, ...]:
    wanted = Wanted(schema=table.schema, name=table.name, column="", interval="")
    try:
        filters(Plan(hypertables=(wanted,)))
    except UsageError as error:
        return (f"{error.detail} Rename it on the source.",)
    return ()


def of_column(table: Table, column: Column) -> tuple[str, ...]:
    """What stands against dividing the table by the column."""
    found = []
    if column.generated:
        found.append("It is a generated column, which cannot divide a hypertable. Choose another.")
    if not column.not_null and column.null:
        found.append(
            f"It is NULL in about {column.null:.1%} of the rows, and a NULL stops the copy. Fill"
            " them on the source, and set it NOT NULL there."
        )
    if column.bounds and column.bounds[0] == float("-inf"):
        found.append("It holds -infinity, which no chunk can take. Set a date on the source.")
    for key in table.keys:
        if column.number not in key.columns:
            by = ", compared by =" if key.kind == "exclusion constraint" else ""
            found.append(
                f"The {key.kind} {key.name} does not contain it{by}, and each must: add"
                " the column to it on the source, or drop it."
            )
    return tuple(found)


def _of_trait(table: Table, trait: Trait, version: tuple[int, ...]) -> str:
    name = trait.name
    match trait.kind:
        case "rule":
            return f"A hypertable has no rules. Drop the rule {name} on the source."
        case "no inherit":
            return (
                f"The constraint {name} is NO INHERIT, which no hypertable takes. Make it an"
                " ordinary one on the source."
            )
        case "transition" if trait.other == "row":
            return (
                f"The trigger {name} has transition tables for each row, which no hypertable takes."
                " Drop it on the source, or make it FOR EACH STATEMENT."
            )
        case "transition" if version < (2, 18):
            return (
                f"The trigger {name} has transition tables, which a hypertable takes since"
                " TimescaleDB 2.18. Drop it on the source."
            )
        case "disabled":
            return (
                f"The trigger {name} is disabled, and would fire all the same in chunks. Drop it on"
                " the source."
            )
        case "enabled" if version < (2, 27):
            return (
                f"The trigger {name} fires {trait.other}, which a hypertable takes since"
                " TimescaleDB 2.27. Drop it on the source, or make it an ordinary one."
            )
        case "referenced":
            return (
                f"The foreign key {name} of {trait.other} references it, and is made before its"
                " rows are there. Drop it on the source, and add it on the target afterwards,"
                " where no hypertable may reference another."
            )
        case "published":
            return (
                f"It is in the publication {name}, and such a table is not made a hypertable."
                f" ALTER PUBLICATION {name} DROP TABLE {table.quoted}; on the source, and add it"
                " on the target afterwards."
            )
        case "published with all" if version >= (2, 20):
            return (
                f"The publication {name} is FOR ALL TABLES, and such a table is not made a"
                " hypertable. Drop it on the source, and create it on the target afterwards."
            )
    return ""
