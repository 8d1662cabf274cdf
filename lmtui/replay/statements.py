"""The SQL that puts changes into a table. Pure: composes statements, runs none.

Set-based statements carry one array per column, so that their text depends on the columns only and
they are planned once. Values pass through the type's own input function, never through a cast that
might alter them: arrays of the column's type are parsed as such; what has no array form of its own
goes as text and is then converted by input and output functions (PostgreSQL, "CREATE CAST").
Parameters are numbered, $1 and on, so that a name or a value may hold a percent sign.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from psycopg import sql

from lmtui.replay.change import Names, Values
from lmtui.replay.tables import Column, Table

_COMMA = sql.SQL(", ")
_AND = sql.SQL(" and ")


@lru_cache(maxsize=1024)
def copy_in(table: Table, names: Names) -> sql.Composed:
    """COPY in text form; it stores explicit values into identity columns too."""
    return sql.SQL("copy {} ({}) from stdin").format(table.name, _identifiers(names))


def copy_rows(rows: Iterable[Sequence[str | None]]) -> str:
    """Rows in COPY's text form (PostgreSQL, "COPY", File Formats).

    NUL never occurs in a PostgreSQL text, so it marks what must not be escaped; the escaping then
    runs over the whole block at once.
    """
    lines = [
        "\0f".join(row)  # type: ignore[arg-type]
        if None not in row
        else "\0f".join(["\0n" if value is None else value for value in row])
        for row in rows
    ]
    lines.append("")
    block = "\0r".join(lines)
    if "\\" in block:
        block = block.replace("\\", "\\\\")
    if "\n" in block:
        block = block.replace("\n", "\\n")
    if "\r" in block:
        block = block.replace("\r", "\\r")
    if "\t" in block:
        block = block.replace("\t", "\\t")
    return block.replace("\0f", "\t").replace("\0r", "\n").replace("\0n", "\\N")


@lru_cache(maxsize=1024)
def delete_many(table: Table, key: Names) -> sql.Composed:
    """DELETE of the rows whose keys are given, one array per key column."""
    columns = [table.column(name) for name in key]
    return sql.SQL("delete from {} as t using {} where {}").format(
        table.scope, _unnested(columns), _same_keys(columns)
    )


@lru_cache(maxsize=1024)
def update_many(table: Table, key: Names, names: Names) -> sql.Composed:
    """UPDATE of `names`, which may contain the key, one array per column: first the key's."""
    keys = [table.column(name) for name in key]
    changed = [table.column(name) for name in names if name not in key]
    settings = _COMMA.join(
        sql.SQL("{} = {}").format(sql.Identifier(column.name), _value(column, len(keys) + position))
        for position, column in enumerate(changed)
    )
    return sql.SQL("update {} as t set {} from {} where {}").format(
        table.scope, settings, _unnested([*keys, *changed]), _same_keys(keys)
    )


@lru_cache(maxsize=1024)
def insert_one(table: Table, names: Names) -> sql.Composed:
    """INSERT of one row."""
    if not names:
        return sql.SQL("insert into {} default values").format(table.name)
    return sql.SQL("insert into {} ({}) overriding system value values ({})").format(
        table.name, _identifiers(names), _parameters(len(names))
    )


@lru_cache(maxsize=1024)
def update_one(table: Table, names: Names, key: Names) -> sql.Composed:
    """UPDATE of the one row with this key; parameters: the values, then the key."""
    return sql.SQL("update {} as t set {} where {}").format(
        table.scope, _assignments(names), _key_is(key, len(names) + 1)
    )


@lru_cache(maxsize=1024)
def delete_one(table: Table, key: Names) -> sql.Composed:
    """DELETE of the one row with this key."""
    return sql.SQL("delete from {} as t where {}").format(table.scope, _key_is(key))


def update_whole(table: Table, names: Names, old: Names, values: Values) -> sql.Composed:
    """UPDATE of exactly one of the rows that equal the old row; the old row is in the text."""
    return sql.SQL("update {} as t set {} where {}").format(
        table.scope, _assignments(names), _one_of_equal(table, old, values)
    )


def delete_whole(table: Table, old: Names, values: Values) -> sql.Composed:
    """DELETE of exactly one of the rows that equal the old row."""
    return sql.SQL("delete from {} as t where {}").format(
        table.scope, _one_of_equal(table, old, values)
    )


def truncate(tables: Sequence[Table]) -> sql.Composed:
    """TRUNCATE of tables together, since foreign keys may tie them."""
    return sql.SQL("truncate {}").format(
        _COMMA.join(
            table.name if table.whole else sql.SQL("only {}").format(table.name) for table in tables
        )
    )


def array_literal(values: Iterable[str | None]) -> str:
    """An array's text form (PostgreSQL, "Arrays", Array Input and Output Syntax)."""
    parts = [
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    ]
    return "{" + ",".join(parts) + "}"


def _identifiers(names: Names) -> sql.Composed:
    return _COMMA.join(map(sql.Identifier, names))


def _parameters(count: int) -> sql.Composed:
    return _COMMA.join(sql.SQL(f"${number}") for number in range(1, count + 1))


def _unnested(columns: Sequence[Column]) -> sql.Composed:
    arrays = _COMMA.join(
        sql.SQL(f"${number}::" + (column.array or "pg_catalog.text[]"))
        for number, column in enumerate(columns, 1)
    )
    names = _COMMA.join(sql.Identifier(f"v{number}") for number in range(len(columns)))
    return sql.SQL("unnest({}) as v ({})").format(arrays, names)


def _value(column: Column, number: int) -> sql.Composed:
    value = sql.Identifier("v", f"v{number}")
    return sql.Composed([value] if column.array else [value, sql.SQL("::" + column.type)])


def _same_keys(columns: Sequence[Column]) -> sql.Composed:
    return _AND.join(
        sql.SQL("t.{} = {}").format(sql.Identifier(column.name), _value(column, number))
        for number, column in enumerate(columns)
    )


def _assignments(names: Names) -> sql.Composed:
    return _COMMA.join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(f"${number}"))
        for number, name in enumerate(names, 1)
    )


def _key_is(key: Names, first: int = 1) -> sql.Composed:
    return _AND.join(
        sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.SQL(f"${number}"))
        for number, name in enumerate(key, first)
    )


def _one_of_equal(table: Table, names: Names, values: Values) -> sql.Composed:
    """One row, by its physical place, of those whose text is the old row's in every column.

    A column that the old row does not name was NULL: test_decoding leaves NULLs out of old rows.
    """
    row = dict(zip(names, values, strict=True))
    conditions = []
    for column in table.columns.values():
        name, value = sql.Identifier("o", column.name), row.get(column.name)
        if value is None:
            conditions.append(sql.SQL("{} is null").format(name))
            continue
        literal = sql.Literal(value)
        if column.comparable:
            conditions.append(sql.SQL("{} = {}").format(name, literal))
        if not column.padded:
            conditions.append(sql.SQL("{}::pg_catalog.text = {}").format(name, literal))
    place = sql.SQL("select o.tableoid, o.ctid from {} as o where {} limit 1").format(
        table.scope, _AND.join(conditions)
    )
    return sql.SQL("(t.tableoid, t.ctid) = ({})").format(place)
