import socket
from contextlib import closing

import pytest
from preflight import checked, elsewhere, execute, severities

from lmtui.checks import blocking, choose_plugin, run_checks
from lmtui.checks.registry import CHECKS
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, ConnectionFailedError, ExitCode, UsageError

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


def test_two_good_servers_pass_every_check(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create table customer (id int primary key, name text)")
    findings = checked(source, target)
    assert not severities(findings, "blocker", "failed", "warning"), findings
    # The servers are shared with other tests, whose slots are seen.
    shared = {"source.stale_slots"}
    assert severities(findings, "info") <= shared | {
        "source.size", "source.statistics", "target.settings",
    }  # fmt: skip
    assert choose_plugin(findings.values()) == "test_decoding"
    assert not blocking(findings.values())


def test_findings_come_in_the_registrys_order_with_its_ids(fresh_databases: Pair) -> None:
    found = [finding.id for finding in run_checks(*fresh_databases)]
    order = [check.id for check in CHECKS]
    assert found == sorted(found, key=order.index)
    assert len(set(order)) == len(order)


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
def test_a_given_plugin_is_the_only_one_tried(fresh_databases: Pair, plugin: str) -> None:
    findings = checked(*fresh_databases, plugin=plugin)
    assert choose_plugin(findings.values()) == plugin
    assert sum(name.startswith("source.plugin.") for name in findings) == 1


def test_an_unknown_plugin_is_refused_before_anything(fresh_databases: Pair) -> None:
    with pytest.raises(UsageError):
        run_checks(*fresh_databases, plugin="pgoutput")


def test_without_findings_there_is_no_plugin_to_choose() -> None:
    with pytest.raises(BlockedError):
        choose_plugin(())


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize(
    ("parameter", "value"), [("password", "not-the-secret"), ("dbname", "no_such_database")]
)
def test_a_side_that_refuses_us_ends_it(
    fresh_databases: Pair, side: str, parameter: str, value: str
) -> None:
    pair = [
        elsewhere(endpoint, **{parameter: value}) if endpoint.side == side else endpoint
        for endpoint in fresh_databases
    ]
    with pytest.raises(ConnectionFailedError) as raised:
        run_checks(*pair)
    assert raised.value.exit_code is ExitCode.BLOCKED
    assert side in raised.value.title
    assert "not-the-secret" not in str(raised.value)
    assert fresh_databases[0].parameters["password"] not in str(raised.value)


def test_a_host_that_is_down_ends_it(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = str(nobody.getsockname()[1])
        with pytest.raises(ConnectionFailedError, match="source"):
            run_checks(elsewhere(source, port=port), target)


def test_the_same_database_is_no_target(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    findings = checked(source, elsewhere(source, side="target"))
    assert findings["endpoints.same"].severity == "blocker"


def test_the_same_database_is_found_without_the_system_identifier(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    name = source.parameters["dbname"]
    execute(
        source,
        "create role plain login password 'plain-secret'",
        "revoke execute on function pg_control_system() from public",
    )
    try:
        plain = elsewhere(source, user="plain", password="plain-secret")  # noqa: S106
        findings = checked(plain, elsewhere(plain, side="target"))
        assert findings["endpoints.same"].severity == "blocker"
        assert name in findings["endpoints.same"].detail
    finally:
        execute(
            source, "grant execute on function pg_control_system() to public", "drop role plain"
        )


def test_another_database_of_the_same_server_is_a_target(
    fresh_databases: Pair, source_server: Endpoint
) -> None:
    source, _ = fresh_databases
    findings = checked(source, elsewhere(source_server, side="target"))
    assert findings["endpoints.same"].severity == "ok"


def test_a_check_that_cannot_run_is_no_pass(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create extension timescaledb")
    execute(source, "revoke usage on schema timescaledb_information from public")
    execute(source, "create role plain login replication password 'plain-secret'")
    try:
        plain = elsewhere(source, user="plain", password="plain-secret")  # noqa: S106
        finding = checked(plain, target, only="identity.missing")["identity.missing"]
        assert finding.severity == "failed"
        assert finding.detail.startswith("42501: permission denied for schema")
        assert blocking([finding])
    finally:
        execute(source, "drop role plain")


def test_no_session_stays_open(fresh_databases: Pair) -> None:
    run_checks(*fresh_databases)
    for side in fresh_databases:
        # The server notices the end of a session a moment later; pytest's timeout bounds this.
        while execute(
            side, "select pid from pg_stat_activity where application_name = 'lmtui check'"
        ):
            pass
