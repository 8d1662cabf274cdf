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

from lmtui.replay.change import Names
from lmtui.replay.tables import Column, Table

_COMMA = sql.SQL(", ")
_AND = sql.SQL(" and ")


@lru_cache(maxsize=1024)
def copy_in(table: Table, names: Names) -> sql.Composed:
    """COPY in text form; it stores explicit values into identity columns too."""
    return sql.SQL("copy {} ({}) from stdin").format(table.name, identifiers(names))


@lru_cache(maxsize=1024)
def copy_lines(table: Table, names: Names, quote: str) -> sql.Composed:
    """COPY in CSV form, with an unquoted `null` for NULL."""
    return sql.SQL("copy {} ({}) from stdin (format csv, null 'null', quote {})").format(
        table.name, identifiers(names), sql.Literal(quote)
    )


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
        table.scope, unnested(columns), same_keys(columns)
    )


@lru_cache(maxsize=1024)
def update_many(table: Table, key: Names, names: Names) -> sql.Composed:
    """UPDATE of `names` outside the key, one array per column: first the key's."""
    keys = [table.column(name) for name in key]
    changed = [table.column(name) for name in names]
    settings = _COMMA.join(
        sql.SQL("{} = {}").format(
            sql.Identifier(column.name), unnested_value(column, len(keys) + position)
        )
        for position, column in enumerate(changed)
    )
    return sql.SQL("update {} as t set {} from {} where {}").format(
        table.scope,
        settings if names else _same_as_before(table),
        unnested([*keys, *changed]),
        same_keys(keys),
    )


@lru_cache(maxsize=1024)
def insert_one(table: Table, names: Names) -> sql.Composed:
    """INSERT of one row."""
    if not names:
        return sql.SQL("insert into {} default values").format(table.name)
    return sql.SQL("insert into {} ({}) overriding system value values ({})").format(
        table.name, identifiers(names), _parameters(len(names))
    )


@lru_cache(maxsize=1024)
def update_one(table: Table, names: Names, key: Names) -> sql.Composed:
    """UPDATE of the one row with this key; parameters: the values, then the key."""
    return sql.SQL("update {} as t set {} where {}").format(
        table.scope, _assignments(table, names), key_is(table, key, len(names) + 1)
    )


@lru_cache(maxsize=1024)
def delete_one(table: Table, key: Names) -> sql.Composed:
    """DELETE of the one row with this key."""
    return sql.SQL("delete from {} as t where {}").format(table.scope, key_is(table, key))


@lru_cache(maxsize=1024)
def update_whole(table: Table, names: Names, old: Names) -> sql.Composed:
    """UPDATE of one of the rows that equal the old one; parameters: the values, then the old ones.

    `old` names the columns that were not NULL, but for generated ones.
    """
    if table.hypertable:
        return _replace_equal(table, old, names)
    return sql.SQL("update {} as t set {} where {}").format(
        table.scope, _assignments(table, names), _one_of_equal(table, old, len(names) + 1)
    )


@lru_cache(maxsize=1024)
def delete_whole(table: Table, old: Names) -> sql.Composed:
    """DELETE of exactly one of the rows that equal the old row, given as in `update_whole`."""
    if table.hypertable:
        return _replace_equal(table, old, None)
    return sql.SQL("delete from {} as t where {}").format(table.scope, _one_of_equal(table, old, 1))


def truncate(tables: Sequence[Table]) -> sql.Composed:
    """TRUNCATE of tables together, since foreign keys may tie them."""
    return sql.SQL("truncate {}").format(_COMMA.join(table.scope for table in tables))


def array_literal(values: Iterable[str | None]) -> str:
    """An array's text form (PostgreSQL, "Arrays", Array Input and Output Syntax)."""
    # As in `copy_rows`, a NUL marks what must not be escaped.
    listed = ["\0n" if value is None else value for value in values]
    if not listed:
        return "{}"
    joined = "\0,".join(listed)
    if "\\" in joined:
        joined = joined.replace("\\", "\\\\")
    if '"' in joined:
        joined = joined.replace('"', '\\"')
    quoted = '"' + joined.replace("\0,", '","') + '"'
    return "{" + quoted.replace('"\0n"', "NULL") + "}"


def identifiers(names: Names) -> sql.Composed:
    """Quoted names, with commas."""
    return _COMMA.join(map(sql.Identifier, names))


def _parameters(count: int) -> sql.Composed:
    return _COMMA.join(sql.SQL(f"${number}") for number in range(1, count + 1))


def unnested(columns: Sequence[Column]) -> sql.Composed:
    """One array per column as a table v with the columns v0 and on."""
    arrays = _COMMA.join(
        sql.SQL(f"${number}::" + (column.array or "pg_catalog.text[]"))
        for number, column in enumerate(columns, 1)
    )
    names = _COMMA.join(sql.Identifier(f"v{number}") for number in range(len(columns)))
    return sql.SQL("unnest({}) as v ({})").format(arrays, names)


def unnested_value(column: Column, number: int) -> sql.Composed:
    """The value of the column with this number in `unnested`."""
    value = sql.Identifier("v", f"v{number}")
    return sql.Composed([value] if column.array else [value, sql.SQL("::" + column.type)])


def same_keys(columns: Sequence[Column]) -> sql.Composed:
    """Whether t has the keys that are the first columns of `unnested`."""
    return _AND.join(
        _equal(column, "t", unnested_value(column, number)) for number, column in enumerate(columns)
    )


def key_is(table: Table, key: Names, first: int = 1) -> sql.Composed:
    """Whether t has this key, given as parameters from `first` on."""
    columns = [table.column(name) for name in key]
    return _AND.join(
        _equal(column, "t", typed(column, number)) for number, column in enumerate(columns, first)
    )


def _equal(column: Column, alias: str, value: sql.Composable) -> sql.Composed:
    operator = sql.SQL(column.equality or "=")
    return sql.SQL("{} {} {}").format(sql.Identifier(alias, column.name), operator, value)


def typed(column: Column, number: int) -> sql.SQL:
    """A parameter as a value of the column's type."""
    return sql.SQL(f"${number}::" + column.type)


def _assignments(table: Table, names: Names) -> sql.Composed:
    if not names:
        return _same_as_before(table)
    return _COMMA.join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(f"${number}"))
        for number, name in enumerate(names, 1)
    )


def _same_as_before(table: Table) -> sql.Composed:
    """Where every value was an unchanged TOASTed one: nothing is set, but the row must be there."""
    name = next(name for name in table.columns if name not in table.generated)
    return sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier("t", name))


def _one_of_equal(table: Table, names: Names, first: int) -> sql.Composed:
    """One row, by its physical place, of those that equal the old row."""
    place = sql.SQL("select o.tableoid, o.ctid from {} as o where {} limit 1").format(
        table.scope, _equals_old(table, names, first)
    )
    return sql.SQL("(t.tableoid, t.ctid) = ({})").format(place)


def _replace_equal(table: Table, old: Names, new: Names | None) -> sql.Composed:
    """Take all equal rows out and put back all but one, which is replaced where there are `new`.

    A row in a compressed chunk has no place of its own (TimescaleDB: "transparent decompression
    only supports tableoid system column"). It returns one row where there was one.
    """
    kept = stored(table)
    columns = identifiers(tuple(column.name for column in kept))
    put = sql.SQL(", {} as (insert into {} ({}) overriding system value select {} from gone {})")
    steps = [
        sql.SQL("with gone as (delete from {} as o where {} returning {})").format(
            table.scope, _equals_old(table, old, len(new or ()) + 1), columns
        ),
        put.format(sql.Identifier("same"), table.name, columns, columns, sql.SQL("offset 1")),
    ]
    if new is not None:
        chosen = _COMMA.join(
            typed(column, new.index(column.name) + 1)
            if column.name in new
            else sql.Identifier(column.name)
            for column in kept
        )
        steps.append(
            put.format(sql.Identifier("changed"), table.name, columns, chosen, sql.SQL("limit 1"))
        )
    return sql.Composed([*steps, sql.SQL(" select from gone limit 1")])


def stored(table: Table) -> list[Column]:
    """The columns that the target does not generate itself."""
    return [column for column in table.columns.values() if column.name not in table.generated]


def _equals_old(table: Table, names: Names, first: int) -> sql.Composed:
    """Whether a row is the old one in every column that is stored.

    Equality may use an index; the text tells apart what is equal but not the same, such as 1 and
    1.0. `names` are those that were not NULL.
    """
    columns = stored(table)
    compared = [name for name in names if name not in table.generated]
    conditions = []
    for column in columns:
        name = sql.Identifier("o", column.name)
        if column.name not in compared:
            conditions.append(sql.SQL("{} is null").format(name))
            continue
        value = typed(column, first + compared.index(column.name))
        if column.equality:
            conditions.append(_equal(column, "o", value))
        conditions.append(
            sql.SQL('{}::pg_catalog.text = {}::pg_catalog.text collate pg_catalog."C"').format(
                name, value
            )
        )
    return _AND.join(conditions)
