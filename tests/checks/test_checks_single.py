"""What the awkward database cannot have beside everything else: one thing at a time."""

import threading
from contextlib import closing

import psycopg
import pytest
from preflight import elsewhere, execute

from lmtui.checks import run_checks
from lmtui.checks.providers import PROVIDERS, recognised
from lmtui.endpoint import Endpoint
from lmtui.errors import UsageError
from lmtui.events import Finding
from lmtui.plan import Plan

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


@pytest.fixture
def servers(source_server: Endpoint, target_server: Endpoint) -> Pair:
    """Both servers' own databases, for tests that make nothing in them."""
    return source_server, target_server


def _one(pair: Pair, name: str, plan: Plan | None = None) -> Finding:
    [finding] = run_checks(*pair, only=[name], plan=plan)
    return finding


@pytest.mark.parametrize(
    ("name", "constant", "value"),
    [
        ("source.xid_age", "activity.OLD_XIDS", -1),
        ("source.latency", "address.SLOW_SECONDS", {"source": 0.0, "target": 0.0}),
        ("target.latency", "address.SLOW_SECONDS", {"source": 0.0, "target": 0.0}),
        ("tools.disk", "tools.FREE_FLOOR", 1 << 60),
        ("tools.memory", "tools.MEMORY_FLOOR", 1 << 60),
        ("source.stale_slots", "slots.RETAINED_WARNING_BYTES", -1),
    ],
)
def test_what_is_over_its_limit_is_a_warning(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch, name: str, constant: str, value: object
) -> None:
    source, _ = fresh_databases
    execute(source, "select pg_create_logical_replication_slot('unread', 'test_decoding')")
    assert _one(fresh_databases, name).severity in ("ok", "info")
    monkeypatch.setattr(f"lmtui.checks.{constant}", value)
    assert _one(fresh_databases, name).severity == "warning"


def test_a_source_that_writes_fast(fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmtui.checks.wal.COPY_BYTES_PER_SECOND", 1.0)
    monkeypatch.setattr("lmtui.checks.wal.SAMPLE_SECONDS", 0.3)
    source, _ = fresh_databases
    end = threading.Event()

    def write() -> None:
        with closing(psycopg.connect(source.conninfo(), autocommit=True)) as writer:
            while not end.is_set():
                writer.execute("select pg_logical_emit_message(true, 'load', repeat('x', 10000))")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert _one(fresh_databases, "source.wal_rate").severity == "warning"
    finally:
        end.set()
        writer.join()


def test_an_abandoned_slot_can_be_dropped_by_its_name_only(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.checks.slots.RETAINED_WARNING_BYTES", -1)
    execute(
        fresh_databases[0], "select pg_create_logical_replication_slot('unread', 'test_decoding')"
    )
    [fix] = _one(fresh_databases, "source.stale_slots").fixes
    assert (fix.kind, fix.undo) == ("named", ())


@pytest.mark.parametrize(
    ("host", "provider", "address"),
    [
        ("ep-cool-123-pooler.eu.aws.neon.tech", "neon", "warning"),
        ("shop.abc.eu-west-1.rds.amazonaws.com", "rds", "ok"),
        ("x.y.tsdb.cloud.timescale.com", "tiger", "ok"),
        ("db.example.com", "self-hosted", "ok"),
    ],
)
def test_a_host_s_name_says_whose_it_is(
    servers: Pair, host: str, provider: str, address: str
) -> None:
    source, target = servers
    named = elsewhere(source, host=host, hostaddr="127.0.0.1")
    found = {
        f.id: f
        for f in run_checks(named, target, only=["source.provider", "source.address", "source.tls"])
    }
    assert PROVIDERS[provider].label in (
        found["source.provider"].title + found["source.provider"].detail
    )
    assert found["source.address"].severity == address
    assert found["source.provider"].severity == ("warning" if provider == "tiger" else "ok")
    assert recognised("self-hosted", host) == provider


@pytest.mark.parametrize(
    ("role", "provider"),
    [
        ("rdsadmin", "rds"),
        ("alloydbsuperuser", "alloydb"),
        ("cloudsqlsuperuser", "cloudsql"),
        ("azure_pg_admin", "azure"),
        ("neon_superuser", "neon"),
        ("supabase_admin", "supabase"),
        ("_aiven", "aiven"),
        ("tsdbadmin", "tiger"),
        ("doadmin", "digitalocean"),
        ("crunchy_superuser", "crunchy"),
    ],
)
def test_a_service_is_known_by_its_roles(servers: Pair, role: str, provider: str) -> None:
    source, _ = servers
    execute(source, f'create role "{role}"')
    try:
        finding = _one(servers, "source.provider")
        assert PROVIDERS[provider].label in finding.title
    finally:
        execute(source, f'drop role "{role}"')


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("rds", "wal_sender_timeout = 60000 (milliseconds) in the DB parameter group"),
        ("mst", "wal_sender_timeout = 60000 (milliseconds) under Advanced configuration"),
        ("azure", "under Server parameters"),
        ("cloudsql", "as a database flag"),
        ("self-hosted", "ALTER SYSTEM SET wal_sender_timeout = '60s';"),
    ],
)
def test_remedies_are_worded_for_the_provider_that_is_said(
    servers: Pair, provider: str, words: str
) -> None:
    source, target = servers
    execute(source, "alter system set wal_sender_timeout = '10s'", "select pg_reload_conf()")
    try:
        [finding] = run_checks(
            source,
            target,
            only=["source.wal_sender_timeout"],
            plan=Plan(source_provider=provider),
        )
        assert words in finding.remedy
        assert bool(finding.fixes) == (provider == "self-hosted")
    finally:
        execute(source, "alter system reset wal_sender_timeout", "select pg_reload_conf()")


def test_every_provider_has_words_for_a_restart() -> None:
    for provider in PROVIDERS.values():
        if provider.managed:
            words = provider.change({"max_wal_senders": "4"}, restart=True)
            assert provider.label in words
            assert provider.restart in words
            level = provider.change({"wal_level": "'logical'"}, restart=True)
            assert ("ask its support" in level) == (provider.restart not in level)
            # A form takes a number in the setting's own unit.
            size = provider.change({"logical_decoding_work_mem": "'64MB'"}, restart=False)
            assert "65536 (kB)" in size or "ask its support" in size
        assert provider.grant_replication("x").endswith(
            'TO "x";' if provider.name in ("rds", "aurora") else 'ROLE "x" REPLICATION;'
        )


def test_unknown_names_are_refused(servers: Pair) -> None:
    with pytest.raises(UsageError, match="no check nonsense"):
        run_checks(*servers, only=["nonsense"])
    with pytest.raises(UsageError, match="no provider nowhere"):
        run_checks(*servers, plan=Plan(source_provider="nowhere"))


def test_a_topic_names_its_checks(servers: Pair) -> None:
    found = run_checks(*servers, only=["identity", "source.version"])
    assert {f.topic for f in found} == {"identity", "versions"}


def test_a_change_of_the_schema_that_runs(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    with closing(psycopg.connect(source.conninfo())) as session:
        session.execute("create table half_made (id int)")
        finding = _one(fresh_databases, "source.ddl")
        pid = session.info.backend_pid
    assert finding.severity == "warning"
    assert f"CREATE TABLE by postgres in process {pid}" in finding.detail
    assert "half_made" not in finding.detail


def test_a_standby_that_follows(servers: Pair) -> None:
    source, _ = servers
    with closing(psycopg.connect(source.conninfo(replication="true"), autocommit=True)) as standby:
        [(_, _, lsn, _)] = standby.execute("IDENTIFY_SYSTEM").fetchall()
        standby.pgconn.send_query(f"START_REPLICATION PHYSICAL {lsn.decode()}".encode())
        while not execute(source, "select pid from pg_stat_replication where state = 'streaming'"):
            pass
        finding = _one(servers, "source.failover")
    assert finding.severity == "warning"


def test_an_extension_that_is_left_out_but_needed(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(source, "create extension hstore", "create table t (id int primary key, h hstore)")
    plan = Plan(skip_extensions=("hstore",))
    finding = _one(fresh_databases, "extensions.skipped", plan)
    assert finding.severity == "blocker"
    assert "table public.t" in finding.detail
    execute(source, "drop table t")
    assert _one(fresh_databases, "extensions.skipped", plan).severity == "ok"


def test_a_table_that_is_only_inserted_into_by_choice(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(source, "create table log (line text)", "create table other (line text)")
    finding = _one(fresh_databases, "identity.missing", Plan(inserts_only=("public.log",)))
    assert {fix.name.partition(":")[0] for fix in finding.fixes} == {"public.other"}
    plan = Plan(inserts_only=("public.log", "public.other"))
    assert _one(fresh_databases, "identity.missing", plan).severity == "info"


def test_a_database_in_restoring_mode(timescale_databases: Pair) -> None:
    for side in timescale_databases:
        assert _one(timescale_databases, f"{side.side}.restoring").severity == "ok"
        execute(side, "select timescaledb_pre_restore()")
        finding = _one(timescale_databases, f"{side.side}.restoring")
        assert finding.severity == "blocker"
        execute(side, *finding.fixes[0].statements)
        assert _one(timescale_databases, f"{side.side}.restoring").severity == "ok"


def test_timescaledb_in_another_schema(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create schema ext", "create extension timescaledb schema ext")
    assert _one(fresh_databases, "timescaledb.schema").severity == "info"
    [finding] = run_checks(
        source, target, only=["timescaledb.schema"], plan=Plan(target_provider="tiger")
    )
    assert finding.severity == "blocker"


def test_a_role_that_does_not_own_the_target(timescale_databases: Pair) -> None:
    source, target = timescale_databases
    execute(target, "create role guest login password 'guest-secret'")
    try:
        guest = elsewhere(target, user="guest", password="guest-secret")  # noqa: S106
        finding = _one((source, guest), "target.timescaledb_restore")
        assert finding.severity == "blocker"
    finally:
        execute(target, "drop role guest")


def test_a_plain_owner_of_good_databases(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    name = source.parameters["dbname"]
    for side in fresh_databases:
        execute(
            side,
            "create role owner_only login replication password 'owner-secret'",
            f"alter database {name} owner to owner_only",
        )
    try:
        mine = [
            elsewhere(side, user="owner_only", password="owner-secret")  # noqa: S106
            for side in fresh_databases
        ]
        execute(mine[0], "create table t (id int primary key)")
        found = {f.id: f for f in run_checks(mine[0], mine[1])}
        refused = {f.id for f in found.values() if f.severity not in ("ok", "info")}
        assert refused == {"target.replication_role"}
        remedy = found["target.replication_role"].remedy
        execute(target, *[line for line in remedy.splitlines() if line.endswith(";")])
        [now] = run_checks(mine[0], mine[1], only=["target.replication_role"])
        assert now.severity == "ok"
    finally:
        for side in fresh_databases:
            execute(
                side,
                "reassign owned by owner_only to postgres",
                "drop owned by owner_only",
                "drop role owner_only",
            )


def test_hypertables_and_their_chunks_are_counted_as_such(timescale_databases: Pair) -> None:
    execute(
        timescale_databases[0],
        "create table plain (id int primary key)",
        "create schema pieces",
        "create table m (at timestamptz primary key)",
        "select create_hypertable('m', 'at', associated_schema_name => 'pieces')",
        "create table n (at timestamptz primary key)",
        "select create_hypertable('n', 'at')",
        "insert into m values ('2026-01-01'), ('2026-03-01')",
        "insert into n values ('2026-01-01')",
    )
    title = _one(timescale_databases, "scope.migrated").title
    assert "1 table, 2 hypertables, 3 chunks" in title
