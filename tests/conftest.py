"""Servers and databases for tests that need a real PostgreSQL."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError

Pair = tuple[Endpoint, Endpoint]


def _server(side: str, programs: Path | None = None) -> Iterator[Endpoint]:
    # Not below pytest's own directory: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="lmtui-test-") as directory:
        settings = {"max_prepared_transactions": "5"}
        cluster = Cluster(Path(directory) / side, settings=settings, programs=programs)
        try:
            cluster.start()
        except LmtuiError as error:
            if os.environ.get("LMTUI_LAB") == "1":
                raise
            pytest.skip(str(error))
        try:
            yield cluster.endpoint("postgres", side)
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def source_server() -> Iterator[Endpoint]:
    """A server with wal_level=logical: the superuser's way into its database postgres."""
    yield from _server("source")


@pytest.fixture(scope="session")
def target_server() -> Iterator[Endpoint]:
    """Another server of the same kind."""
    yield from _server("target")


@pytest.fixture(scope="session")
def community() -> Path:
    """The programs of a PostgreSQL with TimescaleDB's community edition, which the lab lacks.

    The variable LMTUI_COMMUNITY names their directory.
    """
    named = os.environ.get("LMTUI_COMMUNITY")
    if not named:
        pytest.skip("LMTUI_COMMUNITY names no server with TimescaleDB's community edition")
    return Path(named)


@pytest.fixture(scope="session")
def community_source(community: Path) -> Iterator[Endpoint]:
    """A server with TimescaleDB's community edition."""
    yield from _server("source", community)


@pytest.fixture(scope="session")
def community_target(community: Path) -> Iterator[Endpoint]:
    """Another server of the same kind."""
    yield from _server("target", community)


@pytest.fixture(scope="session")
def community_versions(community_source: Endpoint) -> tuple[str, str]:
    """The older version of TimescaleDB and the newer one, where two are installed there."""
    with connect(community_source) as connection:
        rows = connection.execute(
            "select version from pg_available_extension_versions where name = 'timescaledb'"
            " order by string_to_array(version, '.')::int[]"
        ).fetchall()
    if len(rows) < 2:
        pytest.skip("LMTUI_COMMUNITY has one version of TimescaleDB only")
    return rows[0][0], rows[-1][0]


def _databases(source: Endpoint, target: Endpoint, *, timescaledb: bool) -> Iterator[Pair]:
    name = f"lmtui_{uuid.uuid4().hex[:12]}"
    yield (
        create_database(source, name, timescaledb=timescaledb),
        create_database(target, name, timescaledb=timescaledb),
    )
    for server in (source, target):
        _drop_database(server, name)


def _drop_database(server: Endpoint, name: str) -> None:
    with connect(server, statement_timeout=0, lock_timeout=0) as connection:
        connection.execute(
            "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots"
            " where database = %s and active",
            (name,),
        )
        # A temporary slot goes with its session; any other keeps its database from going.
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
            " where database = %s and not temporary",
            (name,),
        )
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def fresh_databases(source_server: Endpoint, target_server: Endpoint) -> Iterator[Pair]:
    """A new empty database on each server, as (source, target); dropped at the end."""
    yield from _databases(source_server, target_server, timescaledb=False)


@pytest.fixture
def timescale_databases(source_server: Endpoint, target_server: Endpoint) -> Iterator[Pair]:
    """The same, both with the extension timescaledb."""
    yield from _databases(source_server, target_server, timescaledb=True)
