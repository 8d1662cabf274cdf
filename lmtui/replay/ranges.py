"""Ranges of a hypertable's time: which of it replay has touched, and which was kept. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[int, int]

# More than these are merged over their smallest gaps: what is remembered stays small.
MOST_SPANS = 200

# The ends of the outermost slices (TimescaleDB's DIMENSION_SLICE_MINVALUE and _MAXVALUE).
LOWEST, HIGHEST = -(2**63), 2**63 - 1

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (what has a zone is in UTC)


def add_span(spans: Sequence[Span], span: Span, most: int = MOST_SPANS) -> tuple[Span, ...]:
    """`spans`, sorted and apart, with one more; the same object where it is in them already.

    A span's start belongs to it, its end does not.
    """
    at = bisect_left(spans, (span[0], HIGHEST + 1))
    if at and spans[at - 1][1] >= span[1]:
        return spans if isinstance(spans, tuple) else tuple(spans)
    return bounded(merged([*spans, span]), most)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same ranges, sorted, with those that meet made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif start < end:
            result.append((start, end))
    return tuple(result)


def bounded(spans: Sequence[Span], most: int) -> tuple[Span, ...]:
    """At most so many spans: the smallest gaps are taken in."""
    left = list(spans)
    while len(left) > most:
        at = min(range(1, len(left)), key=lambda number: left[number][0] - left[number - 1][1])
        left[at - 1 : at + 1] = [(left[at - 1][0], left[at][1])]
    return tuple(left)


def without(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """What of `spans` lies outside of `holes`."""
    left = list(merged(spans))
    for low, high in holes:
        left = [
            piece
            for start, end in left
            for piece in ((start, min(end, low)), (max(start, high), end))
            if piece[0] < piece[1]
        ]
    return merged(left)


def within(spans: Iterable[Span], limits: Iterable[Span]) -> tuple[Span, ...]:
    """What of `spans` lies inside of `limits`."""
    inside = merged(limits)
    return merged(
        (max(start, low), min(end, high))
        for start, end in spans
        for low, high in inside
        if max(start, low) < min(end, high)
    )


def moment_text(at: int, kind: str) -> str:
    """A border as a reader knows it. `kind` is the column's type; others are shown as numbers."""
    if at <= LOWEST or at >= HIGHEST:
        return "the beginning" if at <= LOWEST else "the end"
    if kind == "date" or kind.startswith("timestamp"):
        try:
            moment = _EPOCH + timedelta(microseconds=at)
        except OverflowError:
            return str(at)
        midnight = not (moment.hour or moment.minute or moment.second or moment.microsecond)
        return f"{moment:%Y-%m-%d}" if midnight else moment.isoformat(sep=" ")
    return str(at)


def spans_text(spans: Sequence[Span], kind: str) -> str:
    """From where to where, and in how many pieces."""
    if not spans:
        return "nothing"
    said = f"{moment_text(spans[0][0], kind)} to {moment_text(spans[-1][1], kind)}"
    return said if len(spans) == 1 else f"{said} in {len(spans)} ranges"
