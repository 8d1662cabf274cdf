"""Bad input: one clear sentence, the right exit code, and nothing touched on either side."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command_line import CommandLine, execute, one, soon, uri
from conftest import Servers
from traces import traces

from lmtui.demo.cluster import Cluster
from lmtui.endpoint import Endpoint

pytestmark = pytest.mark.postgres

SOURCE, TARGET = "PGCOPYDB_SOURCE_PGURI", "PGCOPYDB_TARGET_PGURI"


@pytest.fixture
def untouched(shop: CommandLine) -> Iterator[CommandLine]:
    """A migration that is refused: both sides and the directory stay as they are."""
    endpoints = (shop.source, shop.target)
    before = [traces(endpoint) for endpoint in endpoints]
    yield shop
    assert [traces(endpoint) for endpoint in endpoints] == before
    assert not shop.directory.root.exists()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_connection_strings(untouched: CommandLine) -> None:
    def refused(code: int, more: dict[str, str | None]) -> str:
        return untouched.refused("migrate", "--yes", code=code, more=more)

    assert "The source has no connection string" in refused(2, {SOURCE: None})
    assert untouched.said[-1] == untouched.refused("check", code=2, more={SOURCE: None})
    assert "The target has no connection string" in refused(2, {TARGET: " "})
    assert "cannot be read" in refused(2, {SOURCE: "postgres://user:some-secret@[half/shop"})
    assert "some-secret" not in untouched.said[-1]
    assert "cannot be read" in refused(2, {TARGET: "host=here port"})
    assert "names no database" in refused(2, {SOURCE: "postgres://operator@127.0.0.1"})
    source, target = untouched.source, untouched.target
    words = refused(3, {SOURCE: uri(source, password="wrong")})  # noqa: S106
    assert "password authentication failed" in words
    assert f"The source {source.label} cannot be reached" in words
    words = refused(3, {TARGET: uri(target, port=_free_port())})
    assert "The target operator@" in words
    assert "refused" in words
    words = refused(3, {TARGET: uri(target, dbname="nothing_here")})
    assert 'database "nothing_here" does not exist' in words


def test_the_same_database_twice(untouched: CommandLine) -> None:
    more = {TARGET: uri(untouched.source, host="localhost")}
    words = untouched.refused("migrate", "--yes", code=3, more=more)
    assert "Source and target are the same database" in words
    assert "nothing was touched" in words


def test_a_target_that_is_not_empty(untouched: CommandLine) -> None:
    execute(untouched.target, "create table public.mine (id int)")
    words = untouched.refused("migrate", "--yes", code=3)
    assert "The target is not empty" in words
    assert "public.mine" in words
    execute(untouched.target, "drop table public.mine")


def test_a_role_that_may_not_replicate(untouched: CommandLine, servers: Servers) -> None:
    execute(
        servers.source.endpoint("postgres"),
        "create role reader login password 'reader' in role pg_read_all_data",
    )
    more = {SOURCE: uri(untouched.source, user="reader", password="reader")}  # noqa: S106
    words = untouched.refused("migrate", "--yes", code=3, more=more)
    execute(servers.source.endpoint("postgres"), "drop role reader")
    assert "replication" in words.lower()
    assert 'ALTER ROLE "reader" REPLICATION' in words


def test_pgcopydb_is_missing_or_too_old(untouched: CommandLine, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("lmtui", "pg_dump", "pg_restore", "psql"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    more = {"PATH": str(programs)}
    words = untouched.refused("migrate", "--yes", code=3, more=more)
    assert "pgcopydb is not installed here" in words
    old = programs / "pgcopydb"
    old.write_text("#!/bin/sh\necho 'pgcopydb version 0.17'\n")
    old.chmod(0o755)
    words = untouched.refused("migrate", "--yes", code=3, more=more)
    assert "pgcopydb is older than 0.18" in words


def test_calls_that_are_incomplete(untouched: CommandLine) -> None:
    assert "needs --yes" in untouched.refused("migrate", code=2)
    for command in ("status", "report", "stop", "resume", "clean"):
        assert "There is no migration in" in untouched.refused(command, code=4)
    for arguments in (("cutover", "--confirm", "shop"), ("abort", "--confirm", "shop")):
        assert "There is no migration in" in untouched.refused(*arguments, code=4)
    untouched("migrate", "--fence", "barbed", code=2)
    assert "barbed" in untouched.said[-1]
    untouched("emigrate", code=2)


def test_directories_of_no_use(shop: CommandLine, tmp_path: Path) -> None:
    root = shop.directory.root
    root.write_text("not a directory")
    assert "not a directory" in shop.refused("migrate", "--yes", code=2)
    assert "not a directory" in shop.refused("status", code=2)
    root.unlink()
    before = traces(shop.source)
    tmp_path.chmod(0o500)
    try:
        assert "cannot be written" in shop.refused("migrate", "--yes", code=2)
        tmp_path.chmod(0o700)
        root.mkdir(mode=0o000)
        assert "cannot be used" in shop.refused("migrate", "--yes", code=2)
        assert "cannot be used" in shop.refused("status", code=2)
        root.chmod(0o500)
        assert "cannot be written" in shop.refused("migrate", "--yes", code=2)
        assert not list(root.iterdir())
    finally:
        tmp_path.chmod(0o700)
        root.chmod(0o700)
    assert traces(shop.source) == before


@pytest.fixture(scope="module")
def poor(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A source that has room for one slot only."""
    directory = tmp_path_factory.mktemp("poor") / "cluster"
    with Cluster(directory, settings={"max_replication_slots": "1"}) as cluster:
        execute(
            cluster.endpoint("postgres"),
            "create database shop",
        )
        execute(cluster.endpoint("shop"), "create table public.one (id int primary key)")
        yield cluster


@pytest.fixture
def from_poor(shop: CommandLine, poor: Cluster) -> Iterator[CommandLine]:
    """A migration from there, which leaves nothing."""
    command_line = CommandLine(shop.directory.root, poor.endpoint("shop"), shop.target)
    before = traces(shop.target)
    yield command_line
    assert not shop.directory.root.exists()
    assert traces(shop.target) == before
    slots = "select count(*) from pg_replication_slots where slot_name <> 'standby'"
    assert one(command_line.source, slots) == 0


def test_no_slot_is_free(from_poor: CommandLine) -> None:
    execute(from_poor.source, "select pg_create_physical_replication_slot('standby')")
    words = from_poor.refused("migrate", "--yes", code=3)
    execute(from_poor.source, "select pg_drop_replication_slot('standby')")
    assert "No replication slot is free on the source" in words


def test_both_plugins_are_refused(from_poor: CommandLine) -> None:
    try:
        _reload(from_poor.source, "alter system set output_plugin_libraries = 'pgoutput'")
    except psycopg.errors.UndefinedObject:
        pytest.skip("this PostgreSQL has no list of allowed output plugins")
    words = from_poor.refused("migrate", "--yes", code=3)
    assert "The source refuses both output plugins" in words
    assert "ALTER SYSTEM SET output_plugin_libraries" in words
    _reload(from_poor.source, "alter system reset output_plugin_libraries")


def test_wal_level_is_not_logical(from_poor: CommandLine, poor: Cluster) -> None:
    execute(from_poor.source, "alter system set wal_level = 'replica'")
    poor.restart()
    words = from_poor.refused("migrate", "--yes", code=3)
    assert "The source's wal_level is not logical" in words
    assert "ALTER SYSTEM SET wal_level = 'logical'" in words


def _reload(endpoint: Endpoint, statement: str) -> None:
    before = one(endpoint, "select pg_conf_load_time()")
    execute(endpoint, statement, "select pg_reload_conf()")
    soon(lambda: one(endpoint, "select pg_conf_load_time()") != before)
