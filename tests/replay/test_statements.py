"""Text forms that a real server reads back, and SQL whose names are as awkward as they may be."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.replay import statements
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.tables import Table, Tables

AWKWARD = (
    "\\", "\\N", "\\.", "\n", "\r", "\r\n", "\t", "\b", "\f", "\v", '"', "'", "{", "}", ",", "NULL",
    "null", " ", "%", "%s", "$1", "n", "f", "r", "\\n", "\\0", "\x01", "\x7f", "é", "漢字", "🐘",
    "\u2028", "\ufeff", "",
)  # fmt: skip
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
    st.lists(st.sampled_from(AWKWARD), max_size=5).map("".join),
)
values = st.one_of(st.none(), texts)
NAMES = (
    "plain", "%", "%s", "%(x)s", "{}", "{0}", "{", '"', '""', "'", "$1", "a$1", "a b", "\\",
    "Upper", "select", "ünï", ";--", "v0", "t",
)  # fmt: skip

Rows = list[tuple[str | None, ...]]


@st.composite
def blocks(draw: st.DrawFn) -> Rows:
    """Rows of one width."""
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.tuples(*[values] * width), max_size=6))


@given(blocks())
@example([(None,), ("",), ("\\N",), ("\\.",), ("n",)])
def test_rows_are_one_line_each(rows: Rows) -> None:
    """As COPY reads them (PostgreSQL, "COPY", File Formats), without a server."""
    block = statements.copy_rows(rows)
    assert "\0" not in block
    assert "\r" not in block
    lines = block.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(rows)
    unescape = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
    for line, row in zip(lines, rows, strict=True):
        read: list[str | None] = []
        for field in line.split("\t"):
            if field == "\\N":
                read.append(None)
                continue
            text, letters = "", iter(field)
            for letter in letters:
                text += unescape[next(letters)] if letter == "\\" else letter
            read.append(text)
        assert tuple(read) == row


@pytest.fixture
def connection(fresh_databases: tuple[Endpoint, Endpoint]) -> Iterator[Connection]:
    """A connection to an empty database, with the settings of the replay."""
    with connect(fresh_databases[1], autocommit=True) as connection:
        yield connection


@pytest.mark.postgres
def test_copy_reads_back_what_was_written(connection: Connection) -> None:
    for width in range(1, 5):
        columns = ", ".join(f"c{number} text" for number in range(width))
        connection.execute(f"create table public.w{width} (n serial, {columns})")
    tables = Tables(connection, CatalogFacts())

    @given(blocks())
    @example([(None,), ("",), ("\\N",), ("\\.",)])
    @example([("\\.", None), ("", "")])
    @settings(deadline=None, max_examples=150)
    def holds(rows: Rows) -> None:
        width = len(rows[0]) if rows else 1
        table = tables.table(("public", f"w{width}"))
        names = tuple(f"c{number}" for number in range(width))
        connection.execute(sql.SQL("truncate {} restart identity").format(table.name))
        cursor = psycopg.RawCursor(connection)
        with cursor.copy(statements.copy_in(table, names)) as copy:
            copy.write(statements.copy_rows(rows))
        read = sql.SQL("select {} from {} order by n").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), table.name
        )
        assert connection.execute(read).fetchall() == rows

    holds()


@pytest.mark.postgres
def test_array_literal_is_read_as_the_same_texts(connection: Connection) -> None:
    cursor = psycopg.RawCursor(connection)

    @given(st.lists(values, max_size=9))
    @example(["", None, "NULL", "null", "{}", '"', "\\", " ", ","])
    @settings(deadline=None, max_examples=300)
    def holds(given_: list[str | None]) -> None:
        cursor.execute(
            "select v from unnest($1::pg_catalog.text[]) with ordinality u (v, n) order by n",
            [statements.array_literal(given_)],
        )
        assert [value for (value,) in cursor.fetchall()] == given_

    holds()


def awkward_table(connection: Connection, schema: str, name: str) -> Table:
    """A table with a column of each awkward name, all of text; the first two are its key."""
    relation = sql.Identifier(schema, name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} text not null default ''").format(sql.Identifier(column)) for column in NAMES
    )
    connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    connection.execute(
        sql.SQL("create table {} ({}, primary key ({}))").format(
            relation, columns, sql.SQL(", ").join(map(sql.Identifier, NAMES[:2]))
        )
    )
    return Tables(connection, CatalogFacts()).table((schema, name))


@pytest.mark.postgres
@pytest.mark.parametrize(("schema", "name"), zip(NAMES, reversed(NAMES), strict=True))
def test_every_statement_takes_every_name(connection: Connection, schema: str, name: str) -> None:
    table = awkward_table(connection, schema, name)
    cursor = psycopg.RawCursor(connection)
    key, others = NAMES[:2], NAMES[2:]

    def row(mark: str) -> tuple[str, ...]:
        return tuple(f"{mark} {column} % $1 {{}}" for column in NAMES)

    def rows() -> list[tuple[str, ...]]:
        return connection.execute(
            sql.SQL("select * from {} order by 1").format(table.name)
        ).fetchall()

    def arrays(*found: tuple[str, ...]) -> list[str]:
        return [statements.array_literal(column) for column in zip(*found, strict=True)]

    with cursor.copy(statements.copy_in(table, NAMES)) as copy:
        copy.write(statements.copy_rows([row("a"), row("b")]))
    cursor.execute(statements.insert_one(table, NAMES), row("c"))
    assert rows() == [row("a"), row("b"), row("c")]

    changed = [(*row(mark)[:2], *row(f"{mark}2")[2:]) for mark in "abc"]
    cursor.execute(statements.update_many(table, key, others), arrays(*changed[:2]))
    assert cursor.rowcount == 2
    cursor.execute(statements.update_one(table, others, key), (*changed[2][2:], *changed[2][:2]))
    assert cursor.rowcount == 1
    assert rows() == changed

    # Where all that changed was left out: the row must still be there.
    cursor.execute(statements.update_many(table, key, ()), arrays(row("a")[:2], row("x")[:2]))
    assert cursor.rowcount == 1
    cursor.execute(statements.update_whole(table, NAMES, NAMES), (*row("d"), *changed[2]))
    assert cursor.rowcount == 1
    assert rows() == [*changed[:2], row("d")]

    cursor.execute(statements.delete_many(table, key), arrays(row("a")[:2]))
    cursor.execute(statements.delete_one(table, key), row("b")[:2])
    assert rows() == [row("d")]
    cursor.execute(statements.delete_whole(table, NAMES), row("d"))
    assert rows() == []
    cursor.execute(statements.insert_one(table, ()))
    cursor.execute(statements.truncate([table]))
    assert rows() == []
