"""One run of chaos: a small database under a dense load, a kill about every second, and a verdict.

The load has what replay could get wrong when it is cut off anywhere: transactions of one row and of
a hundred thousand, savepoints kept and rolled back, keys changed and swapped, equal rows,
truncates, and hypertables that grow new chunks all along.
"""

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

import psycopg
from command_line import CommandLine, execute, one, soon
from conftest import Servers
from faults import (
    Fault,
    child,
    end_backend,
    end_walsender,
    kill_applier,
    kill_backend,
    kill_receiver,
    kill_supervisor,
    kill_walsender,
    restart_source,
    restart_target,
)

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError
from lmtui.phases import Phase
from lmtui.state import State

SETUP = (
    "create table item (id bigint primary key, n int not null, words text)",
    "create table tag (name text, n int)",
    "alter table tag replica identity full",
    "create table part (id bigint primary key, item bigint references item deferrable"
    " initially deferred, at timestamptz)",
    "create table scratch (id int primary key)",
    "create table reading (at timestamptz not null, device int not null, value float8,"
    " primary key (at, device))",
    "create table event (at timestamptz not null, what text)",
    "select create_hypertable('reading', 'at', chunk_time_interval => interval '1 hour')",
    "select create_hypertable('event', 'at', chunk_time_interval => interval '1 hour')",
    "insert into item select i, 0, 'first' from generate_series(1, 2000) i",
    "insert into reading select '2026-01-15'::timestamptz + i * interval '1 minute', i % 5, i"
    " from generate_series(1, 300) i",
)
TABLES = ("item", "tag", "part", "scratch", "reading", "event")
_DIGEST = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from {} t"
LARGE_ROWS = 100_000
MAX_RESUMES, ATTEND_SECONDS = 30, 120


class Load:
    """Writes from two sessions, through every restart of the source, until it is stopped."""

    def __init__(self, source: Endpoint, seed: int) -> None:
        self._source = source
        self._stopping = threading.Event()
        self._numbers = itertools.count(1_000_000)
        self.committed: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._write, args=(random.Random(seed + n),))  # noqa: S311
            for n in range(2)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the transactions under way."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _write(self, chance: random.Random) -> None:
        while not self._stopping.is_set():
            # The source may be recovering.
            with (
                contextlib.suppress(ConnectionFailedError, psycopg.Error),
                connect(self._source, autocommit=False, statement_timeout=0) as connection,
            ):
                connection.execute("set search_path = public")
                connection.commit()
                while not self._stopping.is_set():
                    self._transaction(connection, chance)
            self._stopping.wait(0.05)

    def _transaction(self, connection: Connection, chance: random.Random) -> None:
        write = chance.choices(tuple(_WRITES), tuple(_WRITES.values()))[0]
        try:
            write(connection, chance, next(self._numbers))
            connection.commit()
            self.committed[write.__name__] += 1
        except (psycopg.errors.IntegrityError, psycopg.errors.TransactionRollback):
            # Two sessions may want the same; what they want is chance.
            connection.rollback()
        self._stopping.wait(0.01)


def _one(connection: Connection, _chance: random.Random, number: int) -> None:
    connection.execute("insert into item values (%s, 0, 'one')", (number,))


def _several(connection: Connection, chance: random.Random, number: int) -> None:
    execute = connection.execute
    some = chance.randrange(2000)
    execute("update item set n = n + 1 where id between %s and %s", (some, some + 20))
    execute("insert into item values (%s, 1, repeat('wide', 900))", (number,))
    execute("insert into part values (%s, %s, now())", (number, number))
    execute("update item set n = n + 1 where id = %s", (number,))
    execute("delete from part where id < %s - 400", (number,))


def _keys(connection: Connection, chance: random.Random, number: int) -> None:
    execute, some = connection.execute, chance.randrange(1, 1900)
    execute("update item set id = -id where id = %s", (some,))
    execute("update item set id = %s where id = %s", (some, some + 1))
    execute("update item set id = %s where id = -%s", (some + 1, some))


def _savepoints(connection: Connection, chance: random.Random, number: int) -> None:
    execute = connection.execute
    execute("insert into item values (%s, 0, 'kept')", (number,))
    for step in range(5):
        execute("savepoint here")
        execute("insert into item values (%s, %s, 'step')", (number * 100 + step, step))
        execute("update item set words = words || 'x' where id = %s", (number,))
        execute("delete from tag where ctid = (select min(ctid) from tag)")
        execute("rollback to here" if chance.random() < 0.5 else "release here")


def _equal_rows(connection: Connection, chance: random.Random, number: int) -> None:
    execute = connection.execute
    execute("insert into tag select 'equal', i %% 3 from generate_series(1, 9) i")
    execute("delete from tag where ctid = (select min(ctid) from tag where n = 1)")
    execute("update tag set n = n + 1 where ctid = (select max(ctid) from tag where n = 2)")
    execute("delete from tag where ctid = any (array(select ctid from tag limit 8))")


def _scratch(connection: Connection, chance: random.Random, number: int) -> None:
    connection.execute("insert into scratch values (%s) on conflict do nothing", (number % 50,))
    connection.execute("truncate scratch")
    connection.execute("insert into scratch select generate_series(1, %s)", (chance.randrange(9),))


def _readings(connection: Connection, chance: random.Random, number: int) -> None:
    begin = "'2026-01-15'::timestamptz + %s * interval '10 seconds'"
    connection.execute(
        f"insert into reading select {begin} + i * interval '1 second', i, i"
        " from generate_series(1, %s) i on conflict do nothing",
        (number - 999_990, chance.randrange(1, 400)),
    )
    connection.execute(
        f"insert into event select {begin}, 'seen' from generate_series(1, 20)",
        (chance.randrange(number - 1_000_000 + 1),),
    )
    connection.execute("update reading set value = -value where device = %s and value < 50",
                       (chance.randrange(5),))  # fmt: skip
    connection.execute("delete from reading where device = %s", (chance.randrange(300, 400),))


def _large(connection: Connection, chance: random.Random, number: int) -> None:
    connection.execute(
        "insert into item select %s::bigint * 1000000 + i, i, 'of a large transaction'"
        " from generate_series(1, %s) i",
        (number, chance.randrange(LARGE_ROWS // 3, LARGE_ROWS)),
    )
    connection.execute(
        "delete from item where id > %s::bigint * 1000000 and n %% 10 <> 0", (number,)
    )


def _rolled_back(connection: Connection, chance: random.Random, number: int) -> None:
    connection.execute("insert into item select %s * 1000 + i from generate_series(1, 500) i",
                       (number,))  # fmt: skip


_WRITES: Mapping[Callable[[Connection, random.Random, int], None], int] = {
    _one: 30, _several: 20, _keys: 10, _savepoints: 15, _equal_rows: 10, _scratch: 2,
    _readings: 15, _large: 1, _rolled_back: 2,
}  # fmt: skip


def freeze(shop: CommandLine, _servers: Servers) -> None:
    """Both children stand still for a moment, and are killed where they stand."""
    pids = [child(shop, f"lmtui.replay.{name}") for name in ("receiver", "applier")]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.2)


FAULTS: Mapping[Fault, int] = {
    kill_receiver: 6, kill_applier: 8, end_walsender: 4, end_backend: 5, freeze: 3,
    kill_supervisor: 2, kill_walsender: 1, kill_backend: 1, restart_source: 1, restart_target: 1,
}  # fmt: skip


class Run:
    """One run: a migration up to its replay, faults, and the comparison of all rows."""

    def __init__(self, shop: CommandLine, servers: Servers, seed: int, plugin: str) -> None:
        self._shop = shop
        self._servers = servers
        self._chance = random.Random(seed)  # noqa: S311
        self.seed = seed
        self.plugin = plugin
        self.struck: Counter[str] = Counter()
        self.resumes = 0
        self._end = ""

    def go(self, *, kills: int, seconds: float) -> str:
        """Strike `kills` times, some seconds longer than `seconds`; says in a line what was done.

        Raises AssertionError where the rows of both sides are not the same in the end.
        """
        shop = self._shop
        execute(shop.source, "set search_path = public", *SETUP)
        shop("migrate", "--yes", "--detach", "--plugin", self.plugin)
        load = Load(shop.source, self.seed)
        try:
            self._attend(lambda state: state.phase in (Phase.CATCH_UP, Phase.REPLICATE))
            began = time.monotonic()
            for _ in range(kills):
                time.sleep(self._chance.expovariate(kills / seconds) / 2)
                self._attend(lambda _: shop.directory.worker_alive())
                fault = self._chance.choices(tuple(FAULTS), tuple(FAULTS.values()))[0]
                self.struck[fault.__name__] += 1
                self._strike(fault)
            took = time.monotonic() - began
        finally:
            load.stop()
        # What was killed last may still recover.
        self._end = soon(lambda: one(shop.source, "select pg_current_wal_insert_lsn()::text"))
        self._attend(lambda _: self._replayed())
        rows = self._compare()
        return (
            f"seed {self.seed}, {self.plugin}: {self.told} in {took:.0f} s, "
            f"{load.committed.total()} transactions ({load.committed['_large']} large); "
            f"{rows} rows equal"
        )

    def _strike(self, fault: Fault) -> None:
        try:
            fault(self._shop, self._servers)
        except AssertionError:
            # Where the supervisor has just given up there is nobody to strike.
            if self._shop.directory.worker_alive():
                raise

    @property
    def told(self) -> str:
        """What was done so far."""
        each = "".join(f"{name} {count}, " for name, count in sorted(self.struck.items()))
        return f"{self.struck.total()} kills ({each}{self.resumes} resumes)"

    def _attend(self, until: Callable[[State], object]) -> None:
        """Wait, and resume what has ended, as an operator would."""
        shop, deadline = self._shop, time.monotonic() + ATTEND_SECONDS
        while not until(state := shop.state()):
            assert time.monotonic() < deadline, f"{self.told}\n{shop.told(state)}"
            if not shop.directory.worker_alive():
                self.resumes += 1
                assert self.resumes <= MAX_RESUMES, f"{self.told}\n{shop.told(state)}"
                shop("resume", "--detach")
            time.sleep(0.05)

    def _replayed(self) -> bool:
        """Whether all that the source has committed is on the target, which may be recovering."""
        query = f"select max(commit_lsn) >= '{self._end}'::pg_lsn from lmtui.progress"
        with contextlib.suppress(ConnectionFailedError, psycopg.OperationalError):
            return bool(one(self._shop.target, query))
        return False

    def _compare(self) -> int:
        source, target = (
            soon(lambda side=side: _digests(side))
            for side in (self._shop.source, self._shop.target)
        )
        differing = [
            f"{table} DIFFERS: source {source[table]}, target {target[table]}"
            for table in TABLES
            if source[table] != target[table]
        ]
        assert not differing, "\n".join(
            (f"seed {self.seed}, {self.plugin}", *differing, self.told,
             self._shop.told(self._shop.state()))
        )  # fmt: skip
        return sum(rows for rows, _ in source.values())


def _digests(side: Endpoint) -> dict[str, tuple[int, str]]:
    """Each table's rows, and the sum of their hashes, which is the same in any order."""
    with connect(side, read_only=True, statement_timeout=0) as connection:
        return {
            table: connection.execute(_DIGEST.format(f"public.{table}").encode()).fetchall()[0]
            for table in TABLES
        }
