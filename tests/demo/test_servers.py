"""The demonstration's servers, its rows, and its writer's count."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from lmtui.database import Connection, connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database, seed
from lmtui.demo.scenario import SCENARIOS, DemoServers, find_scenario
from lmtui.demo.writer import Tally, Writer
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError, UsageError

_SHARE = 0.05
_RATE = 2000.0


@pytest.fixture
def servers(source_server: Endpoint) -> Iterator[DemoServers]:
    """Both servers of the scenario shop, at a small size."""
    with DemoServers(SCENARIOS["shop"], size=_SHARE) as started:
        yield started


def _one(connection: Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _rows(endpoint: Endpoint, tally: Tally) -> dict[str, int]:
    """What is there of every table that the writer counted."""
    counted = {}
    with connect(endpoint, read_only=True) as connection:
        for table in tally.expected:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
            row = connection.execute(query).fetchone()
            counted[table] = row[0] if row else -1
    return counted


def _wait_for(writer: Writer, endpoint: Endpoint, transactions: int) -> None:
    """Wait, in the server, until so many transactions are committed."""
    with connect(endpoint, statement_timeout=60) as connection:
        connection.execute(
            "do $$ begin while (select count(*) from public.writer_ledger) < "
            f"{transactions} loop perform pg_sleep(0.02); end loop; end $$"
        )
    assert writer.running


def _fence(connection: Connection) -> None:
    connection.execute("alter database shop set default_transaction_read_only = on")
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop_app'"
    )


def test_an_unknown_scenario_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as raised:
        find_scenario("nothing")
    assert "shop" in raised.value.hint


@pytest.mark.postgres
def test_rows_scale_with_the_size(source_server: Endpoint, tmp_path: Path) -> None:
    rows = []
    with Cluster(tmp_path / "own") as cluster:
        for size in (0.02, 0.04):
            database = create_database(
                cluster.endpoint("postgres"), f"size_{round(size * 100)}", timescaledb=True
            )
            seed(database, size)
            with connect(database) as connection:
                rows.append(
                    [
                        _one(connection, f"select count(*) from {table}")
                        for table in (
                            "public.orders", "public.customers", "telemetry.readings",
                            'telemetry."Meter events"',
                        )
                    ]
                )  # fmt: skip
                connection.execute("drop owned by shop_app")
            with connect(cluster.endpoint("postgres")) as connection:
                connection.execute("drop role shop_app")
    assert rows == [[600, 100, 2400, 720], [1200, 200, 4800, 1440]]


@pytest.mark.postgres
def test_the_target_is_empty_and_the_writer_owns_nothing(servers: DemoServers) -> None:
    with connect(servers.target) as connection:
        assert _one(connection, "select count(*) from pg_stat_user_tables"
                    " where schemaname !~ '^_timescaledb'") == 0  # fmt: skip
        assert _one(connection, "select count(*) from pg_extension"
                    " where extname = 'timescaledb'") == 1  # fmt: skip
    with connect(servers.application) as connection:
        assert _one(connection, "select current_user::text") == "shop_app"
        assert _one(connection, "select count(*) from pg_class"
                    " where relowner = 'shop_app'::regrole") == 0  # fmt: skip


@pytest.mark.postgres
def test_its_count_is_exact_after_a_fence(servers: DemoServers, tmp_path: Path) -> None:
    with connect(servers.source) as connection:
        chunks = _one(connection, "select count(*) from timescaledb_information.chunks")
        writer = servers.start_writer(tmp_path, rate=_RATE)
        _wait_for(writer, servers.source, 150)
        _fence(connection)
        tally = writer.tally()
        assert tally.ended.startswith("fenced: 25006")
        assert tally.expected == _rows(servers.source, tally)
        assert tally.transactions == tally.expected["public.writer_ledger"] >= 150
        now = _one(connection, "select count(*) from timescaledb_information.chunks")
        assert now > chunks  # type: ignore[operator]
        without_identity = _one(
            connection,
            "select count(*) from timescaledb_information.chunks"
            " join pg_class on oid = format('%I.%I', chunk_schema, chunk_name)::regclass"
            " left join pg_index on indrelid = oid and (indisreplident or indisprimary)"
            " where relreplident not in ('d', 'i') or indexrelid is null",
        )
        assert without_identity == 0


@pytest.mark.postgres
def test_it_goes_on_after_a_restart_and_ends_where_it_may_not_connect(
    source_server: Endpoint, tmp_path: Path
) -> None:
    with Cluster(tmp_path / "own") as cluster:
        shop = create_database(cluster.endpoint("postgres"), "shop", timescaledb=True)
        writer = Writer.start(seed(shop, _SHARE), tmp_path, source=shop, rate=_RATE)
        with pytest.raises(LmtuiError):
            Writer.start(Endpoint("source", {**shop.parameters, "user": "nobody"}),
                         _made(tmp_path / "other"), source=shop)  # fmt: skip
        for transactions in (40, 80, 120):
            _wait_for(writer, shop, transactions)
            cluster.restart()
        with connect(shop) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop_app'"
            )
        _wait_for(writer, shop, 160)
        with connect(shop) as connection:
            connection.execute("revoke connect on database shop from public")
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop_app'"
            )
        tally = writer.tally()
        assert "permission denied for database" in tally.ended
        assert tally.expected == _rows(shop, tally)


@pytest.mark.postgres
@pytest.mark.parametrize("admitted", [True, False])
def test_a_commit_without_an_answer_is_counted_once(
    servers: DemoServers, tmp_path: Path, admitted: bool
) -> None:
    with connect(servers.source, statement_timeout=60) as connection:
        connection.execute("set synchronous_commit = local")
        writer = servers.start_writer(tmp_path, rate=_RATE)
        _wait_for(writer, servers.source, 10)
        # A COMMIT that waits for a standby is done on disk, and gets no answer when terminated.
        connection.execute("alter system set synchronous_standby_names = 'nobody'")
        connection.execute("select pg_reload_conf()")
        connection.execute(
            "do $$ begin while not exists (select from pg_stat_activity where usename = 'shop_app'"
            " and wait_event = 'SyncRep') loop perform pg_sleep(0.02);"
            " perform pg_stat_clear_snapshot(); end loop; end $$"
        )
        if not admitted:
            connection.execute("revoke connect on database shop from public")
        _fence(connection)
        tally = writer.tally()
        account = json.loads((tmp_path / "writer.json").read_text())
        assert (account["doubt"] is None) == admitted
        assert tally.ended.startswith("fenced: ")
        assert tally.expected == _rows(servers.source, tally)
        assert tally.transactions == tally.expected["public.writer_ledger"]


@pytest.mark.postgres
def test_it_writes_until_stopped_where_nothing_fences(servers: DemoServers, tmp_path: Path) -> None:
    writer = servers.start_writer(tmp_path, rate=_RATE)
    _wait_for(writer, servers.source, 20)
    writer.stop()
    tally = writer.tally()
    assert tally.ended == "stopped"
    assert tally.expected == _rows(servers.source, tally)


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory
