"""Very large rows, written to the target out of their message, piece by piece.

A value of many megabytes is never decoded as a whole, nor made a parameter, which the driver would
have to hold several times. What a plugin prints is nearly CSV, so COPY takes it: an inserted row at
once, an updated one by way of a temporary table whose columns have the types of the target's, so
that the same input functions read the same text.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import psycopg
from psycopg import sql

from lmtui.replay import statements
from lmtui.replay.change import Delete, Insert, Names
from lmtui.replay.runs import Run
from lmtui.replay.tables import Table, Tables

PIECE_BYTES = 1024 * 1024
_STAGE = sql.SQL("pg_temp.lmtui_large")
_COMMA = sql.SQL(", ")


class Cell(NamedTuple):
    """A value: where its message prints it, `before` which COPY needs something."""

    name: str
    begin: int
    end: int
    before: bytes = b""


class Cells(NamedTuple):
    """A row as a message prints it; what is TOASTed and did not change is not in `new`."""

    old: Sequence[Cell]
    new: Sequence[Cell]


class Printed(Protocol):
    """How an output plugin prints rows, as far as it is needed here."""

    quote: str

    def cells(self, message: bytes) -> Cells | None:
        """The values of a message, header included; None where it has to be decoded."""
        ...

    def pieces(self, message: bytes, begin: int, end: int) -> Iterator[bytes]:
        """What is printed between two places, as CSV, piece by piece."""
        ...


class LargeRows:
    """Writes large rows over one connection, inside the caller's transaction."""

    def __init__(self, cursor: psycopg.RawCursor[Any], tables: Tables, printed: Printed) -> None:
        self._cursor = cursor
        self._tables = tables
        self._printed = printed

    def apply(self, run: Run) -> int | None:
        """Apply a run of one message: how many rows it met; None where it has to be decoded.

        Raises psycopg.Error and ReplayStoppedError.
        """
        (message,) = run.messages
        cells = self._printed.cells(message)
        if cells is None or run.head.kind is Delete:
            return None
        table = self._tables.table(run.relation)
        new = [cell for cell in cells.new if cell.name not in table.generated]
        names = tuple(cell.name for cell in new)
        if not names:
            return None
        for name in names:
            table.column(name)
        if run.head.kind is Insert:
            self._copy(statements.copy_lines(table, names, self._printed.quote), message, new)
            return self._cursor.rowcount
        named = {cell.name: cell for cell in cells.old or cells.new}
        key = self._tables.key(run.relation)
        if not key or not set(key) <= named.keys():
            return None
        self._cursor.execute(_make_stage(table, key, names))
        self._copy(_copy_stage(self._printed.quote), message, [*(named[n] for n in key), *new])
        self._cursor.execute(_update(table, key, names))
        count = self._cursor.rowcount
        self._cursor.execute(sql.SQL("drop table {}").format(_STAGE))
        return count

    def _copy(self, statement: sql.Composed, message: bytes, cells: Iterable[Cell]) -> None:
        with self._cursor.copy(statement) as copy:
            separator = b""
            for cell in cells:
                copy.write(separator + cell.before)
                for piece in self._printed.pieces(message, cell.begin, cell.end):
                    copy.write(piece)
                separator = b","
            copy.write(b"\n")


def cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The places between two, in pieces."""
    for start in range(begin, end, PIECE_BYTES):
        yield start, min(start + PIECE_BYTES, end)


@lru_cache(maxsize=1024)
def _make_stage(table: Table, key: Names, names: Names) -> sql.Composed:
    columns = [(name, f"k{number}") for number, name in enumerate(key)]
    columns += [(name, f"v{number}") for number, name in enumerate(names)]
    listed = _COMMA.join(
        sql.SQL("{} as {}").format(sql.Identifier("t", name), sql.Identifier(alias))
        for name, alias in columns
    )
    return sql.SQL(
        "create temporary table lmtui_large on commit drop as select {} from {} as t with no data"
    ).format(listed, table.scope)


def _copy_stage(quote: str) -> sql.Composed:
    return sql.SQL("copy {} from stdin (format csv, null 'null', quote {})").format(
        _STAGE, sql.Literal(quote)
    )


@lru_cache(maxsize=1024)
def _update(table: Table, key: Names, names: Names) -> sql.Composed:
    """The one row is looked for by an index, however large the planner takes the stage for."""
    assignments = _COMMA.join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier("v", f"v{number}"))
        for number, name in enumerate(names)
    )
    same = sql.SQL(" and ").join(
        sql.SQL("{} {} {}").format(
            sql.Identifier("t", name),
            sql.SQL(table.column(name).equality or "="),
            sql.Identifier("v", f"k{number}"),
        )
        for number, name in enumerate(key)
    )
    return sql.SQL("update {} as t set {} from (select * from {} limit 1) as v where {}").format(
        table.scope, assignments, _STAGE, same
    )
