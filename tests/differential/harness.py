"""One source, and one target for each decoder: what runs on the source is replayed and compared.

The receivers run as they do in a migration, one process for each slot, for as long as the tests.
The applier is the real one too, but runs in this process, up to a marker, anew for every case: its
facts are those of the case's own schema.
"""

import contextlib
import itertools
import os
import select
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from lmtui.children import Child
from lmtui.database import Connection, connect, run
from lmtui.demo.database import create_database
from lmtui.endpoint import SOURCE_VARIABLE, Endpoint
from lmtui.errors import ReplayStoppedError
from lmtui.ledger import Ledger
from lmtui.migration.slot import drop_slot
from lmtui.replay import applier, progress, transactions
from lmtui.replay.apply import Target
from lmtui.replay.batch import OutOfOrderError
from lmtui.replay.facts import read_facts
from lmtui.replay.lsn import parse_lsn
from lmtui.replay.protocol import ReplicationConnection
from lmtui.replay.reports import Report
from lmtui.workdir import WorkDirectory

PLUGINS = ("test_decoding", "wal2json")
Row = tuple[str | None, ...]
Contents = dict[str, list[Row]]


class _Applier(applier.Applier):
    """The applier, stopped by a marker rather than by its stdin."""

    until = ""
    receiver: Child

    def _listen(self, seconds: float) -> None:
        assert not self._waiting, self._waiting
        if self._progress.marker == self.until:
            self.stopping = True
        elif seconds:
            assert self.receiver.poll() is None, self.receiver.halted
            select.select([], [], [], 0.002)

    def _report(self, *, force: bool = False) -> None:
        return


class Replica:
    """A target, and the slot and receiver that feed it."""

    def __init__(self, source: Endpoint, server: Endpoint, name: str, plugin: str, root: Path,
                 *, timescaledb: bool) -> None:  # fmt: skip
        self.plugin = plugin
        self.source = source
        self.target = create_database(server, f"{name}_{plugin}", timescaledb=timescaledb)
        self.slot = f"{name}_{plugin}"
        self.directory = WorkDirectory(root / plugin)
        self.directory.create()
        walsender = ReplicationConnection(source, application="differential")
        start = walsender.create_slot(self.slot, plugin).lsn
        walsender.close()
        self.connection = connect(self.target, statement_timeout=0)
        self.receiver = Child(
            "lmtui.replay.receiver",
            ["--spool", str(self.directory.spool), "--slot", self.slot, "--plugin", plugin,
             "--start", str(start)],
            {**os.environ, SOURCE_VARIABLE: source.uri()},
            self.directory.logs / "receiver.log",
            _hear,
        )  # fmt: skip

    def apply(self, name: str, marker: str) -> None:
        """Apply up to the marker. Raises ReplayStoppedError where a change cannot be applied."""
        one = _Applier(self.target, self.directory, name, self.plugin)
        one.until = marker
        one.receiver = self.receiver
        one.run()

    def close(self) -> None:
        """Stop the receiver; drop the slot and the target."""
        self.receiver.stop()
        self.connection.close()
        with connect(self.source) as connection:
            drop_slot(connection, self.slot)


def _hear(_report: Report) -> None:
    return


class Pairing:
    """A source database with its replicas; cases come one after another, each in its schema."""

    def __init__(self, source: Endpoint, target: Endpoint, name: str, root: Path, *,
                 timescaledb: bool = False) -> None:  # fmt: skip
        self._servers = (source, target)
        self._name = name
        self.endpoint = create_database(source, name, timescaledb=timescaledb)
        self.source = connect(self.endpoint, statement_timeout=0)
        self.replicas = [
            Replica(self.endpoint, target, name, plugin, root, timescaledb=timescaledb)
            for plugin in PLUGINS
        ]
        self._numbers = itertools.count(1)

    def everywhere(self, statement: str) -> None:
        """Run SQL on the source and on the targets."""
        for connection in (self.source, *(replica.connection for replica in self.replicas)):
            connection.execute(statement)

    @contextlib.contextmanager
    def case(
        self, setup: str, *, target_setup: str | None = None, schema: str | None = None
    ) -> Iterator["Case"]:
        """A new schema, made by `setup` on both sides, or by `target_setup` on the targets."""
        number = next(self._numbers)
        schema = schema or f"case_{number}"
        name = sql.Identifier(schema)
        connections = [self.source, *(replica.connection for replica in self.replicas)]
        for connection in connections:
            connection.execute(sql.SQL("create schema {}").format(name))
            connection.execute(sql.SQL("set search_path = {}, public").format(name))
        try:
            self.source.execute(setup)
            for replica in self.replicas:
                replica.connection.execute(setup if target_setup is None else target_setup)
            yield Case(self, schema, f"case_{number}")
        finally:
            with contextlib.suppress(psycopg.Error):
                self.source.execute("rollback")
            for connection in connections:
                connection.execute("set search_path = public")
                connection.execute("set client_min_messages = warning")
                connection.execute(sql.SQL("drop schema {} cascade").format(name))

    def close(self) -> None:
        """Drop all that was made."""
        self.source.close()
        for replica in self.replicas:
            replica.close()
        for server in self._servers:
            with connect(server, statement_timeout=0) as connection:
                names = connection.execute(
                    "select datname from pg_database where starts_with(datname, %s)", (self._name,)
                )
                for (name,) in names.fetchall():
                    drop = sql.SQL("drop database {} with (force)")
                    connection.execute(drop.format(sql.Identifier(name)))


class Case:
    """A schema that is the same on both sides; what runs on the source is replayed."""

    def __init__(self, pairing: Pairing, schema: str, name: str) -> None:
        self._pairing = pairing
        self.name = name
        self._markers = itertools.count(1)
        self.schema = schema
        self.source = pairing.source
        self.replicas = pairing.replicas
        facts = read_facts(self.source)
        at = self.source.execute("select pg_current_wal_insert_lsn()::text").fetchall()[0][0]
        for replica in self.replicas:
            for table_schema, table, column in run(replica.connection, "identity_always"):
                replica.connection.execute(
                    sql.SQL("alter table {} alter {} set generated by default").format(
                        sql.Identifier(table_schema, table), sql.Identifier(column)
                    )
                )
            progress.create(replica.connection, name, parse_lsn(at))
            facts.save(replica.directory)

    def run(self, *statements: str) -> None:
        """Run statements on the source, each a transaction of its own."""
        for statement in statements:
            self.source.execute(statement)

    def transaction(self, *statements: str) -> None:
        """Run statements on the source in one transaction."""
        with self.source.transaction():
            self.run(*statements)

    def on_targets(self, statement: str) -> None:
        """Run a statement on the targets only."""
        for replica in self.replicas:
            replica.connection.execute(statement)

    def _mark(self) -> str:
        marker = f"drain:{next(self._markers)}"
        self.source.execute("select pg_logical_emit_message(true, 'lmtui', %s)", (marker,))
        return marker

    def replay(self, *, batch_rows: int | None = None, part_bytes: int | None = None,
               one_by_one: bool = False) -> None:  # fmt: skip
        """Replay all that has happened, in batches and parts of the size given.

        `one_by_one` is the way that is else taken only where the target refused the fast one.
        """
        marker = self._mark()
        with _applied(batch_rows, part_bytes, one_by_one=one_by_one):
            for replica in self.replicas:
                replica.apply(self.name, marker)

    def check(self, *, batch_rows: int | None = None, part_bytes: int | None = None,
              one_by_one: bool = False) -> Contents:  # fmt: skip
        """Replay, compare every table of the schema, and return the rows."""
        self.replay(batch_rows=batch_rows, part_bytes=part_bytes, one_by_one=one_by_one)
        wanted = self.rows(self.source)
        for replica in self.replicas:
            found = self.rows(replica.connection)
            for table, rows in wanted.items():
                assert found.get(table) == rows, (replica.plugin, table)
        return wanted

    def stops(self, *plugins: str, part_bytes: int | None = None) -> list[ReplayStoppedError]:
        """Replay, which must stop with both decoders, or those given; the reason of each."""
        marker = self._mark()
        errors = []
        with _applied(None, part_bytes, one_by_one=False):
            for replica in self.replicas:
                if replica.plugin in (plugins or PLUGINS):
                    with pytest.raises(ReplayStoppedError) as stopped:
                        replica.apply(self.name, marker)
                    errors.append(stopped.value)
        return errors

    def skip(self, errors: list[ReplayStoppedError]) -> None:
        """Let each replica pass over the change that it stands at."""
        for replica, error in zip(self.replicas, errors, strict=True):
            assert error.refused is not None
            Ledger(replica.directory).allow_skip(error.refused)

    def skipped(self) -> list[tuple[int, list[str]]]:
        """How many changes each replica's progress row counts as skipped, and their names."""
        return [
            (
                progress.read(replica.connection, self.name).counts.skipped,
                [one.change for one in progress.read_skipped(replica.connection, self.name)],
            )
            for replica in self.replicas
        ]

    def rows(self, connection: Connection) -> Contents:
        """Every table's own rows, sorted, in the source's columns.

        Each value is as its type's output function prints it; a hash stands for a long one.
        """
        columns: dict[str, list[str]] = {}
        for table, column in self.source.execute(_COLUMNS, (self.schema,)):
            columns.setdefault(table, []).extend([] if column is None else [column])
        hypertables = _hypertables(connection, self.schema)
        contents: Contents = {}
        for table, names in columns.items():
            query = sql.SQL("select {} from {} {}").format(
                sql.SQL(", ").join(sql.SQL(_VALUE).format(sql.Identifier(name)) for name in names),
                sql.SQL("" if table in hypertables else "only"),
                sql.Identifier(self.schema, table),
            )
            rows: list[Row] = connection.execute(query).fetchall()
            contents[table] = sorted(rows, key=repr)
        return contents


_VALUE = """
    case when num_nulls({0}) = 1 then null
         when octet_length(format('%s', {0})) > 10000 then md5(format('%s', {0}))
         else format('%s', {0}) end
"""
_COLUMNS = """
    select c.relname::text, a.attname::text
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = (select oid from pg_namespace where nspname = %s)
      and c.relkind = 'r' and c.relpersistence = 'p'
    order by 1, a.attnum
"""


def _hypertables(connection: Connection, schema: str) -> set[str]:
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return set()
    rows = connection.execute(
        "select hypertable_name::text from timescaledb_information.hypertables"
        " where hypertable_schema = %s",
        (schema,),
    )
    return {name for (name,) in rows}


@contextlib.contextmanager
def _applied(batch_rows: int | None, part_bytes: int | None, *, one_by_one: bool) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if batch_rows is not None:
            patch.setattr(applier, "BATCH_ROWS", batch_rows)
        if part_bytes is not None:
            patch.setattr(transactions, "PART_BYTES", part_bytes)
        if one_by_one:
            patch.setattr(Target, "_apply_net", _refuse)
        yield


def _refuse(_target: Target, _changes: object) -> None:
    raise OutOfOrderError
