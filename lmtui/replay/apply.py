"""Putting changes into the target: set-based where that is the same, one by one where it is not.

Everything runs inside the caller's transaction. The fast way is tried first; where the target
refuses it, or a row is not there to be changed, its work is undone to a savepoint and the very same
changes are applied one by one in the source's order. So the fast way can never decide what is
right, and a change that really cannot be applied is known by name.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import psycopg

from lmtui.database import Connection, connect, run
from lmtui.endpoint import Endpoint
from lmtui.errors import ReplayStoppedError
from lmtui.refused import Refused
from lmtui.replay import statements
from lmtui.replay.batch import Appended, Key, OutOfOrderError, Row, Stage, TableBatch
from lmtui.replay.blocks import Blocks
from lmtui.replay.change import (
    Decoder,
    DropChunks,
    Insert,
    Located,
    Names,
    Relation,
    Truncate,
    Values,
)
from lmtui.replay.columns import arranged
from lmtui.replay.drops import drop_chunks
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.large import LargeRows
from lmtui.replay.moves import Moves, gathered, move_many
from lmtui.replay.protocol import LARGE_BYTES
from lmtui.replay.refusal import is_transient
from lmtui.replay.runs import Head, Piece, RowChange, Run, changes, located, lsns_backwards
from lmtui.replay.single import SingleChanges
from lmtui.replay.tables import Table, Tables


class _UnmatchedError(Exception):
    """Fewer, or more, rows were changed than there were changes."""


def connect_target(endpoint: Endpoint, slot: str) -> Connection:
    """A connection that replays, the only one for this slot: it ends the others first.

    Those are of appliers that are dead or cut off from their network, which their server does not
    know: it would keep their locks for hours. Raises ConnectionFailedError; psycopg.Error without
    the right.
    """
    connection = connect(
        endpoint, statement_timeout=0, lock_timeout=30, application=f"lmtui applier {slot}",
        autocommit=False,
    )  # fmt: skip
    try:
        run(connection, "applier_end_others")
        connection.commit()
        # Triggers and foreign keys have fired on the source already.
        connection.execute("set session_replication_role = replica")
        # Functions in constraints and generated columns may rely on the database's own path.
        connection.execute("reset search_path")
    except psycopg.Error:
        connection.close()
        raise
    return connection


class Target:
    """The target's tables, written to over one connection."""

    def __init__(
        self,
        connection: Connection,
        facts: CatalogFacts,
        decoder: Decoder,
        blocks: Blocks,
        skips: Iterable[Refused] = (),
    ) -> None:
        self._connection = connection
        self._decode = decoder.decode
        self._blocks = blocks
        self._cursor = psycopg.RawCursor(connection)
        self._tables = Tables(connection, facts)
        self._large = LargeRows(self._cursor, self._tables, blocks.printed)
        self._single = SingleChanges(connection, self._tables, skips)

    def apply(self, pieces: Sequence[Piece], *, large: bool = False) -> None:
        """Apply the pieces, of which some are very `large`, where that is said.

        Raises ReplayStoppedError naming the change that cannot be applied.

        Server errors that are not the fault of a change (a lost connection, a deadlock) pass
        through as psycopg's.
        """
        if not pieces:
            return
        self._cursor.execute("savepoint lmtui")
        try:
            if large:
                self._apply_large(pieces)
            else:
                self._apply_net(pieces)
        except (OutOfOrderError, _UnmatchedError, psycopg.Error, ReplayStoppedError) as error:
            if isinstance(error, psycopg.Error) and is_transient(error):
                raise
            self._cursor.execute("rollback to savepoint lmtui")
            self._tables.forget()
            self._single.apply_all(located(pieces, self._decode))
        self._cursor.execute("release savepoint lmtui")
        self._single.naming.go_on(lsns_backwards(pieces))

    def skipped(self) -> list[tuple[Located, Refused]]:
        """What was passed over since this was last asked, as wanted by the operator."""
        skipped, self._single.skipped = self._single.skipped, []
        return skipped

    def _apply_net(self, pieces: Sequence[Piece]) -> None:
        gathered: defaultdict[Relation, list[Run | RowChange]] = defaultdict(list)
        truncated: list[Relation] = []
        for piece in pieces:
            change = piece if isinstance(piece, Run) else piece.change
            if isinstance(change, Truncate):
                self._flush(gathered)
                truncated += [name for name in change.relations if name not in truncated]
                continue
            if truncated:
                self._single.truncate(tuple(truncated))
                truncated.clear()
            if isinstance(change, DropChunks):
                self._flush(gathered)
                drop_chunks(self._connection, self._tables.table(change.relation), change)
            else:
                gathered[change.relation].append(change)
        self._flush(gathered)
        if truncated:
            self._single.truncate(tuple(truncated))

    def _apply_large(self, pieces: Sequence[Piece]) -> None:
        """Apply large messages each by itself, and the others as ever, in their order."""
        others: list[Piece] = []
        for piece in pieces:
            if not isinstance(piece, Run) or max(map(len, piece.messages)) <= LARGE_BYTES:
                others.append(piece)
                continue
            for message in piece.messages:
                one = piece._replace(messages=[message])
                if len(message) <= LARGE_BYTES:
                    others.append(one)
                    continue
                self._apply_net(others)
                others.clear()
                count = self._large.apply(one)
                if count is None:
                    others.append(one)
                else:
                    _expect(count, 1)
        self._apply_net(others)

    def _flush(self, gathered: dict[Relation, list[Run | RowChange]]) -> None:
        for relation, gatherings in gathered.items():
            table = self._tables.table(relation)
            if self._copy_blocks(table, gatherings):
                continue
            key = self._tables.key(relation)
            if (
                key
                and not self._tables.is_unique(relation)
                and not all(map(_is_insert, gatherings))
            ):
                # One row that is there twice would stand for one that is missing.
                raise OutOfOrderError
            if found := arranged(table, key, self._blocks, gatherings):
                self._cursor.execute(found.statement, found.arrays)
                _expect(self._cursor.rowcount, found.rows)
            else:
                self._apply_batch(table, gatherings)
        gathered.clear()

    def _copy_blocks(self, table: Table, gatherings: Sequence[Run | RowChange]) -> bool:
        """Copy what is nothing but inserts without decoding them; says whether it could."""
        messages: defaultdict[Head, list[bytes]] = defaultdict(list)
        for one in gatherings:
            if not isinstance(one, Run) or one.head.kind is not Insert:
                return False
            messages[one.head] += one.messages
        lines: defaultdict[Names, list[bytes]] = defaultdict(list)
        counts: defaultdict[Names, int] = defaultdict(int)
        for head, some in messages.items():
            block = self._blocks.block(head, some)
            if block is None or not table.generated.isdisjoint(block.names):
                return False
            lines[block.names].append(block.text)
            counts[block.names] += len(some)
        for names, texts in lines.items():
            for name in names:
                table.column(name)
            statement = statements.copy_lines(table, names, self._blocks.printed.quote)
            with self._cursor.copy(statement) as copy:
                for text in texts:
                    copy.write(text)
                    copy.write(b"\n")
            _expect(self._cursor.rowcount, counts[names])
        return True

    def _apply_batch(self, table: Table, gatherings: Sequence[Run | RowChange]) -> None:
        batch = TableBatch(self._tables.key(table.relation))
        for one in gatherings:
            if isinstance(one, Run):
                for change in changes(one, self._decode):
                    batch.add(change)
            else:
                batch.add(one)
        for step in gathered(table, batch.key, batch.steps):
            if isinstance(step, Stage):
                self._apply_stage(table, batch.key, step)
            elif isinstance(step, Moves):
                self._move(table, batch.key, step)
            elif isinstance(step, Appended):
                self._copy(table, step.rows)
            else:
                _expect(self._single.execute(step), 1)

    def _move(self, table: Table, key: Names, moves: Moves) -> None:
        self._cursor.execute(move_many(table, key, moves.names), moves.arrays())
        _expect(self._cursor.rowcount, len(moves.rows))

    def _apply_stage(self, table: Table, key: Names, stage: Stage) -> None:
        if stage.deletes:
            self._cursor.execute(
                statements.delete_many(table, key), _key_arrays(key, stage.deletes)
            )
            _expect(self._cursor.rowcount, len(stage.deletes))
        for names, updates in _grouped_updates(stage).items():
            changed = tuple(n for n in names if n not in key and n not in table.generated)
            positions = [names.index(name) for name in changed]
            arrays = _key_arrays(key, updates)
            rows = updates.values()
            arrays += [statements.array_literal([row[at] for row in rows]) for at in positions]
            self._cursor.execute(statements.update_many(table, key, changed), arrays)
            _expect(self._cursor.rowcount, len(updates))
        if stage.inserts:
            self._copy(table, stage.inserts.values())

    def _copy(self, table: Table, rows: Iterable[Row]) -> None:
        for names, values in _grouped(table, rows).items():
            for name in names:
                table.column(name)
            if not names:
                # COPY cannot be told that a row has no column.
                raise OutOfOrderError
            with self._cursor.copy(statements.copy_in(table, names)) as copy:
                copy.write(statements.copy_rows(values))
            _expect(self._cursor.rowcount, len(values))


def _is_insert(one: Run | RowChange) -> bool:
    return one.head.kind is Insert if isinstance(one, Run) else isinstance(one, Insert)


def _expect(count: int, expected: int) -> None:
    if count != expected:
        raise _UnmatchedError


def _key_arrays(key: Names, keys: Iterable[Key]) -> list[str]:
    columns = [keys] if len(key) == 1 else zip(*keys, strict=True)
    return [statements.array_literal(column) for column in columns]


def _grouped_updates(stage: Stage) -> dict[Names, dict[Key, Values]]:
    groups: dict[Names, dict[Key, Values]] = {}
    for key, (names, values) in stage.updates.items():
        group = groups.get(names)
        if group is None:
            group = groups[names] = {}
        group[key] = values
    return groups


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
