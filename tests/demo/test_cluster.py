"""Throw-away clusters start, answer, and are gone afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lmtui.database import connect
from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError

# Starts a cluster, says where it is, and then dies without any chance to tidy up.
_KILLED_STARTER = """
import os, signal, sys
from pathlib import Path
from lmtui.demo.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print((cluster.data / "postmaster.pid").read_text().split()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_version_that_is_not_installed_is_said() -> None:
    with pytest.raises(LmtuiError) as raised:
        binaries(7)
    assert "PostgreSQL 7 is not installed here" in str(raised.value)
    assert "make demo" in raised.value.hint


@pytest.mark.postgres
def test_it_starts_restarts_and_is_gone(source_server: Endpoint, tmp_path: Path) -> None:
    with Cluster(tmp_path / "own", superuser="chief", settings={"work_mem": "5MB"}) as cluster:
        endpoint = cluster.endpoint("postgres")
        for _ in range(2):
            with connect(endpoint) as connection:
                row = connection.execute(
                    "select current_user::text, current_setting('work_mem'),"
                    " current_setting('wal_level'), current_setting('server_encoding'),"
                    " inet_server_addr()::text"
                ).fetchone()
            assert row == ("chief", "5MB", "logical", "UTF8", "127.0.0.1/32")
            cluster.restart()
    assert not cluster.directory.exists()
    with pytest.raises(ConnectionFailedError):
        connect(endpoint)


@pytest.mark.postgres
def test_it_asks_for_the_password(source_server: Endpoint) -> None:
    wrong = Endpoint("source", {**source_server.parameters, "password": "guessed"})
    with pytest.raises(ConnectionFailedError) as raised:
        connect(wrong)
    assert "password authentication failed" in raised.value.detail


@pytest.mark.postgres
def test_its_plugins_may_be_used(source_server: Endpoint) -> None:
    with connect(source_server) as connection:
        for plugin in ("test_decoding", "wal2json", "pgoutput"):
            connection.execute(
                "select pg_create_logical_replication_slot(%s, %s, temporary => true)",
                (f"try_{plugin}", plugin),
            )


@pytest.mark.postgres
def test_two_clusters_are_not_the_same(source_server: Endpoint, target_server: Endpoint) -> None:
    identifiers = set()
    for server in (source_server, target_server):
        with connect(server) as connection:
            row = connection.execute("select system_identifier from pg_control_system()").fetchone()
            identifiers.add(row)
    assert len(identifiers) == 2


@pytest.mark.postgres
def test_it_goes_with_its_starter(source_server: Endpoint, tmp_path: Path) -> None:
    directory = tmp_path / "orphan"
    # The keeper inherits this pipe too, so that its end is the keeper's end.
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_STARTER, str(directory)],
        stdout=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    assert done.returncode == -9
    server = int(done.stdout.split()[0])
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


@pytest.mark.postgres
def test_a_server_that_cannot_start_says_why(source_server: Endpoint, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "bad", settings={"shared_preload_libraries": "no_such_library"})
    with pytest.raises(LmtuiError) as raised:
        cluster.start()
    assert "no_such_library" in raised.value.detail
    assert not cluster.directory.exists()


@pytest.mark.postgres
def test_databases_are_empty_and_their_slots_go(
    fresh_databases: tuple[Endpoint, Endpoint],
) -> None:
    for endpoint in fresh_databases:
        with connect(endpoint) as connection:
            row = connection.execute(
                "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
            ).fetchone()
            assert row == (0,)
            connection.execute(
                "select pg_create_logical_replication_slot(%s, 'test_decoding')",
                (f"left_{endpoint.database}",),
            )


@pytest.mark.postgres
def test_timescaledb_is_there_where_asked_for(
    timescale_databases: tuple[Endpoint, Endpoint],
) -> None:
    for endpoint in timescale_databases:
        with connect(endpoint) as connection:
            row = connection.execute(
                "select count(*) from pg_extension where extname = 'timescaledb'"
            ).fetchone()
            assert row == (1,)
