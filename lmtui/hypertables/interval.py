"""How much of a table one chunk should hold. Pure."""

import math
from bisect import bisect_right

DEFAULT = "7 days"
# In seconds. Months are left out: they are not all of one length.
INTERVALS = (
    ("1 hour", 3600.0),
    ("6 hours", 6 * 3600.0),
    ("1 day", 86400.0),
    ("7 days", 7 * 86400.0),
    ("30 days", 30 * 86400.0),
    ("90 days", 90 * 86400.0),
    ("365 days", 365 * 86400.0),
)
DAY_SECONDS = 86400.0
# The size of the busiest chunk that is aimed at: between a quarter of a gigabyte and a whole one.
_CHUNK_BYTES = 512 * 2**20
# The largest of each type, and so the largest interval.
LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_DEFAULT_INTEGER = {"smallint": 10_000, "integer": 1_000_000, "bigint": 1_000_000}


def suggested(type_: str, size: int, bounds: tuple[float, ...]) -> str:
    """The interval by which the busiest chunk is nearest to half a gigabyte.

    `bounds` divide the rows into parts of the same size. A default where they tell nothing.
    """
    finite = [bound for bound in bounds if math.isfinite(bound)]
    known = len(finite) > 1 and finite[-1] > finite[0] and size > 0
    if type_ in LARGEST:
        return str(_integer(type_, size, finite) if known else _DEFAULT_INTEGER[type_])
    if not known:
        return DEFAULT
    choices = [one for one in INTERVALS if type_ != "date" or one[1] >= DAY_SECONDS]
    return min(choices, key=lambda one: _distance(_busiest(finite, one[1]) * size))[0]


def _distance(size: float) -> float:
    return abs(math.log(max(size, 1.0) / _CHUNK_BYTES))


def _integer(type_: str, size: int, bounds: list[float]) -> int:
    """The power of ten by which the busiest chunk is nearest to that."""
    largest = LARGEST[type_]
    powers = [int(10**n) for n in range(1, 19) if 10**n <= largest]
    return min(powers, key=lambda one: _distance(_busiest(bounds, float(one)) * size))


def _busiest(bounds: list[float], width: float) -> float:
    """The largest part of the rows that lies in so wide a range; it grows on beyond the bounds."""
    span, parts = bounds[-1] - bounds[0], len(bounds) - 1
    if width >= span:
        return width / span
    most = 0.0
    for start, bound in enumerate(bounds[:-1]):
        end = bound + width
        last = bisect_right(bounds, end) - 1
        whole = last - start
        if last < parts:
            step = bounds[last + 1] - bounds[last]
            rest = (end - bounds[last]) / step if step else 0.0
        else:
            rest = 0.0
        most = max(most, whole + rest)
    return most / parts
