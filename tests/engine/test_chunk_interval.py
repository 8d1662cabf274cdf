"""How much of a table one chunk should hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.hypertables.interval import INTERVALS, LARGEST, suggested

HOUR, DAY = 3600.0, 86400.0
GIGABYTE = 2**30
STAMP = "timestamp with time zone"


def even(span: float, parts: int = 100, start: float = 1.7e9) -> tuple[float, ...]:
    """Bounds of rows that are spread evenly over so many seconds."""
    return tuple(start + span * n / parts for n in range(parts + 1))


@pytest.mark.parametrize(
    ("span", "size", "interval"),
    [
        (DAY, 24 * GIGABYTE, "1 hour"),
        (DAY, 2 * GIGABYTE, "6 hours"),
        (30 * DAY, 15 * GIGABYTE, "1 day"),
        (365 * DAY, 26 * GIGABYTE, "7 days"),
        (365 * DAY, 6 * GIGABYTE, "30 days"),
        (365 * DAY, 2 * GIGABYTE, "90 days"),
        # Beyond what there is, it is taken to go on as it did.
        (90 * DAY, GIGABYTE // 8, "365 days"),
        (HOUR, 64 * 2**20, "6 hours"),
    ],
)
def test_a_busy_chunk_has_about_half_a_gigabyte(span: float, size: int, interval: str) -> None:
    assert suggested(STAMP, size, even(span)) == interval


def test_the_busiest_time_decides() -> None:
    quiet = even(900 * DAY, 50)
    busy = even(10 * DAY, 50, start=quiet[-1])
    assert suggested(STAMP, 10 * GIGABYTE, (*quiet, *busy[1:])) == "1 day"
    assert suggested(STAMP, 10 * GIGABYTE, even(910 * DAY)) == "30 days"


@pytest.mark.parametrize("bounds", [(), (1.7e9,), (1.7e9, 1.7e9), (float("-inf"), 1.7e9)])
def test_seven_days_where_nothing_is_known(bounds: tuple[float, ...]) -> None:
    assert suggested(STAMP, 10 * GIGABYTE, bounds) == "7 days"
    assert suggested(STAMP, 0, even(DAY)) == "7 days"
    assert suggested("bigint", 10 * GIGABYTE, bounds) == "1000000"
    assert suggested("smallint", 10 * GIGABYTE, bounds) == "10000"


def test_dates_are_divided_by_whole_days() -> None:
    assert suggested("date", 100 * GIGABYTE, even(DAY)) == "1 day"


def test_numbers_are_round() -> None:
    assert suggested("bigint", 50 * GIGABYTE, even(1e9, start=0)) == "10000000"
    assert suggested("integer", 2 * GIGABYTE, even(1e6, start=0)) == "100000"


@given(
    st.lists(st.floats(), max_size=101).map(sorted),
    st.integers(0, 2**62),
    st.sampled_from(["smallint", "integer", "bigint", "date", STAMP]),
)
def test_it_is_always_one_that_the_column_takes(bounds: list[float], size: int, type_: str) -> None:
    interval = suggested(type_, size, tuple(bounds))
    if type_ in LARGEST:
        assert 1 <= int(interval) <= LARGEST[type_]
    else:
        assert interval in dict(INTERVALS)
