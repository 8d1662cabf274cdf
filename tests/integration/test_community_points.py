"""Compressed chunks that change while they are copied, and a compressed hypertable copied anew.

The servers are those that LMTUI_COMMUNITY names.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, is_ready, one

from lmtui.database import connect
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.events import TablesSynchronised
from lmtui.journal import Reader
from lmtui.pgcopydb.progress import read_copy
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]

SETUP = (
    "create table first as select i as id, repeat(md5(i::text), 20) as filler"
    " from generate_series(1, 150000) i",
    "create table m (at timestamptz not null, d int not null, v float8, primary key (at, d))",
    "select create_hypertable('m', 'at', chunk_time_interval => interval '1 day')",
    "insert into m select now() - interval '12 days' + i * interval '1 minute', i % 5, i / 7.0"
    " from generate_series(0, 17000) i",
    "alter table m set (timescaledb.compress, timescaledb.compress_segmentby = 'd')",
    "select compress_chunk(c) from show_chunks('m', older_than => interval '8 days') c",
    "create materialized view daily with (timescaledb.continuous) as"
    " select time_bucket('1 day', at) b, sum(v) s, count(*) n from m group by 1 with no data",
    "call refresh_continuous_aggregate('daily', null, now() - interval '1 day')",
)
MEANWHILE = {
    "compress": "select compress_chunk(c) from show_chunks('m', newer_than => interval '7 days',"
    " older_than => interval '3 days') c",
    "decompress": "select decompress_chunk(c)"
    " from show_chunks('m', older_than => interval '9 days') c",
    "changed in its compressed form": "update m set v = -v where d = 1"
    " and at < now() - interval '10 days'",
    "dropped": "select drop_chunks('m', older_than => interval '11 days')",
    "truncated": "truncate m",
}
WRITES = (
    "insert into m select now() + i * interval '1 microsecond', i, i from generate_series(0, 4) i",
    "update m set v = v + 1 where d = 3 and at > now() - interval '6 hours'",
    "update m set v = v + 1 where d = 4 and at between now() - interval '9 days' and"
    " now() - interval '9 days' + interval '10 minutes'",
)
ROWS = "select md5(string_agg(m::text, '|' order by at, d)) from m"


@pytest.fixture
def move(
    community_source: Endpoint, community_target: Endpoint, tmp_path: Path
) -> Iterator[CommandLine]:
    """A filled source and an empty target."""
    name = f"move_{tmp_path.name[-12:].lower().replace('-', '_')}"
    source = create_database(community_source, name, timescaledb=True)
    target = create_database(community_target, name, timescaledb=True)
    _run(
        source, f"alter database {name} set timescaledb.enable_compressed_direct_batch_delete = off"
    )
    _run(source, *SETUP)
    command_line = CommandLine(tmp_path / "work", source, target)
    try:
        yield command_line
    finally:
        command_line.leave()


def _run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint, statement_timeout=0, lock_timeout=60) as connection:
        connection.execute("set search_path = public")
        for statement in statements:
            connection.execute(statement.encode())


def _write(source: Endpoint, stop: threading.Event) -> None:
    with connect(source, lock_timeout=60) as connection:
        connection.execute("set search_path = public")
        while not stop.wait(0.02):
            for statement in WRITES:
                connection.execute(statement.encode())


def _fingerprint(endpoint: Endpoint) -> str:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        return str(connection.execute(ROWS).fetchall()[0][0])


def _uri_environment(move: CommandLine) -> dict[str, str | None]:
    return {
        "PGCOPYDB_SOURCE_PGURI": move.source.uri(),
        "PGCOPYDB_TARGET_PGURI": move.target.uri(),
    }


def _is_copying(move: CommandLine) -> bool:
    state = read_copy(move.directory.pgcopydb, {("public", "first")})
    return state is not None and any(table.state == "copying" for table in state.tables)


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("kill", [False, True], ids=["", "killed"])
def test_chunks_that_change_under_the_copy(move: CommandLine, what: str, kill: bool) -> None:
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(move.source, stop))
    writer.start()
    more = _uri_environment(move)
    try:
        move("migrate", "--yes", "--detach", "--table-jobs", "1", more=more)
        move.wait_for(lambda _: _is_copying(move))
        _run(move.source, MEANWHILE[what])
        if kill:
            move.kill_supervisor()
            move("resume", "--detach", more=more)
        move.wait_for(lambda state: state.phase is Phase.REPLICATE, 200)
    finally:
        stop.set()
        writer.join()
    move.wait_for(is_ready, 120)
    assert "successfully completed" in move("cutover", "--confirm", move.database, more=more)
    assert _fingerprint(move.source) == _fingerprint(move.target)


def test_compressed_hypertable_copied_anew(move: CommandLine) -> None:
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(move.source, stop))
    more = _uri_environment(move)
    move("migrate", "--yes", "--detach", more=more)
    move.wait_for(lambda state: state.phase is Phase.REPLICATE, 200)
    writer.start()
    try:
        move("resync", "m", more=more)
        _run(move.source, MEANWHILE["compress"])
        move("resync", "m", more=more)
    finally:
        stop.set()
        writer.join()
    reader = Reader(move.directory)
    reader.poll()
    assert sum(isinstance(one.event, TablesSynchronised) for one in reader.records) == 2
    move.wait_for(is_ready, 120)
    assert "successfully completed" in move("cutover", "--confirm", move.database, more=more)
    assert _fingerprint(move.source) == _fingerprint(move.target)
    assert one(move.target, "select count(*) > 5 from public.daily")
