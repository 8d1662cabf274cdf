"""Owners, rights, defaults, comments and settings come over, and the inventory sees them."""

from collections.abc import Iterator

import pytest

from lmtui.cutover.properties import copy_properties
from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.validation.inventory import Item, in_words, inventory_differences

Pair = tuple[Endpoint, Endpoint]

SCHEMA = """
    create schema app;
    create table app.t (id int primary key, "odd Name" text);
    create view app.v as select id from app.t;
    create sequence app.s;
    create function app.f(a int, b text) returns int language sql as 'select $1';
    create type app.mood as enum ('sad');
"""
PROPERTIES = """
    alter table app.t owner to prop_owner;
    alter function app.f(int, text) owner to prop_owner;
    alter type app.mood owner to prop_owner;
    grant usage on schema app to prop_reader;
    grant select on app.t, app.v to prop_reader;
    grant insert on app.t to prop_reader with grant option;
    grant update ("odd Name") on app.t to prop_reader;
    grant usage on sequence app.s to prop_reader;
    grant execute on function app.f(int, text) to prop_reader;
    alter default privileges for role prop_owner in schema app
        grant select on tables to prop_reader;
    comment on table app.t is 'it''s a table';
    comment on column app.t."odd Name" is 'odd';
    comment on function app.f(int, text) is 'a function';
    comment on schema app is 'all of it';
"""
ROLES = ("prop_owner", "prop_reader")


def execute(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def with_roles(fresh_databases: Pair) -> Iterator[Pair]:
    """The roles that own and read, on both sides."""
    for endpoint in fresh_databases:
        for role in ROLES:
            execute(endpoint, f"drop role if exists {role}", f"create role {role}")
    yield fresh_databases
    for endpoint in fresh_databases:
        for role in ROLES:
            execute(endpoint, f"drop owned by {role} cascade", f"drop role {role}")


@pytest.mark.postgres
def test_all_properties_come_over(with_roles: Pair) -> None:
    source, target = with_roles
    for endpoint in with_roles:
        execute(endpoint, SCHEMA)
    settings = (
        f'alter database {source.database} set search_path = app, public, "$user"',
        f"alter database {source.database} set work_mem = '77MB'",
        f"alter role prop_reader in database {source.database} set app.color = 'a, b'",
        f"alter database {source.database} set default_transaction_read_only = on",
    )
    execute(source, PROPERTIES)
    execute(source, *settings)
    before = inventory_differences(source, target)
    assert any(line.startswith("owner of 3 objects: prop_owner on the source") for line in before)
    assert "comment on schema app: missing on the target" in before
    assert "setting database work_mem: missing on the target" in before
    said, *refused = copy_properties(source, target)
    assert refused == []
    assert said.endswith("of them set")
    assert inventory_differences(source, target) == ()
    assert copy_properties(source, target) == ("0 of them set",)
    with connect(target) as connection:
        connection.execute("reset search_path")
        assert connection.execute("show search_path").fetchone() == ('app, public, "$user"',)
        assert connection.execute("show default_transaction_read_only").fetchone() == ("off",)


@pytest.mark.postgres
def test_what_the_target_refuses_is_said_once_for_each_role(with_roles: Pair) -> None:
    source, target = with_roles
    for endpoint in with_roles:
        execute(endpoint, SCHEMA)
    execute(source, PROPERTIES)
    execute(target, "drop role prop_owner")
    said, *refused = copy_properties(source, target)
    execute(target, "create role prop_owner")
    assert said.endswith("of them set")
    owners = [line for line in refused if line.startswith("owner ")]
    assert len(owners) == 1
    assert '42704: role "prop_owner" does not exist' in owners[0]
    with connect(target) as connection:
        right = "select has_table_privilege('prop_reader', 'app.t', 'select')"
        assert connection.execute(right).fetchone() == (True,)


@pytest.mark.postgres
def test_without_roles_only_what_names_none_is_set(with_roles: Pair) -> None:
    source, target = with_roles
    for endpoint in with_roles:
        execute(endpoint, SCHEMA)
    execute(source, PROPERTIES)
    copy_properties(source, target, roles=False)
    left = inventory_differences(source, target)
    assert not [line for line in left if line.startswith("comment")]
    assert any(line.startswith("right select on table app.t") for line in left)


@pytest.mark.postgres
def test_timescaledb_is_compared_and_what_is_expected_explained(timescale_databases: Pair) -> None:
    source, target = timescale_databases
    for endpoint, days in zip(timescale_databases, (1, 7), strict=True):
        execute(
            endpoint,
            "create table public.m (at timestamptz not null)",
            f"select public.create_hypertable('public.m', 'at', chunk_time_interval =>"
            f" interval '{days} days')",
            "insert into public.m select '2026-01-01'::timestamptz + g * interval '1 day'"
            " from generate_series(1, 30) g",
        )
    execute(source, "create publication p for all tables")
    found = inventory_differences(source, target)
    assert any(
        line.startswith("number of chunks of public.m: ")
        and line.endswith("(expected: each side cuts its chunks itself)")
        for line in found
    )
    assert any(line.startswith("dimension 1 of public.m: ") for line in found)
    assert any(line.startswith("publication p: missing on the target (expected") for line in found)


def test_many_rights_are_counted() -> None:
    rights = {("right", f"{n}"): Item("right", f"{n:02}", "", "grant") for n in range(30)}
    words = in_words(rights, {})
    assert len(words) == 21
    assert words[-1] == "and 10 more rights"
