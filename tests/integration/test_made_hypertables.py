"""Plain tables of a plain source that become hypertables on the target, under a writer."""

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command_line import CommandLine, execute, is_ready, one, soon
from conftest import Servers, drop, operator
from faults import kill_applier

from lmtui.database import connect
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

SETUP = (
    "set search_path = public",
    "create table devices (id int primary key, name text)",
    "insert into devices select i, 'device ' || i from generate_series(0, 9) i",
    # On the target it waits for as long as the test holds the lock.
    "create function patient(v float8) returns boolean language plpgsql as $$ begin"
    " perform pg_advisory_xact_lock_shared(42); return true; end $$",
    "create table seen (n int generated always as identity primary key, said text)",
    "create function seen() returns trigger language plpgsql set search_path = public as $$ begin"
    " insert into seen (said) values (tg_op || new.id); return new; end $$",
    "create table readings (id bigint generated always as identity, at timestamptz,"
    " device int not null references devices, v float8 check (public.patient(v)), note text,"
    " twice float8 generated always as (v * 2) stored, primary key (id, at))",
    "alter table readings alter column note set storage external",
    "create index on readings (device, at desc)",
    "comment on table readings is 'What was measured'",
    "grant select on readings to public",
    "insert into readings (at, device, v, note) select"
    " date_trunc('day', now()) - i * interval '10 minutes', i % 10, i / 7.0, repeat('x', 3000)"
    " from generate_series(1, 1500) i",
    "create trigger noted after insert on readings for each row execute function seen()",
    'create table "Log s" (at timestamptz, line text)',
    'alter table "Log s" replica identity full',
    "insert into \"Log s\" select now() - i * interval '1 hour', 'line ' || i % 50"
    " from generate_series(1, 400) i",
    "create table ticks (n bigint primary key, k int)",
    "insert into ticks select i, 0 from generate_series(1, 5000) i",
    "create materialized view by_device as select device, count(*) n from readings group by 1",
)
PLAN = """
[[hypertable]]
table = "public.readings"
column = "at"
interval = "1 day"

[[hypertable]]
table = 'public."Log s"'
column = "at"
interval = "7 days"

[[hypertable]]
table = "public.ticks"
column = "n"
interval = 1000
"""
WRITES = (
    "insert into readings (at, device, v, note) select now() + i * interval '1 second', i, i,"
    " repeat('y', 4000) from generate_series(0, 4) i",
    # To another chunk, or within one; what is not named stays TOASTed.
    "update readings set at = now() - random() * interval '10 days', v = v + 1"
    " where id in (select id from readings order by random() limit 3)",
    "update readings set v = v + 1 where id in (select id from readings order by random() limit 9)",
    "update readings set note = repeat('z', 5000),"
    " at = date_trunc('day', now()) - (at - date_trunc('day', now()))"
    " where id = (select min(id) from readings)",
    "delete from readings where id in (select id from readings order by random() limit 2)",
    "insert into \"Log s\" select now(), 'same' from generate_series(1, 3)",
    "update \"Log s\" set at = now() - random() * interval '30 days' where ctid in"
    ' (select ctid from "Log s" order by random() limit 2)',
    'delete from "Log s" where ctid in (select ctid from "Log s" order by random() limit 1)',
    "insert into ticks select coalesce(max(n), 0) + 1, 1 from ticks",
    "update ticks set n = 20000 - n where n = (select min(n) from ticks)",
    "update ticks set k = k + 1 where n < 50",
)
EMPTIED = "truncate ticks"
ROWS = {
    "readings": "select id, at, device, v, note, twice from readings order by id, at",
    '"Log s"': 'select at, line from "Log s" order by 1, 2',
    "ticks": "select n, k from ticks order by 1",
    "seen": "select n, said from seen order by 1",
}


@pytest.fixture
def plain(servers: Servers, tmp_path: Path) -> Iterator[CommandLine]:
    """A filled source without TimescaleDB, an empty target with it."""
    name = f"plain_{uuid.uuid4().hex[:8]}"
    create_database(servers.source.endpoint("postgres"), name, timescaledb=False)
    create_database(servers.target.endpoint("postgres"), name, timescaledb=True)
    command_line = CommandLine(
        tmp_path / "work",
        operator(servers.source, name, "source"),
        operator(servers.target, name, "target"),
    )
    _run(command_line.source, *SETUP)
    try:
        yield command_line
    finally:
        command_line.leave()
        drop(servers, name)


def _run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint, statement_timeout=0) as connection:
        connection.execute("set search_path = public")
        for statement in statements:
            connection.execute(statement.encode())


def _rows(endpoint: Endpoint, query: str) -> list[Any]:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        return connection.execute(query.encode()).fetchall()


@contextlib.contextmanager
def _writing(source: Endpoint) -> Iterator[threading.Event]:
    """Write until the fence, and no more; truncate where that is asked for."""
    stop, truncate = threading.Event(), threading.Event()

    def write() -> None:
        with contextlib.suppress(psycopg.OperationalError), connect(source) as connection:
            connection.execute("set search_path = public")
            while not stop.wait(0.05):
                for statement in WRITES:
                    connection.execute(statement.encode())
                if truncate.is_set():
                    connection.execute(EMPTIED)
                    truncate.clear()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield truncate
    finally:
        stop.set()
        thread.join()


def _begin(plain: CommandLine, plugin: str, *more: str) -> None:
    plain.directory.root.parent.mkdir(exist_ok=True)
    file = plain.directory.root.parent / "hypertables.toml"
    file.write_text(PLAN)
    plain("migrate", "--yes", "--detach", "--plugin", plugin, "--hypertables", str(file), *more)


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
def test_plain_tables_become_hypertables(plain: CommandLine, servers: Servers, plugin: str) -> None:
    source, target = plain.source, plain.target
    with _writing(source) as truncate:
        _begin(plain, plugin)
        plain.wait_for(lambda state: state.phase is Phase.REPLICATE)
        truncate.set()
        soon(lambda: not truncate.is_set())
        kill_applier(plain, servers)
        plain.wait_until_replayed()
        plain.wait_for(is_ready)
        plain("cutover", "--confirm", plain.database)
    status = plain.status()
    assert status["proven"] is True
    for name, query in ROWS.items():
        assert _rows(target, query) == _rows(source, query), name
    # Refreshed, which the source's is not.
    by_device = "select device, count(*) from readings group by 1 order by 1"
    assert _rows(target, "select device, n from by_device order by 1") == _rows(source, by_device)
    made = (
        "select string_agg(hypertable_name || ' ' || num_chunks, ', ' order by hypertable_name)"
        " from timescaledb_information.hypertables"
    )
    assert "Log s " in one(target, made)
    assert "readings 1" in one(target, made)
    report = json.loads(plain("report", "--format", "json"))
    surprises = [line for line in report["proof"]["inventory"] if "(expected: " not in line]
    assert surprises == []
    assert any(
        "table on the source, hypertable on" in line for line in report["proof"]["inventory"]
    )
    assert not report["drift"]
    assert "public.readings made a hypertable by at, chunks of 1 day" in {
        change["what"] for change in report["ledger"]
    }


@pytest.mark.parametrize("more", [(), ("--drop-if-exists",)])
def test_killed_during_the_copy_of_the_rows(
    plain: CommandLine, servers: Servers, more: tuple[str, ...]
) -> None:
    source, target = plain.source, plain.target
    if more:
        execute(target, "create table public.readings (id bigint primary key)")
    # From beside it, since the target is emptied meanwhile.
    server = servers.target.endpoint("postgres")
    copying = (
        "select max(pid) from pg_stat_activity where application_name = 'lmtui copy'"
        f" and wait_event = 'advisory' and datname = '{target.database}'"
    )
    with connect(target) as patience:
        patience.execute("select pg_advisory_lock(42)")
        _begin(plain, "auto", *more)
        first = soon(lambda: one(server, copying))
        state = plain.wait_for(
            lambda state: (
                state.sample and any(t.name == "readings" for t in state.sample.copy.tables)
            )
        )
        assert state.sample is not None
        assert state.sample.copy.tables_done < state.sample.copy.tables_total == 5
        execute(target, f"select pg_terminate_backend({first})")
        plain.wait_for(lambda state: "tried again" in str(state.recent))
        second = soon(lambda: one(server, copying))
        assert second != first
        plain.kill_supervisor()
        # A session of its own goes on, since nothing tells its server that nobody is there.
        assert one(server, copying) == second
        plain("resume", "--detach")
        soon(lambda: one(server, copying) not in (None, second))
    with _writing(source):
        plain.wait_for(is_ready)
        plain("cutover", "--confirm", plain.database)
    assert plain.status()["proven"] is True
    for name, query in ROWS.items():
        assert _rows(target, query) == _rows(source, query), name
    assert one(target, "select count(*) from timescaledb_information.hypertables") == 3
