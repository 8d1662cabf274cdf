"""The comparison finds every kind of difference, and nothing where there is none."""

import pytest
from compared import ORDERS, Pair, on_both, only, run

from lmtui.proof import STALE
from lmtui.validation.compare import compare
from lmtui.validation.tasks import REFRESHED

pytestmark = pytest.mark.postgres


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


def test_what_another_version_may_write_otherwise_is_named(fresh_databases: Pair) -> None:
    on_both(
        fresh_databases,
        "create extension hstore",
        "create domain tags as hstore",
        'create table t (id int, "Tags" tags, other hstore[], note text)',
        "insert into t values (1, 'a=>1', array['b=>2'::hstore], 'x')",
    )
    run(fresh_databases[1], "update pg_extension set extversion = '1.0' where extname = 'hstore'")
    proof = compare(*fresh_databases)
    assert [(v.name, v.equal, v.note) for v in proof.tables] == [("t", True, "")]
    run(fresh_databases[1], "update t set note = 'y'")
    (verdict,) = compare(*fresh_databases).tables
    assert not verdict.equal
    for column in ('"Tags"', "other"):
        words = f"not comparable by its text: column {column}, of the extension hstore, which is"
        assert words in verdict.note
    assert "1.0 on the target" in verdict.note


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
