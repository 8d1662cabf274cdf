import pytest
from preflight import checked, elsewhere, execute, severities, statements

from lmtui.endpoint import Endpoint
from lmtui.plan import Plan

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ('create table "Odd [1]" (id int)', 'table public."Odd [1]"'),
        ("create view v as select 1", "view public.v"),
        ("create materialized view m as select 1", "materialized view public.m"),
        ("create sequence s", "sequence public.s"),
        ("create function f() returns int language sql as 'select 1'", "function public.f"),
        ("create type mood as enum ('calm')", "type public.mood"),
        ("create type pair as (a int, b int)", "type public.pair"),
        ("create domain positive as int check (value > 0)", "type public.positive"),
    ],
)
def test_a_target_that_is_not_empty(fresh_databases: Pair, statement: str, name: str) -> None:
    source, target = fresh_databases
    execute(target, statement)
    finding = checked(source, target, only="target.empty")["target.empty"]
    assert finding.severity == "blocker"
    assert finding.detail == f"{name}."
    assert "1 object" in finding.title


def test_a_few_objects_are_named_and_all_are_counted(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(target, *(f"create table t{n} (id serial primary key)" for n in range(7)))
    finding = checked(source, target, only="target.empty")["target.empty"]
    assert "7 objects" in finding.title
    assert finding.detail.endswith("table public.t4 and 2 more.")


def test_objects_that_may_be_dropped_are_a_warning(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(target, "create table t (id int)")
    findings = checked(source, target, plan=Plan(drop_if_exists=True))
    assert findings["target.empty"].severity == "warning"


def test_extensions_do_not_make_a_target_full(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(target, "create extension timescaledb")
    findings = checked(source, target)
    assert findings["target.empty"].severity == "ok"
    assert not severities(findings, "blocker", "failed")


def test_the_schema_of_an_earlier_migration(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(target, "create schema lmtui", "create table lmtui.progress (slot text)")
    findings = checked(source, target)
    assert severities(findings, "blocker") == {"target.leftovers"}
    execute(target, *statements(findings["target.leftovers"].remedy))
    assert checked(source, target, only="target.leftovers")["target.leftovers"].severity == "ok"


def test_a_role_with_no_rights_on_the_target(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(target, "create role \"Plain Role\" login password 'plain-secret'")
    try:
        plain = elsewhere(target, user="Plain Role", password="plain-secret")  # noqa: S106
        findings = checked(source, plain)
        assert severities(findings, "blocker") == {"target.rights", "target.replication_role"}
        assert "42501: permission denied" in findings["target.replication_role"].detail
        for check in ("target.rights", "target.replication_role"):
            execute(target, *statements(findings[check].remedy))
        assert not severities(checked(source, plain), "blocker", "failed")
    finally:
        execute(target, 'drop owned by "Plain Role"', 'drop role "Plain Role"')


def test_an_extension_that_the_target_lacks(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(
        source,
        "set allow_system_table_mods = on",
        "insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable,"
        " extversion) values (99999, 'rare', 10, 2200, false, '1.7')",
    )
    findings = checked(source, target)
    assert severities(findings, "blocker") == {"target.extensions"}
    assert "rare 1.7" in findings["target.extensions"].detail
    findings = checked(source, target, plan=Plan(skip_extensions=("rare",)))
    assert not severities(findings, "blocker", "failed")


def test_the_same_timescaledb_on_both_sides(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create extension timescaledb")
    findings = checked(source, target)
    assert findings["extensions.timescaledb_version"].severity == "ok"
    assert findings["target.timescaledb_preload"].severity == "ok"
    execute(target, "create extension timescaledb")
    assert (
        checked(source, target, only="extensions.timescaledb_version")[
            "extensions.timescaledb_version"
        ].severity
        == "ok"
    )
