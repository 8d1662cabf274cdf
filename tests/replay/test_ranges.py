"""Ranges of time: kept sorted and apart, few, and never less than what was touched."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lmtui.replay.ranges import (
    HIGHEST,
    LOWEST,
    Span,
    add_span,
    merged,
    moment_text,
    spans_text,
    within,
    without,
)

DAY = 86_400_000_000
BORDERS = st.integers(0, 40)
SPANS = st.tuples(BORDERS, BORDERS).filter(lambda pair: pair[0] < pair[1])
MANY = st.lists(SPANS, max_size=12)


def points(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def apart(spans: tuple[Span, ...]) -> bool:
    return all(one[1] < other[0] for one, other in pairwise(spans))


@given(MANY)
def test_adding_is_a_union(spans: list[Span]) -> None:
    known: tuple[Span, ...] = ()
    for span in spans:
        known = add_span(known, span)
        assert apart(known)
        assert add_span(known, span) is known
    assert points(known) == points(spans)


@given(MANY, st.integers(1, 3))
def test_few_hold_at_least_all(spans: list[Span], most: int) -> None:
    known: tuple[Span, ...] = ()
    for span in spans:
        known = add_span(known, span, most)
    assert len(known) <= most
    assert apart(known)
    assert points(known) >= points(spans)


@given(MANY, MANY)
def test_without_and_within_are_sets(spans: list[Span], others: list[Span]) -> None:
    assert points(without(spans, others)) == points(spans) - points(others)
    assert points(within(spans, others)) == points(spans) & points(others)
    assert apart(without(spans, others))
    assert apart(merged(spans))


def test_words() -> None:
    kind = "timestamp with time zone"
    assert spans_text((), kind) == "nothing"
    assert spans_text(((0, DAY),), kind) == "1970-01-01 to 1970-01-02"
    assert spans_text(((0, 5), (7, 9)), "integer") == "0 to 9 in 2 ranges"
    assert moment_text(DAY // 2 + 1, kind) == "1970-01-01 12:00:00.000001"
    assert spans_text(((LOWEST, HIGHEST),), "date") == "the beginning to the end"
    assert moment_text(2**62, kind) == str(2**62)
