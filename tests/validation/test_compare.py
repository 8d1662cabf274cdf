"""The comparison finds every kind of difference, and nothing where there is none."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError, ServerError
from lmtui.events import Proof, TableVerdict
from lmtui.validation.compare import REFRESHED, STALE, compare
from lmtui.validation.relations import checksum_of, relations
from lmtui.validation.side import LOCK_SECONDS, Side

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]

ORDERS = """
    create table orders (
        id int primary key, customer text, note text, amount numeric, weight float8,
        tags text[], document json, at timestamptz, raw bytea, total numeric
            generated always as (amount * 2) stored);
    insert into orders
        select g, 'customer ' || g, case g % 3 when 0 then null when 1 then '' else 'x' end,
               g / 7.0, g / 3.0::float8, array[g::text, null], json_build_object('g', g),
               '2026-01-01'::timestamptz + g * interval '1 hour', int4send(g)
        from generate_series(1, 100) g;
"""


def run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        for statement in statements:
            connection.execute(statement)


def on_both(pair: Pair, *statements: str) -> None:
    for endpoint in pair:
        run(endpoint, *statements)


def only(proof: Proof) -> TableVerdict:
    (verdict,) = proof.tables
    return verdict


def test_equal_databases_are_proven_equal(fresh_databases: Pair) -> None:
    on_both(fresh_databases, ORDERS)
    proof = compare(*fresh_databases)
    verdict = only(proof)
    assert proof.equal
    assert verdict.equal
    assert (verdict.schema, verdict.name, verdict.kind) == ("public", "orders", "table")
    assert verdict.source_rows == verdict.target_rows == 100
    assert verdict.source_checksum == verdict.target_checksum != ""
    assert (verdict.note, proof.inventory, proof.not_compared) == ("", (), ())


@pytest.mark.parametrize(
    "change",
    [
        "update orders set customer = 'somebody' where id = 7",
        "update orders set note = '' where id = 3",
        "update orders set note = null where id = 1",
        "update orders set note = 'x ' where id = 2",
        "update orders set customer = note, note = customer where id = 2",
        "update orders set amount = 1.10 where id = 7",
        "update orders set weight = weight + 1e-15 where id = 1",
        "update orders set tags = array['7', 'NULL'] where id = 7",
        "update orders set document = '{\"g\":7 }' where id = 7",
        "update orders set at = at + interval '1 microsecond' where id = 7",
        "update orders set raw = raw || '\\x00' where id = 7",
        "update orders a set customer = b.customer from orders b where a.id + b.id = 3",
        "delete from orders where id = 50",
        "insert into orders(id) values (101)",
        "update orders set id = -id where id = 50",
    ],
)  # fmt: skip
def test_one_difference_is_found(fresh_databases: Pair, change: str) -> None:
    on_both(fresh_databases, ORDERS)
    run(fresh_databases[1], change)
    proof = compare(*fresh_databases)
    assert not proof.equal
    assert not only(proof).equal
    assert only(proof).source_checksum != only(proof).target_checksum


def test_the_sign_of_zero_and_trailing_zeros_are_data(fresh_databases: Pair) -> None:
    table = "create table t (f float8, n numeric, x float8)"
    on_both(fresh_databases, table, "insert into t values (0, 1.0, 'nan')")
    assert compare(*fresh_databases).equal
    run(fresh_databases[1], "update t set f = '-0'")
    assert not compare(*fresh_databases).equal
    run(fresh_databases[1], "update t set f = 0, n = 1.00")
    assert not compare(*fresh_databases).equal


def test_duplicates_count(fresh_databases: Pair) -> None:
    on_both(
        fresh_databases,
        "create table t (a int, b text)",
        "insert into t select 1, 'same' from generate_series(1, 3)",
        "insert into t select 2, 'other' from generate_series(1, 3)",
    )
    assert compare(*fresh_databases).equal
    one = "delete from t where ctid = (select min(ctid) from t where a = 1)"
    run(fresh_databases[1], one, "insert into t values (2, 'other')")
    verdict = only(compare(*fresh_databases))
    assert verdict.source_rows == verdict.target_rows == 6
    assert not verdict.equal


def test_a_doubled_row_is_found(fresh_databases: Pair) -> None:
    on_both(fresh_databases, "create table t (a int)", "insert into t values (1), (2)")
    run(fresh_databases[1], "insert into t values (2)")
    verdict = only(compare(*fresh_databases))
    assert (verdict.source_rows, verdict.target_rows, verdict.equal) == (2, 3, False)


def test_order_of_rows_and_of_columns_is_no_difference(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    run(source, "create table t (a int, gone int, b text, c float4)", "alter table t drop gone")
    run(target, "create table t (c float4, a int, b text, more int default 3)")
    rows = "insert into t(a, b, c) select g, 'b' || g, g / 3.0 from generate_series(1, 99) g"
    run(source, rows)
    run(target, rows + " order by g desc")
    proof = compare(source, target)
    assert proof.equal
    assert proof.inventory == ("column public.t.more: only on the target",)


def test_what_is_missing_on_the_target_is_named(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    on_both(fresh_databases, "create table t (a int, b int)", "insert into t values (1, 2)")
    run(source, 'alter table t add "C d" int, add e int', "create table lost as select 1 as x")
    lost, changed = compare(source, target).tables
    assert (lost.equal, lost.note) == (False, "missing on the target")
    assert (lost.source_rows, lost.target_rows, lost.target_checksum) == (1, 0, "")
    assert changed.note == 'columns missing on the target: "C d", e'
    assert not changed.equal
    assert changed.source_checksum == changed.target_checksum


def test_odd_names_and_odd_tables(fresh_databases: Pair) -> None:
    columns = ", ".join(f"c{number} int" for number in range(1600))
    on_both(
        fresh_databases,
        'create schema "A b"',
        'create table "A b"."x""y{}%s" ("select" int, "%" text, "{0}" int, "\'" int)',
        """insert into "A b"."x""y{}%s" values (1, '%', 2, 3)""",
        f"create table wide ({columns})",
        "insert into wide default values",
        "insert into wide(c0, c1599) values (1, 2)",
        "create table nothing ()",
        "insert into nothing default values",
        "create table empty (a int)",
    )
    proof = compare(*fresh_databases)
    assert proof.equal
    assert [(v.name, v.source_rows) for v in proof.tables] == [
        ('x"y{}%s', 1),
        ("empty", 0),
        ("nothing", 1),
        ("wide", 2),
    ]
    run(fresh_databases[1], "update wide set c1599 = 3 where c0 = 1")
    assert not compare(*fresh_databases).equal


def test_partitions_are_read_with_their_root(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    on_both(
        fresh_databases,
        "create table p (k int, v text) partition by range (k)",
        "create table plain (k int, v text) partition by range (k)",
    )
    run(source, "create table p1 partition of p for values from (0) to (100)")
    run(source, "create table plain1 partition of plain for values from (0) to (100)")
    run(target, "create table p1 partition of p for values from (0) to (50)")
    run(target, "create table p2 partition of p for values from (50) to (100)")
    run(target, "drop table plain", "create table plain (k int, v text)")
    for table in ("p", "plain"):
        rows = f"insert into {table} select g, 'v' from generate_series(0, 99) g"
        on_both(fresh_databases, rows)
    proof = compare(source, target)
    assert proof.equal
    assert [(v.name, v.kind, v.source_rows) for v in proof.tables] == [
        ("p", "partitioned table", 100),
        ("plain", "partitioned table", 100),
    ]


def test_a_parent_is_compared_without_its_children(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    on_both(
        fresh_databases, "create table parent (a int)", "create table child () inherits (parent)"
    )
    run(source, "insert into parent values (1)")
    run(target, "insert into child values (1)")
    assert [(v.name, v.source_rows, v.target_rows) for v in compare(source, target).tables] == [
        ("child", 0, 1),
        ("parent", 1, 0),
    ]


def test_a_stale_materialized_view_is_compared_with_a_refresh(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    on_both(
        fresh_databases,
        ORDERS,
        "create materialized view m as select count(*), sum(amount) from orders",
        "create materialized view later as select 1 as one with no data",
        "insert into orders(id, amount) values (200, 3)",
    )
    assert compare(source, target).equal
    run(target, "refresh materialized view m")
    proof = compare(source, target)
    view = proof.tables[0]
    assert proof.equal
    assert (view.name, view.kind, view.equal, view.note) == ("m", "matview", True, REFRESHED)
    assert proof.not_compared == ("materialized view public.later: not populated on the source",)


def test_a_materialized_view_that_differs_is_shown_but_disproves_nothing(
    fresh_databases: Pair,
) -> None:
    on_both(fresh_databases, "create materialized view m as select clock_timestamp() as now")
    proof = compare(*fresh_databases)
    assert proof.equal
    assert (only(proof).equal, only(proof).note) == (False, STALE)
    run(fresh_databases[1], "refresh materialized view m with no data")
    proof = compare(*fresh_databases)
    assert not proof.equal
    assert only(proof).note == "not populated on the target"


def test_what_is_not_compared_is_listed(fresh_databases: Pair) -> None:
    on_both(
        fresh_databases,
        "create table kept (a int)",
        'create table "Left" (a int)',
        "create unlogged table cache (a int)",
        "create extension file_fdw with schema public",
        "create server files foreign data wrapper file_fdw",
        "create foreign table far (a int) server files options (filename '/dev/null')",
        "select lo_create(0)",
        "create schema lmtui",
        "create table lmtui.progress (a int)",
    )
    proof = compare(*fresh_databases, skip=[("public", "Left")])
    assert [verdict.name for verdict in proof.tables] == ["kept"]
    assert set(proof.not_compared) == {
        'table public."Left": left out by choice',
        "unlogged table public.cache: its changes are not in the WAL",
        "foreign table public.far: its rows are on another server",
        "large objects: 1, which logical decoding does not carry",
    }


@pytest.fixture
def narrow_role(fresh_databases: Pair) -> Iterator[Endpoint]:
    """A role on the target that may read nothing yet."""
    target = fresh_databases[1]
    run(target, "drop role if exists narrow", "create role narrow login password 'narrow'")
    yield Endpoint("target", {**target.parameters, "user": "narrow", "password": "narrow"})
    run(target, "drop owned by narrow", "drop role narrow")


def test_what_may_not_be_read_is_not_equal(fresh_databases: Pair, narrow_role: Endpoint) -> None:
    source, target = fresh_databases
    on_both(
        fresh_databases,
        "create table t (a int)",
        "create table hidden (a int)",
        "insert into hidden values (1), (2)",
        "create table wide_open (a int)",
        "alter table hidden enable row level security",
        "create sequence s",
    )
    run(
        target,
        "create policy half on hidden using (a = 1)",
        "grant select on hidden, wide_open to narrow",
    )
    proof = compare(source, narrow_role, jobs=1)
    hidden, table, wide_open = proof.tables
    assert not proof.equal
    assert wide_open.equal
    assert table.note == "target: 42501: permission denied for table t"
    assert hidden.note.startswith("target: 42501: query would be affected by row-level security")
    assert proof.sequence_mismatches == (
        "public.s: cannot be read on the target (SELECT on it is not granted)",
    )


def test_each_side_is_read_in_one_snapshot(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    run(source, "create table t (a int)", "insert into t values (1)")
    with Side(source, 1) as side:
        run(source, "insert into t values (2)", "create table u (a int)")
        (relation,) = relations(side)
        assert side.read(checksum_of(relation, relation.columns, recode=False)).result().rows == 1


def test_databases_in_different_encodings_are_compared(
    fresh_databases: Pair, source_server: Endpoint
) -> None:
    _, target = fresh_databases
    name = f"{target.database}_latin"
    latin = Endpoint("source", {**source_server.parameters, "dbname": name})
    create = sql.SQL("create database {} encoding 'LATIN1' locale 'C' template template0")
    with connect(source_server) as connection:
        connection.execute(create.format(sql.Identifier(name)))
    try:
        table = "create table t (a text); insert into t values ('Gruß'), ('Ærø')"
        on_both((latin, target), table)
        assert compare(latin, target).equal
        run(target, "update t set a = 'Gruss' where a = 'Gruß'")
        assert not compare(latin, target).equal
    finally:
        run(source_server, f"drop database {name} with (force)")


def test_progress_is_told_of_every_relation(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *(f"create table t{number} (a int)" for number in range(5)))
    seen: list[tuple[int, int]] = []
    compare(*fresh_databases, jobs=3, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(number, 5) for number in range(1, 6)]


def test_a_side_that_is_lost_ends_the_comparison(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *(f"create table t{number} (a int)" for number in range(9)))

    def kill(_done: int, _of: int) -> None:
        run(
            fresh_databases[1],
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'lmtui validate' and datname = current_database()",
        )

    # One reading waits for a lock, so that it is under way when its session is ended.
    with connect(fresh_databases[1], autocommit=False) as other:
        other.execute("lock table public.t4")
        with pytest.raises(ServerError, match="The target was lost") as caught:
            compare(*fresh_databases, jobs=2, progress=kill)
    assert caught.value.sqlstate == "57P01"


def test_giving_up_ends_what_runs_on_the_servers(fresh_databases: Pair) -> None:
    on_both(fresh_databases, "create table a ()", "create table b ()")

    def give_up(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with connect(fresh_databases[1], autocommit=False) as other:
        other.execute("lock table public.b")
        with pytest.raises(KeyboardInterrupt):
            compare(*fresh_databases, progress=give_up)
    assert time.monotonic() - began < LOCK_SECONDS / 2


def test_a_side_that_cannot_be_reached_is_named(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    wrong = Endpoint("target", {**target.parameters, "dbname": "nowhere"})
    with pytest.raises(ConnectionFailedError, match="target"):
        compare(source, wrong)


def metrics_on_both(pair: Pair, interval: str) -> None:
    for endpoint, chunk in zip(pair, ("1 day", interval), strict=True):
        run(
            endpoint,
            "create table metrics (at timestamptz not null, device int, value float8)",
            f"select create_hypertable('metrics', 'at', chunk_time_interval => interval '{chunk}',"
            " associated_schema_name => 'public', associated_table_prefix => 'piece')",
            "insert into metrics select '2026-01-01'::timestamptz + g * interval '1 hour', g % 5, g"
            " from generate_series(1, 200) g",
        )


@pytest.mark.parametrize("interval", ["1 day", "3 days"])
def test_hypertables_are_compared_whole(timescale_databases: Pair, interval: str) -> None:
    metrics_on_both(timescale_databases, interval)
    proof = compare(*timescale_databases)
    assert proof.equal
    assert proof.inventory == ()
    assert (only(proof).kind, only(proof).source_rows) == ("hypertable", 200)


@pytest.mark.parametrize(
    "change",
    [
        "delete from metrics where at = '2026-01-03 00:00+00'",
        "update metrics set value = -1 where at = '2026-01-03 00:00+00'",
        "insert into metrics select * from metrics where at = '2026-01-03 00:00+00'",
        "select drop_chunks('metrics', timestamptz '2026-01-02')",
    ],
)
def test_one_row_of_one_chunk_is_found(timescale_databases: Pair, change: str) -> None:
    metrics_on_both(timescale_databases, "1 day")
    run(timescale_databases[1], change)
    assert not only(compare(*timescale_databases)).equal


def test_a_plain_table_may_become_a_hypertable(timescale_databases: Pair) -> None:
    source, target = timescale_databases
    on_both(timescale_databases, "create table m (at timestamptz not null)")
    run(target, "select create_hypertable('m', 'at', create_default_indexes => false)")
    on_both(timescale_databases, "insert into m values ('2026-01-01'), ('2026-02-01')")
    proof = compare(source, target)
    assert proof.equal
    assert proof.inventory == ("public.m: table on the source, hypertable on the target",)


def test_two_major_versions_write_the_same_text(
    timescale_databases: Pair,
) -> None:
    source, _ = timescale_databases
    with tempfile.TemporaryDirectory(prefix="lmtui-test-") as directory:
        try:
            server = Cluster(Path(directory) / "newer", version=18)
            server.start()
        except LmtuiError as error:
            pytest.skip(str(error))
        try:
            target = create_database(
                server.endpoint("postgres", "target"), "newer", timescaledb=True
            )
            on_both((source, target), ORDERS, "create view v as select id, amount from orders")
            metrics_on_both((source, target), "1 day")
            proof = compare(source, target)
            assert proof.equal
            assert proof.inventory == ()
        finally:
            server.stop()
