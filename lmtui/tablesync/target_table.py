"""A table of the target made ready for a copy of its own: empty, with the source's types."""

from typing import LiteralString, NamedTuple

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.replay.change import DropChunks, Relation
from lmtui.replay.drops import drop_chunks
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.tables import Tables
from lmtui.tablesync.units import Unit


class ColumnDefinition(NamedTuple):
    """A column as ALTER TABLE would write it. `type` and `default` are SQL."""

    name: str
    type: LiteralString
    generated: bool
    default: LiteralString | None


def read_columns(connection: Connection, relation: Relation) -> list[ColumnDefinition]:
    """The columns of a table."""
    name = sql.Identifier(*relation).as_string(connection)
    return [ColumnDefinition(*row) for row in run(connection, "sync_columns", {"relation": name})]


def differing(
    ours: list[ColumnDefinition], theirs: list[ColumnDefinition]
) -> list[ColumnDefinition]:
    """The source's columns whose type the target does not have. Pure."""
    there = {column.name: column.type for column in theirs}
    return [one for one in ours if one.name in there and there[one.name] != one.type]


def alter_types(relation: Relation, columns: list[ColumnDefinition]) -> sql.Composed:
    """Give an empty table these columns' types. Pure."""
    changes: list[sql.Composable] = []
    for column in columns:
        name, type_ = sql.Identifier(column.name), sql.SQL(column.type)
        alter = sql.SQL("alter column {} ").format(name)
        changes.append(alter + sql.SQL("drop default"))
        changes.append(alter + sql.SQL("type {} using null::{}").format(type_, type_))
        if column.default is not None:
            changes.append(alter + sql.SQL("set default {}").format(sql.SQL(column.default)))
    return sql.SQL("alter table {} {}").format(
        sql.Identifier(*relation), sql.SQL(", ").join(changes)
    )


def empty(connection: Connection, unit: Unit, facts: CatalogFacts) -> None:
    """Remove what the target has of a unit; the caller commits.

    Raises psycopg.Error, ReplayStoppedError where a chunk's range cannot be told on the target.
    """
    table = Tables(connection, facts).table(unit.target)
    if unit.ranges:
        drop_chunks(connection, table, DropChunks(unit.target, unit.ranges))
        return
    name = sql.Identifier(*unit.target)
    ((referenced,),) = run(connection, "sync_referenced", {"relation": name.as_string(connection)})
    if referenced:
        # No foreign key is looked at in a replica's session, but TRUNCATE is refused all the same.
        connection.execute(sql.SQL("delete from {}").format(table.scope))
    else:
        only = sql.SQL("" if table.whole else "only ")
        connection.execute(sql.SQL("truncate {}{}").format(only, name))
