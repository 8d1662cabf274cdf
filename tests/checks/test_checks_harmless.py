"""Preflight on a busy source: it writes nothing, blocks nobody, and leaves nothing behind."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from preflight import execute

from lmtui.checks import run_checks
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]

_PROBES = "select slot_name from pg_replication_slots where slot_name ~ '^lmtui_probe'"
_OURS = "select pid from pg_stat_activity where application_name = 'lmtui check'"
# What a writer or a change of the schema would wait for: all but the weakest, on what is not a
# catalog.
_LOCKS = """
select l.mode, coalesce(l.relation::regclass::text, l.locktype) from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
 where a.application_name = 'lmtui check' and l.granted
   and l.locktype in ('relation', 'object', 'advisory', 'tuple', 'transactionid')
   and l.mode <> 'AccessShareLock'
   -- Every session has its database's while it begins.
   and l.classid is distinct from 'pg_database'::regclass
   -- The walsender of the probe has its own transaction's lock.
   and a.backend_type = 'client backend'
"""
_AGE = """
select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8
  from pg_stat_activity
 where application_name = 'lmtui check' and backend_type = 'client backend'
"""

# Who writes has a transaction id.
_WRITTEN = """
select backend_xid::text from pg_stat_activity
 where application_name = 'lmtui check' and backend_xid is not null
"""


@contextmanager
def _meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    end, failed = threading.Event(), []

    def run() -> None:
        try:
            work(end)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    assert not failed, failed


def _check(pair: Pair, directory: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "lmtui", "check", "--dir", str(directory)],
        env={"PATH": "/usr/bin", SOURCE_VARIABLE: pair[0].uri(), TARGET_VARIABLE: pair[1].uri()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _gone(source: Endpoint, query: str) -> None:
    """The server notices the end of a client a moment later; pytest's timeout bounds this."""
    while execute(source, query):
        pass


def test_killed_while_its_slot_waits_it_leaves_no_slot(
    fresh_databases: Pair, tmp_path: Path
) -> None:
    source, _ = fresh_databases
    with closing(psycopg.connect(source.conninfo())) as writer:
        # The probe's slot waits for this transaction, which outlives the probe.
        writer.execute("create table held (id int)")
        child = _check(fresh_databases, tmp_path)
        while not execute(source, _PROBES):
            assert child.poll() is None
        child.kill()
        child.wait()
        _gone(source, _PROBES)
        assert writer.info.transaction_status.name == "INTRANS"


def test_killed_at_any_moment_it_leaves_nothing(fresh_databases: Pair, tmp_path: Path) -> None:
    source, target = fresh_databases
    chance = random.Random(4)  # noqa: S311
    for _ in range(4):
        child = _check(fresh_databases, tmp_path)
        while child.poll() is None and not execute(source, _OURS):
            pass
        time.sleep(chance.uniform(0, 0.5))
        child.kill()
        child.wait()
        _gone(source, _PROBES)
        for side in (source, target):
            _gone(side, _OURS)
        assert list(tmp_path.iterdir()) == []


def test_it_writes_nothing_and_keeps_nobody_waiting(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(
        source,
        "create table t (id int primary key, n int)",
        "insert into t values (1, 0)",
        "create table keyless (line text)",
    )
    run_checks(source, target)
    # Who writes is given a transaction id, whatever is written.
    numbers = "select pg_snapshot_xmax(pg_current_snapshot())"
    before = [execute(side, numbers) for side in (source, target)]
    strong: set[tuple[str, str]] = set()
    ages = [0.0]

    def watch(end: threading.Event) -> None:
        with closing(psycopg.connect(source.conninfo(), autocommit=True)) as session:
            while not end.is_set():
                strong.update(session.execute(_LOCKS).fetchall())
                [(age,)] = session.execute(_AGE).fetchall()
                ages.append(age)

    with _meanwhile(watch):
        run_checks(source, target)
    assert [execute(side, numbers) for side in (source, target)] == before
    assert max(ages) < 5
    assert strong == set()


def test_a_writer_and_a_change_of_the_schema_never_wait(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(
        source,
        "create extension timescaledb",
        "create table t (id int primary key, n int)",
        "create table h (at timestamptz not null, n int)",
        "select create_hypertable('h', 'at')",
    )
    rounds = 0

    def write(end: threading.Event) -> None:
        nonlocal rounds
        with closing(psycopg.connect(source.conninfo(), autocommit=True)) as session:
            session.execute("set lock_timeout = '1s'")
            while not end.is_set():
                session.execute("insert into t values (%s, 0)", (rounds,))
                session.execute("update t set n = n + 1 where id = %s", (rounds,))
                session.execute("insert into h values (now(), 1)")
                session.execute("alter table t set (fillfactor = 90)")
                session.execute("alter table h replica identity full")
                rounds += 1

    ages, written = [0.0], set[str]()

    def watch(end: threading.Event) -> None:
        with closing(psycopg.connect(source.conninfo(), autocommit=True)) as session:
            while not end.is_set():
                ages.extend(age for (age,) in session.execute(_AGE))
                written.update(xid for (xid,) in session.execute(_WRITTEN))

    with _meanwhile(write), _meanwhile(watch):
        for _ in range(2):
            run_checks(source, target)
    assert rounds > 2
    assert max(ages) < 5
    assert written == set()
