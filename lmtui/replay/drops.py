"""Chunks that were dropped on the source: the target loses the same rows.

The target's chunks need not be cut like the source's. Those that lie within the range are dropped
whole, which costs nothing; rows that are left in it are deleted.
"""

from datetime import datetime, timedelta
from typing import LiteralString

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import DropChunks, DroppedRange
from lmtui.replay.tables import Table

_INTEGERS: dict[str, tuple[LiteralString, int]] = {
    "smallint": ("smallint", 2**15 - 1),
    "integer": ("integer", 2**31 - 1),
    "bigint": ("bigint", 2**63 - 1),
}
_MOMENTS: dict[str, LiteralString] = {
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (what has a zone is in UTC: the session's)


def drop_chunks(connection: Connection, table: Table, change: DropChunks) -> None:
    """Remove what the dropped chunk held. Raises ReplayStoppedError where it cannot be told."""
    hypertable = {"schema": table.relation[0], "name": table.relation[1]}
    functions: dict[str, tuple[str, str]] = {}
    if run(connection, "replay_has_timescaledb")[0][0]:
        dimensions = run(connection, "replay_target_dimensions", hypertable)
        functions = {column: (schema, name) for column, schema, name in dimensions if name}
        if dimensions and len(change.ranges) == 1 and change.ranges[0].column == dimensions[0][0]:
            _drop_whole(connection, table, change.ranges[0])
    conditions = [
        condition
        for one in change.ranges
        for condition in _conditions(table, one, functions.get(one.column))
    ]
    connection.execute(
        sql.SQL("delete from {} where {}").format(
            table.name, sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")
        )
    )


def _drop_whole(connection: Connection, table: Table, one: DroppedRange) -> None:
    limits = [
        sql.SQL("{} => {}").format(sql.SQL(name), _literal(table, one.column, at))
        for name, at in _borders(one, "newer_than", "older_than")
    ]
    if not limits:
        return
    (schema,) = run(connection, "timescaledb_schema")[0]
    (role,) = connection.execute("show session_replication_role").fetchall()[0]
    # TimescaleDB cleans its catalog up by event triggers, which a replica's session does not fire.
    if role != "origin":
        connection.execute("set local session_replication_role = origin")
    connection.execute(
        sql.SQL("select {}.drop_chunks({}::regclass, {})").format(
            sql.Identifier(schema),
            sql.Literal(table.name.as_string()),
            sql.SQL(", ").join(limits),
        )
    )
    if role != "origin":
        connection.execute(
            sql.SQL("set local session_replication_role = {}").format(sql.Identifier(role))
        )


def _conditions(
    table: Table, one: DroppedRange, function: tuple[str, str] | None
) -> list[sql.Composed]:
    column: sql.Composable = sql.Identifier(one.column)
    if one.closed:
        if function is None:
            raise ReplayStoppedError(
                f"{'.'.join(table.relation)} is not cut by {one.column} on the target",
                hint="Delete the rows of the dropped chunk on the target by hand.",
            )
        column = sql.SQL("{}({})").format(sql.Identifier(*function), column)
    numbers = one.closed or table.column(one.column).type in _INTEGERS
    return [
        sql.SQL("{} {} {}").format(
            column,
            sql.SQL(operator),
            sql.SQL("{}::bigint").format(sql.Literal(str(at)))
            if numbers
            else _literal(table, one.column, at),
        )
        for operator, at in _borders(one, ">=", "<")
    ]


def _borders(
    one: DroppedRange, start: LiteralString, end: LiteralString
) -> list[tuple[LiteralString, int]]:
    return [(word, at) for word, at in ((start, one.start), (end, one.end)) if at is not None]


def _literal(table: Table, name: str, at: int) -> sql.Composed:
    """A border of a range as a value of the column's type. Raises ReplayStoppedError."""
    kind = table.column(name).type
    found = border(kind, at)
    if found is None:
        raise ReplayStoppedError(
            f"A chunk of {'.'.join(table.relation)} was dropped on the source; its range of"
            f" {name} ({kind}) at {at} cannot be told here",
            hint="Delete the rows of the dropped chunk on the target by hand.",
        )
    return found


def border(kind: str, at: int) -> sql.Composed | None:
    """A border of a range as a value of a column's type; None where the type has none such."""
    if kind in _INTEGERS:
        # The last chunk may end behind the type's last number.
        type_, most = _INTEGERS[kind]
        return sql.SQL("{}::{}").format(
            sql.Literal(str(max(-most - 1, min(at, most)))), sql.SQL(type_)
        )
    if kind in _MOMENTS:
        try:
            text = (_EPOCH + timedelta(microseconds=at)).isoformat(sep=" ")
        except OverflowError:
            pass
        else:
            zone = "+00" if kind == "timestamp with time zone" else ""
            return sql.SQL("{}::{}").format(sql.Literal(text + zone), sql.SQL(_MOMENTS[kind]))
    return None
