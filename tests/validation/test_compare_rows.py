"""A difference is narrowed to rows, and what is known equal is not read again."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from compared import ORDERS, Pair, metrics_on_both, on_both, only, run

from lmtui.database import connect
from lmtui.events import RowDifference
from lmtui.validation.compare import compare, look
from lmtui.validation.kept import Kept, KeptPart
from lmtui.validation.parts import Chunk, ranges
from lmtui.validation.relations import relations
from lmtui.validation.side import both_sides
from lmtui.validation.tasks import pair_up, split_up

pytestmark = pytest.mark.postgres


def found(pair: Pair) -> tuple[RowDifference, ...]:
    proof = compare(*pair)
    assert not proof.equal
    return proof.rows


def test_rows_are_named_by_their_keys(fresh_databases: Pair) -> None:
    on_both(
        fresh_databases,
        "create table t (a int, b text, c numeric, primary key (b, a))",
        "insert into t select g, 'k ' || g % 7, g from generate_series(1, 5000) g",
    )
    run(
        fresh_databases[1],
        "update t set c = 0.5 where a = 17",
        "delete from t where a = 4711",
        "insert into t values (-1, 'new', null)",
    )
    rows = sorted(found(fresh_databases), key=lambda row: row.key)
    assert [(row.key, row.source, row.target) for row in rows] == [
        ("b = k 0, a = 4711", "a = 4711, b = k 0, c = 4711", None),
        ("b = k 3, a = 17", "c = 17", "c = 0.5"),
        ("b = new, a = -1", None, "a = -1, b = new, c = NULL"),
    ]
    assert {row.relation for row in rows} == {"public.t"}


def test_rows_without_a_key_are_shown_whole(fresh_databases: Pair) -> None:
    on_both(
        fresh_databases,
        "create table t (a int, b text)",
        "insert into t select g % 10, 'x' from generate_series(1, 100) g",
    )
    run(fresh_databases[1], "insert into t values (3, 'x')", "delete from t where a = 4")
    rows = sorted(found(fresh_databases), key=lambda row: row.key)
    assert [(row.key, row.source, row.target) for row in rows] == [
        ("row (3,x)", "10 times", "11 times"),
        ("row (4,x)", "10 times", None),
    ]


def test_only_some_rows_of_very_many_are_shown(fresh_databases: Pair) -> None:
    on_both(fresh_databases, ORDERS)
    run(fresh_databases[1], "update orders set note = 'changed'")
    assert len(found(fresh_databases)) == 20


def test_doubled_row_of_a_hypertable_is_named(timescale_databases: Pair) -> None:
    metrics_on_both(timescale_databases, "1 day")
    run(timescale_databases[1], "insert into metrics select * from metrics where value = 50")
    (row,) = found(timescale_databases)
    assert row.key == 'row ("2026-01-03 02:00:00+00",0,50)'
    assert (row.source, row.target) == ("1 time", "2 times")


# ---------------------------------------------------------------------- what was compared before


def kept_of(pair: Pair) -> Kept:
    """All parts, as if they had been compared."""
    looked = [look(endpoint) for endpoint in pair]
    parts = []
    with both_sides(*pair, 1) as (ours, theirs):
        pairs = pair_up(relations(ours), {one.key: one for one in relations(theirs)})
        for group in split_up(pairs, looked[0], looked[1], Kept(), recode=False):
            for task in group:
                relation = task.pair.relation
                parts.append(
                    KeptPart(
                        schema=relation.schema, name=relation.name, label=task.part.label,
                        columns=task.pair.columns, lsn="0/1", at=datetime.now(UTC), rows=1000,
                        checksum="1:2", seconds=1, source=task.tokens[0], target=task.tokens[1],
                    )
                )  # fmt: skip
    return Kept(parts=tuple(parts))


def settled(*statements: str) -> tuple[str, ...]:
    return (*statements, "select pg_stat_force_next_flush()")


@pytest.mark.parametrize(
    "change",
    [
        "update orders set note = 'y' where id = 1",
        "delete from orders where id = 1",
        "insert into orders (id) values (-1)",
        "truncate orders",
        "alter table orders add column more int",
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_has_changed_is_compared_again(fresh_databases: Pair, change: str, side: int) -> None:
    on_both(fresh_databases, *settled(ORDERS, "create table quiet (a int)"))
    kept = kept_of(fresh_databases)
    proof = compare(*fresh_databases, kept=kept)
    assert [(one.ahead, one.source_rows) for one in proof.tables] == [(1, 1000), (1, 1000)]
    run(fresh_databases[side], *settled(change))
    orders, quiet = compare(*fresh_databases, kept=kept).tables
    assert orders.ahead == 0
    # A column that only the target has is a difference of the schema.
    assert orders.equal is (side == 1 and "add column" in change)
    assert (quiet.ahead, quiet.equal) == (1, True)


def test_chunks_are_compared_by_themselves(timescale_databases: Pair) -> None:
    metrics_on_both(timescale_databases, "1 day")
    on_both(timescale_databases, *settled("select 1"))
    kept = kept_of(timescale_databases)
    assert len(kept.parts) == 9
    assert only(compare(*timescale_databases, kept=kept)).ahead == 9
    on_both(
        timescale_databases,
        *settled("update metrics set value = -1 where at = '2026-01-03 02:00+00'"),
    )
    verdict = only(compare(*timescale_databases, kept=kept))
    assert (verdict.parts, verdict.ahead, verdict.equal) == (9, 8, True)
    run(timescale_databases[1], *settled("delete from metrics where at = '2026-01-05 02:00+00'"))
    proof = compare(*timescale_databases, kept=kept)
    assert (only(proof).ahead, proof.equal) == (7, False)
    assert [row.target for row in proof.rows] == [None]


PAYMENTS = (
    "create table payments (id int, year int, note text, primary key (year, id))"
    " partition by list (year)",
    "create table payments_1 partition of payments for values in (1)",
    "create table payments_rest partition of payments for values in (2, 3)"
    " partition by list (year)",
    # The columns of a partition may be in another order than those of its root.
    "create table payments_2 (year int not null, note text, id int not null)",
    "alter table payments_rest attach partition payments_2 for values in (2)",
    "create table payments_3 partition of payments_rest for values in (3)",
    "insert into payments select g, 1 + g % 3, 'x' from generate_series(1, 999) g",
)


def test_partitions_are_compared_by_themselves(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *settled(*PAYMENTS))
    kept = kept_of(fresh_databases)
    assert [part.label for part in kept.parts] == [
        "public.payments_1", "public.payments_2", "public.payments_3",
    ]  # fmt: skip
    on_both(fresh_databases, *settled("update payments set note = 'y' where year = 2"))
    verdict = only(compare(*fresh_databases, kept=kept))
    assert (verdict.parts, verdict.ahead, verdict.equal) == (3, 2, True)
    run(fresh_databases[1], *settled("delete from payments where year = 3 and id = 2"))
    proof = compare(*fresh_databases, kept=kept)
    verdict = only(proof)
    assert (verdict.parts, verdict.ahead, verdict.equal) == (3, 1, False)
    assert verdict.source_rows - verdict.target_rows == 1
    assert [(row.key, row.target) for row in proof.rows] == [("year = 3, id = 2", None)]


@pytest.mark.parametrize(
    "change",
    [
        # As of one side the row of year 4 would be missing, as of the other one too many.
        "alter table payments_rest detach partition payments_3;"
        "alter table payments_rest attach partition payments_3 for values in (3, 4)",
        "alter table payments_3 rename to payments_4",
        "alter table payments_3 set unlogged",
    ],
)
def test_partitions_that_are_not_the_same_are_read_with_their_root(
    fresh_databases: Pair, change: str
) -> None:
    on_both(fresh_databases, *settled(*PAYMENTS))
    run(fresh_databases[1], *change.split(";"))
    verdict = only(compare(*fresh_databases))
    assert (verdict.parts, verdict.equal) == (1, True)


def test_parts_cover_all_rows_where_the_sides_cut_differently(timescale_databases: Pair) -> None:
    metrics_on_both(timescale_databases, "7 days")
    on_both(timescale_databases, "insert into metrics values ('infinity', 1, 1)")
    proof = compare(*timescale_databases)
    assert proof.equal
    assert only(proof).source_rows == 201
    assert only(proof).parts > 1
    run(timescale_databases[1], "insert into metrics values ('2030-01-01', 1, 1)")
    assert not compare(*timescale_databases).equal


def test_a_server_that_restarts_counting_is_compared_anew(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *settled(ORDERS))
    kept = kept_of(fresh_databases)
    run(fresh_databases[0], "select pg_stat_reset()")
    assert only(compare(*fresh_databases, kept=kept)).ahead == 0


def test_a_server_that_does_not_count_is_compared_anew(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *settled(ORDERS))
    name = fresh_databases[1].database
    run(fresh_databases[1], f"alter database {name} set track_counts = off")
    with closing(connect(fresh_databases[1])) as connection:
        assert connection.execute("show track_counts").fetchone() == ("off",)
    kept = kept_of(fresh_databases)
    assert only(compare(*fresh_databases, kept=kept)).ahead == 0


def chunk(name: str, low: int, high: int) -> Chunk:
    text = ("public", "t", "c", name, "at", "bigint", str(low), str(high), str(low), str(high))
    return Chunk.of(text)


def test_no_chunk_is_in_two_parts() -> None:
    source = [chunk("a", 0, 10), chunk("b", 10, 20), chunk("c", 20, 30)]
    target = [chunk("x", 0, 10), chunk("y", 10, 30)]
    parts = ranges(source, target)
    assert [(one.label, one.source, one.target) for one in parts] == [
        ("0 to 10", (("c", "a"),), (("c", "x"),)),
        ("10 to 30", (("c", "b"), ("c", "c")), (("c", "y"),)),
    ]
    assert ranges([], []) == []
    many = [chunk(str(at), at, at + 1) for at in range(1000)]
    assert len(ranges(many, many)) == 334
