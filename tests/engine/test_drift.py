"""The schema's fingerprint: what a user changes is drift, what TimescaleDB makes is not."""

import pytest

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.drift import differences, read_fingerprint
from lmtui.endpoint import Endpoint

pytestmark = pytest.mark.postgres


def test_chunks_come_and_go_without_drift(timescale_databases: tuple[Endpoint, Endpoint]) -> None:
    _check(timescale_databases[0])


def test_nor_on_postgresql_18(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its TimescaleDB marks hypertables in another way."""
    with Cluster(tmp_path_factory.mktemp("s") / "c", version=18) as cluster:
        _check(create_database(cluster.endpoint("postgres"), "drift", timescaledb=True))


def _check(endpoint: Endpoint) -> None:
    with connect(endpoint) as connection:
        connection.execute("set search_path to public")
        connection.execute("create table plain (id int primary key)")
        connection.execute("create table h (t bigint not null, x int)")
        connection.execute(
            "select create_hypertable('h', 't', chunk_time_interval => 100,"
            " associated_schema_name => 'own', associated_table_prefix => 'own')"
        )
        connection.execute("insert into h values (1, 1), (201, 2)")
        before = read_fingerprint(connection)
        connection.execute("insert into h values (301, 3)")
        connection.execute("select drop_chunks('h', older_than => 100)")
        now = read_fingerprint(connection)
        assert sorted(now) == ["public.h", "public.plain"]
        assert differences(before, now) == ()
        connection.execute("alter table h add column y int")
        connection.execute("create table more (id int)")
        assert differences(before, read_fingerprint(connection)) == (
            "table public.h: column y (integer) is new",
            "table public.more is new",
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("add column e text not null default ''", "column e (text not null) is new"),
        ("drop column b", "column b (text) is gone"),
        ("rename column b to \"B b\"", "column b is called B b now"),
        ("alter b type varchar(20)", "column b was text, is character varying(20)"),
        ("alter b set not null", "column b was text, is text not null"),
        ("alter id drop identity",
         "column id was integer not null identity always, is integer not null"),
        ("alter g drop expression", "column g was integer generated stored, is integer"),
        ("replica identity full", "replica identity was default, is full"),
    ],
)  # fmt: skip
def test_the_column_is_named(
    fresh_databases: tuple[Endpoint, Endpoint], change: str, words: str
) -> None:
    with connect(fresh_databases[0]) as connection:
        connection.execute("set search_path to public")
        connection.execute(
            "create table t (id int generated always as identity primary key, b text,"
            " c int, g int generated always as (c * 2) stored)"
        )
        connection.execute("create table empty ()")
        before = read_fingerprint(connection)
        assert differences(before, read_fingerprint(connection)) == ()
        connection.execute(f"alter table t {change}".encode())
        assert differences(before, read_fingerprint(connection)) == (f"table public.t: {words}",)
