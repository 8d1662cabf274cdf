"""Which time of a continuous aggregate is refreshed, and which may not be."""

from lmtui.cutover.windows import gone, slices, unsafe, windows
from lmtui.replay.facts import CatalogFacts, ChunkFacts, DimensionFacts, RangesFacts, Slice
from lmtui.replay.ranges import HIGHEST, LOWEST, Span
from lmtui.validation.aggregates import Aggregate, bucket_of, in_order

TIME = "timestamp with time zone"


def chunk(number: int, start: int, end: int) -> ChunkFacts:
    return ChunkFacts(
        id=number, schema="c", name=str(number), hypertable=1,
        slices=(Slice(number, 7, start, end), Slice(100 + number, 8, 0, 5)),
    )  # fmt: skip


FACTS = CatalogFacts(
    dimensions=(
        DimensionFacts(id=7, hypertable=1, column="at", closed=False),
        DimensionFacts(id=8, hypertable=1, column="d", closed=True),
    ),
    chunks=(chunk(1, 100, 200), chunk(2, 200, 300), chunk(3, 400, 500)),
)


def aggregate(number: int = 2, raw: int = 1, watermark: int | None = 450) -> Aggregate:
    return Aggregate(
        number, raw, ("public", f"a{number}"), ("i", "d"), ("i", "m"), "b", "bigint", watermark,
        10, "10", None, None, None,
    )  # fmt: skip


def never(_one: Aggregate, _gap: Span) -> bool:
    return False


def always(_one: Aggregate, _gap: Span) -> bool:
    return True


def test_what_was_touched_is_widened_by_a_bucket_and_ends_at_the_watermark() -> None:
    one = aggregate()
    assert windows(one, one, [(200, 300), (400, 500)], 100) == ((190, 310), (390, 450))
    assert windows(one, one, [], 100) == ()
    assert windows(one, one, [(LOWEST, HIGHEST)], 100) == ((LOWEST, 450),)


def test_what_the_source_has_materialized_since_is_refreshed_too() -> None:
    assert windows(aggregate(watermark=300), aggregate(), [], 100) == ((290, 450),)
    assert windows(aggregate(watermark=None), aggregate(), [], 120) == ((110, 450),)
    assert windows(aggregate(), aggregate(watermark=None), [(0, 9)], 100) == ()
    assert windows(aggregate(), aggregate(), [(0, 9)], None) == ()


def test_what_was_dropped_since_is_not_refreshed() -> None:
    ranges = {1: RangesFacts(hypertable=1, schema="public", name="h", dropped=((100, 200),))}
    assert unsafe(aggregate(), FACTS, ranges, [(190, 310)], never) == ((100, 200),)


def test_what_was_dropped_before_the_snapshot_shows_in_rows_without_chunks() -> None:
    one = aggregate()
    # A late row has made a chunk again at 50, where retention has been.
    asked: list[Span] = []

    def before(_one: Aggregate, gap: Span) -> bool:
        asked.append(gap)
        return gap[1] <= 100

    assert unsafe(one, FACTS, {}, [(40, 60), (290, 310)], before) == ((LOWEST, 100),)
    assert asked == [(LOWEST, 100), (300, 400)]
    assert unsafe(one, FACTS, {}, [(40, 60)], never) == ()
    assert unsafe(one, FACTS, {}, [(200, 300)], always) == ()


def test_chunks_that_the_source_has_no_more() -> None:
    assert slices(FACTS, 1, FACTS.chunks) == ((100, 300), (400, 500))
    assert gone(FACTS, 1, {2, 3}, [(200, 300), (400, 500)]) == ((100, 200),)
    # Merged into another, or split: the range is still there.
    assert gone(FACTS, 1, {1, 3}, [(100, 300), (400, 500)]) == ()
    assert gone(FACTS, 9, set(), []) == ()


def test_parents_come_before_what_reads_them() -> None:
    found = in_order([aggregate(4, 3), aggregate(3, 2), aggregate(2, 1), aggregate(5, 1)])
    assert [one.id for one in found] == [2, 5, 3, 4]


def test_buckets_as_the_aggregate_cuts_them() -> None:
    from psycopg import sql

    def words(**changes: str | None) -> str:
        one = aggregate()._replace(type=TIME, width="1 mon", **changes)
        return bucket_of(one, "ts", sql.SQL("x")).as_string()

    assert words() == """"ts".time_bucket('1 mon'::interval, x)"""
    assert words(offset="1 day").endswith("x, '1 day'::interval)")
    assert words(origin="2000-01-03").endswith("x, '2000-01-03'::timestamptz)")
    assert words(timezone="UTC").endswith("x, 'UTC', NULL::timestamptz, NULL::interval)")
    number = aggregate()._replace(offset="3")
    text = bucket_of(number, "ts", sql.SQL("5")).as_string()
    assert text == """"ts".time_bucket('10'::bigint, 5, '3'::bigint)"""
