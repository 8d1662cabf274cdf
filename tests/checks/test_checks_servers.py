"""Servers that are set up wrongly, each in one way or several."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from preflight import checked, elsewhere, execute, severities, statements

from lmtui.checks import choose_plugin
from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, LmtuiError
from lmtui.plan import Plan

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """wal_level, slots, senders, retention, connections, preload: all as they must not be."""
    settings = {
        "wal_level": "replica",
        "max_replication_slots": "1",
        "max_wal_senders": "1",
        "max_slot_wal_keep_size": "64MB",
        "max_connections": "7",
        "shared_preload_libraries": "",
    }
    with Cluster(tmp_path_factory.mktemp("poor") / "cluster", settings=settings) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Allows pgoutput only, where the server knows of that; two-phase commit is on."""
    settings = {"max_prepared_transactions": "2"}
    directory = tmp_path_factory.mktemp("strict")
    with Cluster(directory / "cluster", settings=settings) as cluster:
        yield cluster


def _set(endpoint: Endpoint, *settings: str) -> None:
    """Run these, then wait until new sessions have what was reloaded."""
    before = execute(endpoint, "select pg_conf_load_time()")
    execute(endpoint, *settings, "select pg_reload_conf()")
    while execute(endpoint, "select pg_conf_load_time()") == before:
        pass


def test_a_source_without_logical_wal(poor: Cluster, target_server: Endpoint) -> None:
    source = poor.endpoint("postgres")
    findings = checked(source, target_server)
    assert severities(findings, "blocker") == {"source.wal_level", "source.senders"}
    assert findings["source.plugin"].severity == "failed"
    assert "wal2json: 55000: " in findings["source.plugin"].detail
    assert findings["source.slots"].severity == "ok"
    with pytest.raises(BlockedError, match="could not be tried"):
        choose_plugin(findings.values())
    assert {"source.slot_retention", "source.connections"} <= severities(findings, "warning")
    assert "64MB" in findings["source.slot_retention"].detail


def test_a_source_whose_wal_level_awaits_a_restart(poor: Cluster, target_server: Endpoint) -> None:
    source = poor.endpoint("postgres")
    _set(source, "alter system set wal_level = 'logical'")
    try:
        finding = checked(source, target_server, only="source.wal_level")["source.wal_level"]
        assert finding.severity == "blocker"
        assert finding.remedy.startswith("Restart")
    finally:
        _set(source, "alter system reset wal_level")


def test_a_source_with_no_slot_free(poor: Cluster, target_server: Endpoint) -> None:
    source = poor.endpoint("postgres")
    execute(source, "select pg_create_physical_replication_slot('standby')")
    try:
        finding = checked(source, target_server, only="source.slots")["source.slots"]
        assert finding.severity == "blocker"
        assert "max_replication_slots is 1, and 1 are in use" in finding.detail
    finally:
        execute(source, "select pg_drop_replication_slot('standby')")


def test_a_target_with_too_few_connections_and_no_timescaledb(
    poor: Cluster, source_server: Endpoint
) -> None:
    execute(source_server, "create database with_timescaledb")
    source = elsewhere(source_server, dbname="with_timescaledb")
    try:
        execute(source, "create extension timescaledb")
        target = poor.endpoint("postgres", "target")
        findings = checked(source, target)
        assert severities(findings, "blocker") == {"target.timescaledb_preload"}
        assert severities(findings, "warning") == {"target.connections"}
        plan = Plan(skip_extensions=("timescaledb",), table_jobs=1, index_jobs=0)
        findings = checked(source, target, plan=plan)
        assert not severities(findings, "blocker", "failed", "warning")
    finally:
        execute(source_server, "drop database with_timescaledb with (force)")


def test_a_standby_is_neither_source_nor_target(
    poor: Cluster, source_server: Endpoint, target_server: Endpoint
) -> None:
    standby = poor.endpoint("postgres")
    (poor.data / "standby.signal").touch()
    poor.restart()
    try:
        findings = checked(standby, target_server)
        assert findings["source.primary"].severity == "blocker"
        assert "source.plugin" not in findings
        findings = checked(source_server, elsewhere(standby, side="target"))
        assert findings["target.primary"].severity == "blocker"
    finally:
        execute(standby, "select pg_promote()")


def test_both_plugins_refused_and_the_remedy_works(
    strict: Cluster, target_server: Endpoint
) -> None:
    source = strict.endpoint("postgres")
    try:
        _set(source, "alter system set output_plugin_libraries = 'pgoutput'")
    except psycopg.errors.UndefinedObject:
        pytest.skip("this PostgreSQL has no list of allowed output plugins")
    findings = checked(source, target_server)
    finding = findings["source.plugin"]
    assert severities(findings, "blocker", "failed") == {"source.plugin"}
    for plugin in ("wal2json", "test_decoding"):
        assert f'library "{plugin}" may not be used as an output plugin' in finding.detail
        assert findings[f"source.plugin.{plugin}"].severity == "info"
    with pytest.raises(BlockedError, match="refuses both output plugins"):
        choose_plugin(findings.values())
    _set(source, *statements(finding.remedy))
    assert choose_plugin(checked(source, target_server).values()) == "test_decoding"


def test_one_plugin_refused(strict: Cluster, target_server: Endpoint) -> None:
    source = strict.endpoint("postgres")
    try:
        _set(source, "alter system set output_plugin_libraries = 'pgoutput','test_decoding'")
    except psycopg.errors.UndefinedObject:
        pytest.skip("this PostgreSQL has no list of allowed output plugins")
    try:
        findings = checked(source, target_server)
        assert not severities(findings, "blocker", "failed")
        assert choose_plugin(findings.values()) == "test_decoding"
        findings = checked(source, target_server, plugin="wal2json")
        assert severities(findings, "blocker") == {"source.plugin"}
        assert "wal2json" in findings["source.plugin"].title
    finally:
        _set(source, "alter system reset output_plugin_libraries")


def test_prepared_transactions_are_named(
    strict: Cluster, target_server: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.checks.probe.PATIENCE_SECONDS", 0.8)
    source = strict.endpoint("postgres")
    with closing(psycopg.connect(source.conninfo())) as session:
        session.execute("create table made (id int primary key)")
        session.execute("prepare transaction 'till ''7'''")
    findings = checked(source, target_server)
    assert findings["source.prepared_transactions"].severity == "warning"
    assert findings["source.slot_creation"].severity == "blocker"
    assert "a prepared transaction" in findings["source.slot_creation"].detail
    execute(source, *statements(findings["source.prepared_transactions"].remedy))
    findings = checked(source, target_server)
    assert findings["source.prepared_transactions"].severity == "ok"
    assert findings["source.slot_creation"].severity == "ok"
    execute(source, "drop table made")


def test_another_timescaledb_on_a_newer_target(
    tmp_path_factory: pytest.TempPathFactory, source_server: Endpoint
) -> None:
    try:
        binaries(18)
    except LmtuiError as error:
        pytest.skip(error.title)
    execute(source_server, "create database with_timescaledb")
    source = elsewhere(source_server, dbname="with_timescaledb")
    try:
        execute(source, "create extension timescaledb")
        with Cluster(tmp_path_factory.mktemp("newer") / "cluster", version=18) as newer:
            target = newer.endpoint("postgres", "target")
            findings = checked(source, target)
            assert severities(findings, "blocker") == {"extensions.timescaledb_version"}
            finding = findings["extensions.timescaledb_version"]
            [(wanted,)] = execute(source, "select extversion from pg_extension where oid > 16383")
            assert wanted in finding.detail
            assert wanted in finding.remedy
            findings = checked(elsewhere(target, side="source"), source_server)
            assert findings["target.version"].severity == "warning"
            assert findings["tools.pg_dump"].severity == "blocker"
    finally:
        execute(source_server, "drop database with_timescaledb with (force)")
