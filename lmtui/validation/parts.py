"""A relation in parts that are compared each by itself: ranges of time, partitions. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from psycopg import sql as compose

# Each part is a statement on both servers: the chunks of very many are taken together.
MOST_PARTS = 400
# A partition is not taken together with another: of very many, the root is read instead.
MOST_LEAVES = 4000

Name = tuple[str, str]
# Partitions that can be read each by itself, with their bounds as SQL tells them.
Leaves = frozenset[tuple[Name, str]]


class Chunk(NamedTuple):
    """A chunk and its range in the first dimension, as text and as numbers."""

    hypertable: Name
    name: Name
    column: str
    type: str
    start: str
    end: str
    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, row: Sequence[str]) -> "Chunk":
        """From a row of the query validate_chunks."""
        schema, table, chunk_schema, chunk, column, type_, start, end, low, high = row
        return cls(
            (schema, table), (chunk_schema, chunk), column, type_, start, end, Decimal(low),
            Decimal(high),
        )  # fmt: skip


class Part(NamedTuple):
    """A part of a relation: its range in words, its condition, and its tables on each side.

    Where it is a partition, `leaf` is read, and not the relation with a condition.
    """

    label: str
    where: compose.Composable
    source: tuple[Name, ...]
    target: tuple[Name, ...]
    leaf: Name | None = None


def whole(source: Iterable[Name], target: Iterable[Name]) -> Part:
    """A relation in one part."""
    return Part("", compose.SQL(""), tuple(source), tuple(target))


def leaves(source: Leaves, target: Leaves) -> list[Part]:
    """The partitions of a table, with the same names and bounds on both sides; else nothing."""
    if source != target or not 1 < len(source) <= MOST_LEAVES:
        return []
    return [
        Part(".".join(name), compose.SQL(""), (name,), (name,), leaf=name)
        for name, _ in sorted(source)
    ]


def ranges(source: Sequence[Chunk], target: Sequence[Chunk]) -> list[Part]:
    """The parts of a hypertable, so that no chunk of either side is in two of them.

    Empty where there is no chunk, or the sides do not cut by the same column.
    """
    every = [*source, *target]
    if len({(chunk.column, chunk.type) for chunk in every}) != 1:
        return []
    theirs = set(map(id, target))
    groups: list[list[Chunk]] = []
    for chunk in sorted(every, key=lambda one: (one.low, one.high)):
        if groups and chunk.low < max(one.high for one in groups[-1]):
            groups[-1].append(chunk)
        else:
            groups.append([chunk])
    size = -(-len(groups) // MOST_PARTS)
    joined = [list(chain(*groups[at : at + size])) for at in range(0, len(groups), size)]
    ends = [max(group, key=lambda one: one.high).end for group in joined]
    lows, highs = [None, *ends[:-1]], [*ends[:-1], None]
    return [_part(*one, theirs) for one in zip(joined, lows, highs, strict=True)]


def _part(group: list[Chunk], low: str | None, high: str | None, theirs: set[int]) -> Part:
    """The first has no lower bound, the last no upper one, and none begins where it must not end.

    So no value is left out, also none that a server would not take in a condition.
    """
    first = min(group, key=lambda one: one.low)
    last = max(group, key=lambda one: one.high)
    column, type_ = compose.Identifier(first.column), compose.SQL(first.type)
    where: compose.Composable = compose.SQL("")
    bounds = [(compose.SQL(">="), low), (compose.SQL("<"), high)]
    for word, (sign, bound) in zip(
        (" where", " and"), [one for one in bounds if one[1] is not None], strict=False
    ):
        condition = compose.SQL(" {} {} {}::{}")
        where += compose.SQL(word) + condition.format(column, sign, compose.Literal(bound), type_)
    return Part(
        f"{first.start} to {last.end}",
        where,
        tuple(chunk.name for chunk in group if id(chunk) not in theirs),
        tuple(chunk.name for chunk in group if id(chunk) in theirs),
    )
