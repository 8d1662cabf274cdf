"""Putting changes into the target: set-based where that is the same, one by one where it is not.

Everything runs inside the caller's transaction. The fast way is tried first; where the target
refuses it, or a row is not there to be changed, its work is undone to a savepoint and the very same
changes are applied one by one in the source's order. So the fast way can never decide what is
right, and a change that really cannot be applied is known by name.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from lmtui.database import Connection, server_error
from lmtui.errors import ReplayStoppedError
from lmtui.replay import statements
from lmtui.replay.batch import Appended, OutOfOrderError, Row, Stage, TableBatch
from lmtui.replay.change import (
    Delete,
    DropChunks,
    Insert,
    Names,
    Relation,
    Truncate,
    Update,
    Values,
)
from lmtui.replay.drops import drop_chunks
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.lsn import format_lsn
from lmtui.replay.tables import Table, Tables

DataChange = Insert | Update | Delete | Truncate | DropChunks


class Located(NamedTuple):
    """A routed change with its place in the source's log."""

    change: DataChange
    lsn: int


class _UnmatchedError(Exception):
    """Fewer, or more, rows were changed than there were changes."""


class Target:
    """The target's tables, written to over one connection."""

    def __init__(self, connection: Connection, facts: CatalogFacts) -> None:
        self._connection = connection
        self._cursor = psycopg.RawCursor(connection)
        self._facts = {(table.schema, table.name): table for table in facts.tables}
        self._tables = Tables(connection)
        self._keys: dict[Relation, Names] = {}

    def apply(self, changes: Sequence[Located]) -> None:
        """Apply the changes. Raises ReplayStoppedError naming the one that cannot be applied.

        Server errors that are not the fault of a change (a lost connection, a deadlock) pass
        through as psycopg's.
        """
        if not changes:
            return
        self._cursor.execute("savepoint lmtui")
        try:
            self._apply_net(changes)
        except (
            OutOfOrderError,
            _UnmatchedError,
            psycopg.IntegrityError,
            psycopg.DataError,
            psycopg.ProgrammingError,
            ReplayStoppedError,
        ):
            self._cursor.execute("rollback to savepoint lmtui")
            self._tables.forget()
            self._keys.clear()
            for located in changes:
                self._apply_one(located)
        self._cursor.execute("release savepoint lmtui")

    def _apply_net(self, changes: Sequence[Located]) -> None:
        batches: dict[Relation, TableBatch] = {}
        truncated: list[Relation] = []
        for change, _ in changes:
            if isinstance(change, Truncate):
                self._flush(batches)
                truncated += [name for name in change.relations if name not in truncated]
                continue
            if truncated:
                self._truncate(truncated)
                truncated.clear()
            if isinstance(change, DropChunks):
                self._flush(batches)
                self._drop_chunks(change)
                continue
            batch = batches.get(change.relation)
            if batch is None:
                batch = batches[change.relation] = TableBatch(self._key(change.relation))
            batch.add(change)
        self._flush(batches)
        if truncated:
            self._truncate(truncated)

    def _flush(self, batches: dict[Relation, TableBatch]) -> None:
        for relation, batch in batches.items():
            table = self._tables.table(relation)
            for step in batch.steps:
                if isinstance(step, Stage):
                    self._apply_stage(table, batch.key, step)
                elif isinstance(step, Appended):
                    self._copy(table, step.rows)
                else:
                    self._expect(self._execute_one(table, step), 1)
        batches.clear()

    def _apply_stage(self, table: Table, key: Names, stage: Stage) -> None:
        if stage.deletes:
            keys = [(one,) for one in stage.deletes] if len(key) == 1 else list(stage.deletes)
            arrays = [statements.array_literal(column) for column in zip(*keys, strict=True)]
            self._cursor.execute(statements.delete_many(table, key), arrays)
            self._expect(self._cursor.rowcount, len(keys))
        for names, rows in _grouped(table, stage.updates.values()).items():
            order = [*key, *(name for name in names if name not in key)]
            if len(order) == len(key):
                continue
            positions = [names.index(name) for name in order]
            arrays = [statements.array_literal([row[at] for row in rows]) for at in positions]
            self._cursor.execute(statements.update_many(table, key, names), arrays)
            self._expect(self._cursor.rowcount, len(rows))
        if stage.inserts:
            self._copy(table, stage.inserts.values())

    def _copy(self, table: Table, rows: Iterable[Row]) -> None:
        for names, values in _grouped(table, rows).items():
            for name in names:
                table.column(name)
            with self._cursor.copy(statements.copy_in(table, names)) as copy:
                copy.write(statements.copy_rows(values))

    def _truncate(self, relations: Sequence[Relation]) -> None:
        tables = [self._tables.table(relation) for relation in relations]
        self._cursor.execute(statements.truncate(tables))

    def _drop_chunks(self, change: DropChunks) -> None:
        drop_chunks(self._connection, self._tables.table(change.relation), change)

    def _apply_one(self, located: Located) -> None:
        """Apply one change alone. Raises ReplayStoppedError where it cannot be."""
        change = located.change
        try:
            if isinstance(change, Truncate):
                self._truncate(change.relations)
                return
            if isinstance(change, DropChunks):
                self._drop_chunks(change)
                return
            count = self._execute_one(self._tables.table(change.relation), change)
        except (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError) as error:
            said = server_error("", error)
            raise _stopped(located, said.detail) from error
        except ReplayStoppedError as error:
            raise _stopped(located, f"{error.title}. {error.hint}") from error
        if count != 1:
            raise _stopped(located, f"{count} rows of the target have this key; it must be one.")

    def _execute_one(self, table: Table, change: Insert | Update | Delete) -> int:
        relation = change.relation
        if isinstance(change, Insert):
            names, values = _kept(table, change.names, change.values)
            self._cursor.execute(statements.insert_one(table, names), values)
            return self._cursor.rowcount
        key = self._key(relation)
        given, old = change.key_names, change.key_values
        if isinstance(change, Update):
            names, values = _kept(table, change.names, change.values)
            if not given and key:
                given, old = change.names, change.values
        if not given:
            raise ReplayStoppedError("The change does not say which row it means")
        statement: sql.Composed
        if key and set(key) <= set(given):
            row = dict(zip(given, old, strict=True))
            parameters = tuple(row[name] for name in key)
            if isinstance(change, Update):
                statement = statements.update_one(table, names, key)
                parameters = (*values, *parameters)
            else:
                statement = statements.delete_one(table, key)
            self._cursor.execute(statement, parameters)
        elif not self._is_full(relation):
            # The stream's key is not the one in the catalog: a chunk may have its own.
            if isinstance(change, Update):
                statement = statements.update_one(table, names, given)
                self._cursor.execute(statement, (*values, *old))
            else:
                self._cursor.execute(statements.delete_one(table, given), old)
        elif isinstance(change, Update):
            self._cursor.execute(statements.update_whole(table, names, given, old), values)
        else:
            self._cursor.execute(statements.delete_whole(table, given, old))
        return self._cursor.rowcount

    def _is_full(self, relation: Relation) -> bool:
        facts = self._facts.get(relation)
        return facts is not None and facts.full

    def _key(self, relation: Relation) -> Names:
        """The columns that identify a row: the replica identity, or a unique key under FULL."""
        if relation not in self._keys:
            facts = self._facts.get(relation)
            if facts is not None and facts.identity and not facts.full:
                key = facts.identity
            elif facts is None or facts.full:
                unique = self._tables.table(relation).unique_keys
                key = unique[0] if unique else ()
            else:
                key = ()
            self._keys[relation] = key
        return self._keys[relation]

    @staticmethod
    def _expect(count: int, expected: int) -> None:
        if count != expected:
            raise _UnmatchedError


def _kept(table: Table, names: Names, values: Values) -> tuple[Names, Values]:
    """Without the columns that the target generates itself."""
    for name in names:
        table.column(name)
    if table.generated.isdisjoint(names):
        return names, values
    row = [(n, v) for n, v in zip(names, values, strict=True) if n not in table.generated]
    return tuple(name for name, _ in row), tuple(value for _, value in row)


def _grouped(table: Table, rows: Iterable[Row]) -> dict[Names, list[Values]]:
    """Rows by their columns, without those that the target generates itself."""
    groups: dict[Names, list[Values]] = {}
    for names, values in rows:
        group = groups.get(names)
        if group is None:
            group = groups[names] = []
        group.append(values)
    if table.generated:
        kept: dict[Names, list[Values]] = {}
        for names, group in groups.items():
            at = [number for number, name in enumerate(names) if name not in table.generated]
            chosen = [tuple(values[number] for number in at) for values in group]
            kept.setdefault(tuple(names[number] for number in at), []).extend(chosen)
        return kept
    return groups


def _stopped(located: Located, why: str) -> ReplayStoppedError:
    change = located.change
    kind = type(change).__name__.upper()
    if isinstance(change, Truncate):
        where, key = ", ".join(".".join(name) for name in change.relations), ""
    else:
        where = ".".join(change.relation)
        row: Iterable[Any]
        if isinstance(change, DropChunks):
            row = [(one.column, f"{one.start} to {one.end}") for one in change.ranges]
        elif isinstance(change, Insert):
            row = zip(change.names, change.values, strict=True)
        else:
            names, values = change.key_names, change.key_values
            if not names and isinstance(change, Update):
                names, values = change.names, change.values
            row = zip(names, values, strict=True)
        key = ", ".join(f"{name} = {_short(value)}" for name, value in row)
    return ReplayStoppedError(
        f"Replay stopped at {format_lsn(located.lsn)}: {kind} {where}",
        detail=f"{why}\nRow: {key}" if key else why,
        hint="Nothing after it was applied. Mend the target, then resume.",
    )


def _short(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value if len(value) <= 60 else value[:60] + "…"
