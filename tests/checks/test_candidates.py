"""Which tables of a source could become hypertables, by which column, into chunks of what size."""

import pytest
from planning import Pair
from preflight import execute

from lmtui.endpoint import Endpoint
from lmtui.hypertables.candidates import read_candidates
from lmtui.hypertables.wanted import Candidate, Wanted

pytestmark = pytest.mark.postgres


def found(source: Endpoint, version: str = "") -> dict[str, Candidate]:
    return {one.name: one for one in read_candidates(source, version)}


def test_the_largest_first_and_how_large(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(
        source,
        "create table small (at timestamptz not null)",
        "create table large (at timestamptz not null, line text, primary key (at, line))",
        "insert into large select now() + n * interval '1 second', n from generate_series(1, 3000)"
        " n",
        "insert into small select at from large limit 100",
        "select pg_stat_force_next_flush()",
    )
    large, small = read_candidates(source)
    assert (large.name, small.name) == ("large", "small")
    # Before any ANALYZE it is known too.
    assert (large.rows, small.rows) == (3000, 100)
    before = large.bytes
    assert before > small.bytes > 0
    execute(source, "vacuum analyze")
    large, small = read_candidates(source)
    assert (large.rows, small.rows) == (3000, 100)
    assert large.bytes > before


def test_only_plain_tables_of_users_are(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(
        source,
        'create schema "S \'%"',
        'create table "S \'%"."A ""b""" (at date not null)',
        "create unlogged table unlogged (at date not null)",
        "create table parted (at date) partition by range (at)",
        "create table part partition of parted default",
        "create table parent (at date)",
        "create table child () inherits (parent)",
        "create table words (word text)",
        "create extension pageinspect",
        "create schema lmtui",
        "create table lmtui.progress (at date)",
    )
    [one] = read_candidates(source)
    assert (one.schema, one.name) == ("S '%", 'A "b"')
    wanted = Wanted(schema="S '%", name='A "b"', column="at", interval="7 days")
    assert one.suggested is None
    assert "pgcopydb" in one.obstacles["at"][0]
    assert wanted.column in one.columns


def test_the_likeliest_column_comes_first(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(
        source,
        "create table keyed (id bigint, born date not null, updated_at timestamptz,"
        " noted timestamp not null, at timestamptz not null, primary key (id, at))",
        "create table named (one timestamptz not null, created_at timestamptz not null)",
        "create table counted (kind int, ts bigint not null, other bigint, id bigint primary key)",
        "create table numbered (n smallint not null)",
    )
    tables = found(source)
    assert tables["keyed"].columns == ("at", "noted", "updated_at", "born", "id")
    assert tables["keyed"].integers == {"id"}
    assert tables["keyed"].types["noted"] == "timestamp without time zone"
    assert tables["keyed"].suggested == Wanted(
        schema="public", name="keyed", column="at", interval="7 days"
    )
    assert tables["named"].columns[0] == "created_at"
    # Of whole numbers those alone that may divide it, or look like a time.
    assert tables["counted"].columns == ("id", "ts")
    assert tables["numbered"].suggested == Wanted(
        schema="public", name="numbered", column="n", interval="10000"
    )


def test_the_statistics_tell_the_interval_and_the_nulls(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(
        source,
        "create table busy (at timestamptz, line text)",
        "insert into busy select '2026-01-01'::timestamptz + n * interval '1 second', repeat('x',"
        " 900) from generate_series(1, 5000) n",
        "analyze busy",
    )
    one = found(source)["busy"]
    # 5 MiB in 83 minutes are half a gigabyte in 6 days.
    assert one.suggested == Wanted(schema="public", name="busy", column="at", interval="7 days")
    assert not one.obstacles["at"]
    assert "none was seen" in one.doubts["at"][0]
    execute(source, "insert into busy select null from generate_series(1, 5000)", "analyze busy")
    one = found(source)["busy"]
    assert one.suggested is None
    assert "NULL in about 50.0% of the rows" in one.obstacles["at"][0]
    execute(
        source, "delete from busy where at is null", "insert into busy values ('-infinity')",
        "alter table busy alter at set statistics 10000", "analyze busy",
    )  # fmt: skip
    assert "-infinity" in found(source)["busy"].obstacles["at"][0]


@pytest.mark.parametrize(
    ("version", "expected"), [("", True), ("2.19.3", True), ("2.26.4", True), ("2.27.0", False)]
)
def test_what_depends_on_the_targets_version(
    fresh_databases: Pair, version: str, *, expected: bool
) -> None:
    source, _ = fresh_databases
    execute(
        source,
        "create table t (at timestamptz not null)",
        "create function f() returns trigger language plpgsql as $$ begin return new; end $$",
        "create trigger g before insert on t for each row execute function f()",
        "alter table t enable always trigger g",
    )
    assert ("fires ALWAYS" in str(found(source, version)["t"].obstacles)) is expected


def test_a_publication_of_all_tables(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    execute(
        source,
        "create table t (at timestamptz not null)",
        "create publication everything for all tables",
    )
    # Refused since TimescaleDB 2.20.
    assert found(source, "2.19.3")["t"].obstacles["at"] == ()
    assert "everything is FOR ALL TABLES" in found(source, "2.20.0")["t"].obstacles["at"][0]


def test_a_source_with_timescaledb_has_none(timescale_databases: Pair) -> None:
    execute(timescale_databases[0], "create table t (at timestamptz not null)")
    assert read_candidates(timescale_databases[0]) == ()
