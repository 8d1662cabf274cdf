from contextlib import closing

import psycopg
import pytest
from preflight import checked, elsewhere, execute, severities, statements

from lmtui.checks.probe import probe_replication
from lmtui.database import connect
from lmtui.endpoint import Endpoint

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


def test_a_role_without_the_replication_right(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create role \"Plain Role\" login password 'plain-secret'")
    try:
        plain = elsewhere(source, user="Plain Role", password="plain-secret")  # noqa: S106
        findings = checked(plain, target)
        finding = findings["source.replication_right"]
        assert finding.severity == "blocker"
        assert "source.plugin" not in findings
        execute(source, statements(finding.remedy)[0])
        findings = checked(plain, target)
        assert findings["source.replication_right"].severity == "ok"
        assert findings["source.plugin"].severity == "ok"
    finally:
        execute(source, 'drop role "Plain Role"')


def test_a_database_that_is_not_utf8(source_server: Endpoint, fresh_databases: Pair) -> None:
    _, target = fresh_databases
    execute(
        source_server,
        "create database latin encoding 'LATIN1' locale 'C' template template0",
    )
    try:
        latin = elsewhere(source_server, dbname="latin")
        assert severities(checked(latin, target), "blocker") == {"source.encoding"}
        findings = checked(source_server, elsewhere(latin, side="target"))
        assert findings["target.encoding"].severity == "blocker"
        assert findings["source.encoding"].severity == "ok"
    finally:
        execute(source_server, "drop database latin with (force)")


def test_a_slot_of_an_earlier_migration(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "select pg_create_logical_replication_slot('lmtui_old', 'test_decoding')")
    finding = checked(source, target, only="source.leftovers")["source.leftovers"]
    assert finding.severity == "warning"
    assert "lmtui_old" in finding.detail
    execute(source, *statements(finding.remedy))
    assert checked(source, target, only="source.leftovers")["source.leftovers"].severity == "ok"


def test_what_is_not_replicated_is_a_warning(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(
        source,
        'create unlogged table "Cache [1]" (id int primary key)',
        "select lo_create(0)",
        "create foreign data wrapper nowhere",
        "create server far foreign data wrapper nowhere",
        "create foreign table away (id int) server far",
    )
    findings = checked(source, target)
    assert severities(findings, "warning") == {
        "source.unlogged",
        "source.large_objects",
        "source.foreign_tables",
    }
    assert not severities(findings, "blocker", "failed")
    execute(source, *statements(findings["source.unlogged"].remedy))
    assert checked(source, target, only="source.unlogged")["source.unlogged"].severity == "ok"


def test_a_slot_that_would_wait_says_for_whom(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.checks.probe.PATIENCE_SECONDS", 0.8)
    source, target = fresh_databases
    with closing(psycopg.connect(source.conninfo(application="till 7"))) as writer:
        writer.execute("create table made (id int)")
        findings = checked(source, target)
        pid = writer.info.backend_pid
    finding = findings["source.slot_creation"]
    assert finding.severity == "warning"
    assert f"process {pid} (role postgres" in finding.detail
    assert "till 7" in finding.detail
    assert statements(finding.remedy) == [f"SELECT pg_terminate_backend({pid});"]
    # A plugin that waits was not refused.
    assert not severities(findings, "blocker", "failed")


def test_a_long_write_transaction_is_named_without_its_statement(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.checks.probe.PATIENCE_SECONDS", 0.8)
    monkeypatch.setattr("lmtui.checks.activity.LONG_SECONDS", 0)
    source, target = fresh_databases
    with closing(psycopg.connect(source.conninfo(application="till 7"))) as writer:
        writer.execute("create table secret_name (id int)")
        finding = checked(source, target, only="source.open_transactions")[
            "source.open_transactions"
        ]
    assert finding.severity == "warning"
    assert "till 7" in finding.detail
    assert "secret_name" not in finding.detail


def test_an_unknown_library_is_refused_and_not_a_wait(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    with closing(connect(source, read_only=True)) as session:
        replication = probe_replication(
            source, session, session.info.server_version, ("no_such_plugin", "test_decoding")
        )
    refused, works = replication.plugins
    assert (refused.verdict, works.verdict) == ("refused", "works")
    assert "no_such_plugin" in refused.words


class TestReplicaIdentity:
    """identity.missing: which tables, how grave, and a remedy that works as it stands."""

    def test_a_table_only_inserted_into_is_a_warning(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(source, 'create table "Log [a b]" (line text)')
        execute(source, "insert into \"Log [a b]\" values ('x')")
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert finding.severity == "warning"
        assert 'public."Log [a b]"' in finding.detail
        execute(source, *statements(finding.remedy))
        assert checked(source, target, only="identity.missing")["identity.missing"].severity == "ok"

    def test_a_table_that_is_updated_is_a_blocker(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(
            source,
            "create table log (line text)",
            "insert into log values ('x'), ('y')",
            "update log set line = 'z'",
            "select pg_stat_force_next_flush()",
        )
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert finding.severity == "blocker"
        assert "2 updates and deletes" in finding.detail
        assert statements(finding.remedy) == ["ALTER TABLE public.log REPLICA IDENTITY FULL;"]

    @pytest.mark.parametrize(
        ("definition", "fix"),
        [
            ("(id int not null unique)", "USING INDEX t_id_key"),
            ("(id int unique)", "FULL"),
        ],
    )
    def test_the_remedy_takes_a_key_where_there_is_one(
        self, fresh_databases: Pair, definition: str, fix: str
    ) -> None:
        source, target = fresh_databases
        execute(source, f"create table t {definition}")
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert statements(finding.remedy) == [f"ALTER TABLE public.t REPLICA IDENTITY {fix};"]
        execute(source, *statements(finding.remedy))
        assert checked(source, target, only="identity.missing")["identity.missing"].severity == "ok"

    def test_an_identity_that_was_taken_away(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(
            source, "create table t (id int primary key)", "alter table t replica identity nothing"
        )
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert statements(finding.remedy) == ["ALTER TABLE public.t REPLICA IDENTITY DEFAULT;"]

    def test_partitions_are_named_not_their_parent(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(
            source,
            "create table p (id int) partition by range (id)",
            "create table p1 partition of p for values from (0) to (10)",
        )
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert statements(finding.remedy) == ["ALTER TABLE public.p1 REPLICA IDENTITY FULL;"]

    def test_a_hypertable_is_named_not_its_chunks(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(
            source,
            "create extension timescaledb",
            "create schema parts",
            "create table metric (at timestamptz not null, value int)",
            "select create_hypertable('metric', 'at', associated_schema_name => 'parts')",
            "insert into metric values (now(), 1), (now() - interval '30 days', 2)",
            "update metric set value = 3",
            "select pg_stat_force_next_flush()",
        )
        finding = checked(source, target, only="identity.missing")["identity.missing"]
        assert finding.severity == "blocker"
        assert "2 updates and deletes" in finding.detail
        assert statements(finding.remedy) == ["ALTER TABLE public.metric REPLICA IDENTITY FULL;"]
        execute(source, *statements(finding.remedy))
        assert checked(source, target, only="identity.missing")["identity.missing"].severity == "ok"
