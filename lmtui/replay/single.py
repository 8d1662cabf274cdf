"""Changes applied one at a time, each checked: the way that names what cannot be applied."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql

from lmtui.database import Connection
from lmtui.errors import ReplayStoppedError
from lmtui.refused import Refused
from lmtui.replay import statements
from lmtui.replay.change import (
    DataChange,
    Delete,
    DropChunks,
    Insert,
    Located,
    Names,
    Truncate,
    Update,
    Values,
)
from lmtui.replay.drops import drop_chunks
from lmtui.replay.moves import move_one
from lmtui.replay.naming import Naming
from lmtui.replay.refusal import is_transient, not_applied, refused, stopped
from lmtui.replay.tables import Table, Tables


class SingleChanges:
    """Applies single changes over one connection, inside the caller's transaction.

    `skips` are the changes that are passed over where they cannot be applied; `skipped` those
    that were, in the transaction that is open, and why.
    """

    def __init__(
        self, connection: Connection, tables: Tables, skips: Iterable[Refused] = ()
    ) -> None:
        self._connection = connection
        self._cursor: psycopg.RawCursor[Any] = psycopg.RawCursor(connection)
        self._tables = tables
        self._skips = frozenset(skip.change for skip in skips)
        self._statement: sql.Composed | None = None
        self.naming = Naming()
        self.skipped: list[tuple[Located, Refused]] = []

    def apply_all(self, changes: Iterable[Located]) -> None:
        """Apply the next changes of the stream, one by one.

        Raises ReplayStoppedError, naming the one that cannot be applied and is not to be skipped.
        Server errors that are not a change's fault pass through as psycopg's.
        """
        for name, located in self.naming.names(changes):
            skippable = name in self._skips
            if skippable:
                self._cursor.execute("savepoint lmtui_change")
            why = self._apply(name, located)
            if why is not None and not skippable:
                raise stopped(why)
            if why is not None:
                self._cursor.execute("rollback to savepoint lmtui_change")
                self.skipped.append((located, why))

    def _apply(self, name: str, located: Located) -> Refused | None:
        """Apply one change; why it cannot be, where it cannot."""
        change, self._statement = located.change, None
        try:
            if isinstance(change, Truncate):
                self.truncate(change.relations)
                return None
            if isinstance(change, DropChunks):
                drop_chunks(self._connection, self._tables.table(change.relation), change)
                return None
            count = self.execute(change)
        except psycopg.Error as error:
            if is_transient(error):
                raise
            return refused(name, located, error, self._said(), self._identity(change))
        except ReplayStoppedError as error:
            return not_applied(name, located, f"{error.title}. {error.hint}")
        if count != 1:
            words, identity = _miscounted(change, count), self._identity(change)
            return not_applied(name, located, words, self._said(), identity=identity)
        return None

    def _identity(self, change: DataChange) -> Names:
        """The columns that name its row, where it holds all of them."""
        if isinstance(change, Truncate | DropChunks):
            return ()
        key = self._tables.known_key(change.relation)
        named = change.names if isinstance(change, Insert) else change.key_names
        if isinstance(change, Update) and not named:
            named = change.names
        return key if set(key) <= set(named) else ()

    def _said(self) -> str:
        return self._statement.as_string(self._connection) if self._statement else ""

    def _run(self, statement: sql.Composed, values: Sequence[str | None] = ()) -> int:
        self._statement = statement
        self._cursor.execute(statement, values)
        return self._cursor.rowcount

    def truncate(self, relations: tuple[tuple[str, str], ...]) -> None:
        """Truncate tables together."""
        tables = [self._tables.table(relation) for relation in relations]
        self._run(statements.truncate(tables))

    def execute(self, change: Insert | Update | Delete) -> int:
        """Run the change and say how many rows it met."""
        table, key = self._tables.table(change.relation), self._tables.key(change.relation)
        if isinstance(change, Insert):
            names, values = _kept(table, change.names, change.values)
            return self._run(statements.insert_one(table, names), values)
        given, old = change.key_names, change.key_values
        names, values = (), ()
        if isinstance(change, Update):
            names, values = _kept(table, change.names, change.values)
            if not given and key:
                given, old = change.names, change.values
        if key and set(key) <= set(given):
            row = dict(zip(given, old, strict=True))
            return self._by_key(change, table, names, values, key, tuple(row[n] for n in key))
        if self._tables.is_full(change.relation):
            return self._by_row(change, table, names, values, given, old)
        if not change.key_names:
            raise ReplayStoppedError("The change does not say which row it means")
        # The stream's key is not the one in the catalog: a chunk may have its own.
        return self._by_key(change, table, names, values, given, old)

    def _by_key(
        self, change: Update | Delete, table: Table, names: Names, values: Values, key: Names,
        old: Values,
    ) -> int:  # fmt: skip
        if isinstance(change, Delete):
            statement = statements.delete_one(table, key)
        elif _may_move(table, names, values, key, old):
            statement = move_one(table, names, key)
        else:
            statement = statements.update_one(table, names, key)
        return self._run(statement, (*values, *old))

    def _by_row(
        self, change: Update | Delete, table: Table, names: Names, values: Values, given: Names,
        old: Values,
    ) -> int:  # fmt: skip
        # test_decoding leaves NULLs out, so a row of nothing but NULLs has no old row at all.
        row = {
            name: value
            for name, value in zip(given, old, strict=True)
            if value is not None and name not in table.generated
        }
        if isinstance(change, Update):
            statement = statements.update_whole(table, names, tuple(row))
        else:
            statement = statements.delete_whole(table, tuple(row))
        return self._run(statement, (*values, *row.values()))


def _may_move(table: Table, names: Names, values: Values, key: Names, old: Values) -> bool:
    """Whether the row may go to another chunk, which no UPDATE can do (TimescaleDB)."""
    new, before = dict(zip(names, values, strict=True)), dict(zip(key, old, strict=True))
    return any(
        name in new and (name not in before or new[name] != before[name])
        for name in table.dimensions
    )


def _kept(table: Table, names: Names, values: Values) -> tuple[Names, Values]:
    """Without the columns that the target generates itself."""
    for name in names:
        table.column(name)
    if table.generated.isdisjoint(names):
        return names, values
    row = [(n, v) for n, v in zip(names, values, strict=True) if n not in table.generated]
    return tuple(name for name, _ in row), tuple(value for _, value in row)


def _miscounted(change: Insert | Update | Delete, count: int) -> str:
    if isinstance(change, Insert):
        return f"{count} rows were stored; it must be one. A trigger of the target may be why."
    return f"{count} rows of the target have this key; it must be one."
