"""The rows of one plain table, streamed into its hypertable: all of them in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect, run
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError, SnapshotLostError
from lmtui.migration.slot import HeldSnapshot
from lmtui.replay.change import Relation

APPLICATION = "lmtui copy"
LOCK_SECONDS = 30
BLOCK_BYTES = 256 * 1024


class RowCopy:
    """The copy of one table's rows.

    `go_on` is called often, with how many bytes are copied, and raises where that is to stop.

    `run` may be repeated: the hypertable is emptied in the transaction that fills it, so that no
    row is there twice, even where the commit of an attempt before was not heard of.
    """

    def __init__(
        self, held: HeldSnapshot, target: Endpoint, relation: Relation, go_on: Callable[[int], None]
    ) -> None:
        self._held, self._target = held, target
        self._name = sql.Identifier(*relation)
        self._text = ".".join(relation)
        self._go_on = go_on
        self._sessions: tuple[Connection, ...] = ()
        self._backend = 0

    def run(self) -> int:
        """Copy all rows; returns how many.

        Raises SnapshotLostError where they are there no more, ConnectionFailedError, psycopg.Error.
        """
        self._end_before()
        with self._held.inside() as source, self._writing() as target:
            self._sessions = (source, target)
            try:
                columns = self._read_columns(source)
                count = self._stream(source, target, columns)
                target.commit()
            finally:
                self._sessions = ()
        return count

    def cancel(self) -> None:
        """End the statements under way, from another thread."""
        for session in self._sessions:
            session.cancel_safe(timeout=5)

    def analyze(self) -> None:
        """Collect statistics, which the replay is planned by. Raises psycopg.Error."""
        with self._writing() as target:
            self._sessions = (target,)
            try:
                target.execute(sql.SQL("analyze {}").format(self._name))
                target.commit()
            finally:
                self._sessions = ()

    def _end_before(self) -> None:
        if self._backend:
            with connect(self._target) as connection:
                run(
                    connection,
                    "convert_end_session",
                    {"application": APPLICATION, "pid": self._backend},
                )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        connection = connect(
            self._target, statement_timeout=0, lock_timeout=LOCK_SECONDS, application=APPLICATION,
            autocommit=False,
        )  # fmt: skip
        try:
            self._backend = connection.info.backend_pid
            run(connection, "session_timeouts")
            # Triggers and foreign keys have fired on the source already.
            connection.execute("set session_replication_role = replica")
            # Functions in constraints and generated columns may rely on the database's own path.
            connection.execute("reset search_path")
            connection.commit()
            yield connection
        finally:
            connection.close()

    def _read_columns(self, source: Connection) -> Sequence[str]:
        """The columns to copy, with a lock on the table until the end of the copy."""
        run(source, "session_timeouts")
        # Rows that a policy hides would be left out silently.
        source.execute("set local row_security = off")
        source.execute(f"set local lock_timeout = '{LOCK_SECONDS}s'")
        try:
            source.execute(sql.SQL("lock table only {} in access share mode").format(self._name))
        except psycopg.errors.UndefinedTable as error:
            raise self._lost("dropped") from error
        name = self._name.as_string(source)
        found = run(source, "convert_source", {"relation": name})
        if not found:
            raise self._lost("dropped and made again")
        columns, same_file = found[0]
        if not same_file:
            raise self._lost("emptied or written anew")
        return list(columns)

    def _lost(self, done: str) -> SnapshotLostError:
        return SnapshotLostError(
            f"{self._text} was {done} on the source before its rows were copied",
            hint="Stop what does that until the copy is done; lmtui resume begins it again.",
        )

    def _stream(self, source: Connection, target: Connection, columns: Sequence[str]) -> int:
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        target.execute(sql.SQL("truncate {}").format(self._name))
        read = sql.SQL("copy (select {} from only {}) to stdout").format(listed, self._name)
        write = sql.SQL("copy {} ({}) from stdin").format(self._name, listed)
        with source.cursor() as reader, target.cursor() as writer:
            with reader.copy(read) as rows, writer.copy(write) as into:
                copied = 0
                for block in _blocks(rows):
                    self._go_on(copied)
                    into.write(block)
                    copied += len(block)
            if reader.rowcount != writer.rowcount:
                raise LmtuiError(
                    f"{self._text}: {reader.rowcount} rows were read and {writer.rowcount} stored",
                    hint="A trigger of the target may be why. Nothing of it was kept.",
                )
            return writer.rowcount


def _blocks(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Rows in larger blocks: each one that is sent costs more than its bytes."""
    block = bytearray()
    for row in rows:
        block += row
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)
