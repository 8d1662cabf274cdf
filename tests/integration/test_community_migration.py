"""A whole migration between two servers with TimescaleDB's community edition, under load."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command_line import CommandLine, execute, is_ready, one

from lmtui.database import connect
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.validation.aggregate_rows import TOLERANCES

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

SETUP = (
    "set search_path = public",
    "create table m (at timestamptz not null, d int not null, v float8, primary key (at, d))",
    "select create_hypertable('m', 'at', chunk_time_interval => interval '1 day')",
    "insert into m select now() - interval '12 days' + i * interval '4 minutes', i % 5, i / 7.0"
    " from generate_series(0, 4300) i",
    "alter table m set (timescaledb.compress, timescaledb.compress_segmentby = 'd')",
    "select compress_chunk(c) from show_chunks('m', older_than => interval '6 days') c",
    "create table e (t int not null, k int, n int)",
    "select create_hypertable('e', 't', chunk_time_interval => 1000)",
    "insert into e select i, i % 3, i from generate_series(0, 5000) i",
    "create function latest() returns int language sql stable as 'select max(t) from e'",
    "select set_integer_now_func('e', 'latest')",
    "create materialized view hourly with (timescaledb.continuous,"
    " timescaledb.materialized_only = false) as"
    " select time_bucket('1 hour', at) b, d, sum(v) s, count(*) n from m group by 1, 2"
    " with no data",
    "create materialized view daily with (timescaledb.continuous) as"
    " select time_bucket('1 day', b) b, sum(s) s, sum(n) n from hourly group by 1 with no data",
    "create materialized view zone with (timescaledb.continuous,"
    " timescaledb.materialized_only = true) as"
    " select time_bucket('1 day', at, 'Europe/Berlin') b, count(*) n from m group by 1"
    " with no data",
    "create materialized view parts with (timescaledb.continuous) as"
    " select time_bucket(100, t) b, k, sum(n) n from e group by 1, 2 with no data",
    "call refresh_continuous_aggregate('hourly', null, now() - interval '1 day')",
    "call refresh_continuous_aggregate('daily', null, now() - interval '2 days')",
    "call refresh_continuous_aggregate('zone', null, now() - interval '3 days')",
    "call refresh_continuous_aggregate('parts', null, 4000)",
    # Retention has been here: what was aggregated stays.
    "select drop_chunks('m', older_than => now() - interval '10 days')",
    "select add_compression_policy('m', interval '6 days')",
    "select add_retention_policy('m', interval '90 days')",
    "select add_continuous_aggregate_policy('hourly', start_offset => interval '5 days',"
    " end_offset => interval '1 hour', schedule_interval => interval '1 hour')",
    "select alter_job(job_id, scheduled => false) from timescaledb_information.jobs"
    " where proc_name = 'policy_refresh_continuous_aggregate'",
)
MEANWHILE = (
    "select compress_chunk(c) from show_chunks('m', older_than => interval '4 days',"
    " newer_than => interval '6 days') c",
    "update m set v = -v where d = 1 and at < now() - interval '7 days'",
    "delete from m where d = 2"
    " and at between now() - interval '5 days' and now() - interval '4 days'",
    "select decompress_chunk(c) from show_chunks('m', older_than => interval '8 days') c",
    "select drop_chunks('m', older_than => now() - interval '9 days')",
    # Late, where retention has been: it must not cost what was aggregated there.
    "insert into m values (now() - interval '11 days', 1, 1), (now() - interval '9.5 days', 1, 1)",
    "select drop_chunks('e', older_than => 1000)",
    "call refresh_continuous_aggregate('hourly', now() - interval '8 days', now())",
    "call refresh_continuous_aggregate('zone', now() - interval '8 days', now())",
    "call refresh_continuous_aggregate('parts', 2000, 6000)",
)
WRITES = (
    "insert into m select now() + i * interval '1 millisecond', i, i from generate_series(0, 4) i",
    "insert into e select (select max(t) from e) + 1, 1, 1",
    "update m set v = v + 1 where d = 3 and at > now() - interval '6 hours'",
)
# How many columns of each are its key.
KEYS = {"hourly": 2, "daily": 1, "zone": 1, "parts": 2}
ROWS = {
    "m": "select at, d, v from m order by 1, 2",
    "e": "select t, k, n from e order by 1, 2, 3",
    "hourly": "select b, d, n, s from hourly order by 1, 2",
    "daily": "select b, n, s from daily order by 1",
    "zone": "select b, n from zone order by 1",
    "parts": "select b, k, n from parts order by 1, 2",
}
JOBS = (
    "select string_agg(concat_ws(' ', job_id, proc_name, scheduled, config), ', ' order by job_id)"
    " from timescaledb_information.jobs where job_id >= 1000"
)
WATERMARKS = (
    "select string_agg(concat_ws(' ', mat_hypertable_id, watermark), ', '"
    " order by mat_hypertable_id) from _timescaledb_catalog.continuous_aggs_watermark"
)


@pytest.fixture
def move(
    community_source: Endpoint, community_target: Endpoint, tmp_path: Path
) -> Iterator[CommandLine]:
    """A filled source and an empty target."""
    name = f"move_{tmp_path.name[-12:].lower().replace('-', '_')}"
    source = create_database(community_source, name, timescaledb=True)
    target = create_database(community_target, name, timescaledb=True)
    off = "set timescaledb.enable_compressed_direct_batch_delete = off"
    execute(source, f"alter database {name} {off}")
    _run(source, *SETUP)
    command_line = CommandLine(tmp_path / "work", source, target)
    try:
        yield command_line
    finally:
        command_line.leave()


def _run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint, statement_timeout=0) as connection:
        connection.execute("set search_path = public")
        for statement in statements:
            connection.execute(statement.encode())


@contextlib.contextmanager
def _writing(source: Endpoint) -> Iterator[None]:
    """Write until the fence, and no more."""
    stop = threading.Event()

    def write() -> None:
        with contextlib.suppress(psycopg.Error), connect(source) as connection:
            connection.execute("set search_path = public")
            while not stop.wait(0.02):
                for statement in WRITES:
                    connection.execute(statement.encode())

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _rows(endpoint: Endpoint, query: str) -> list[Any]:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        return connection.execute(query.encode()).fetchall()


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
def test_community_to_community(move: CommandLine, plugin: str) -> None:
    source, target = move.source, move.target
    jobs = one(source, JOBS)
    before = {name: _rows(source, ROWS[name]) for name in ("hourly", "zone")}
    move("migrate", "--yes", "--detach", "--plugin", plugin)
    with _writing(source):
        move.wait_for(is_ready)
        _run(source, *MEANWHILE)
        move.wait_until_replayed()
        move.wait_for(is_ready)
        move("cutover", "--confirm", move.database)
    status = move.status()
    assert status["proven"] is True
    for name in ("m", "e"):
        assert _rows(target, ROWS[name]) == _rows(source, ROWS[name]), name
    assert one(target, WATERMARKS) == one(source, WATERMARKS)
    # What is stale on the source is refreshed there, where nothing was dropped.
    execute(source, f"alter database {move.database} reset default_transaction_read_only")
    since = "date_trunc('day', now() - interval '9 days')"
    _run(
        source,
        f"call refresh_continuous_aggregate('hourly', {since}, now())",
        f"call refresh_continuous_aggregate('daily', {since}, now())",
        f"call refresh_continuous_aggregate('zone', {since}, now())",
        "call refresh_continuous_aggregate('parts', 2000, 6000)",
    )
    for name in ("hourly", "daily", "zone", "parts"):
        ours = _rows(source, ROWS[name])
        theirs = {row[: KEYS[name]]: row for row in _rows(target, ROWS[name])}
        for row in ours:
            found = theirs.get(row[: KEYS[name]])
            # A refresh just now may have materialized what had not been at the cutover.
            if found is not None:
                nearly = pytest.approx(row[-1], rel=TOLERANCES["double precision"])
                assert (*found[:-1], float(found[-1])) == (*row[:-1], nearly), (name, row)
    # Nothing was lost where retention has been before the snapshot.
    for name, rows in before.items():
        kept = {row[: KEYS[name]] for row in _rows(target, ROWS[name])}
        assert {row[: KEYS[name]] for row in rows[:20]} <= kept, name
    assert one(target, JOBS) == jobs
    report = json.loads(move("report", "--format", "json"))
    verdicts = {one["name"]: one for one in report["proof"]["compared"]}
    assert {verdicts[name]["kind"] for name in ("hourly", "daily", "zone", "parts")} == {
        "continuous aggregate"
    }
    steps = {step["name"]: step["detail"] for step in report["steps"]}
    assert "left as copied, since what they read is dropped" in steps["continuous aggregates"]
    assert "public.m: " in " ".join(report["touched"])
