"""Which time of each hypertable replay has changed, and what it has kept of dropped chunks.

Taken from the ranges of chunks, once for each run of rows of one chunk: never from the rows.
"""

from msgspec.structs import replace

from lmtui.replay.catalog import Catalog
from lmtui.replay.change import DroppedRange, Relation
from lmtui.replay.facts import ChunkFacts, RangesFacts
from lmtui.replay.ranges import HIGHEST, LOWEST, Span, add_span, merged


class Touched:
    """Writes what it learns into the catalog's `learned`, to be kept with the rows themselves."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.ranges: dict[int, RangesFacts] = {}

    def know(self, fact: RangesFacts) -> None:
        """What an earlier run has kept."""
        self.ranges[fact.hypertable] = fact

    def touch(self, relation: Relation) -> None:
        """Rows of this chunk are written."""
        chunk = self._catalog.chunks.get(self._catalog.places.get(relation, 0))
        if chunk is None:
            return
        span, known = self._span(chunk), self._of(chunk.hypertable)
        if span is None or known is None:
            return
        touched = add_span(known.touched, span)
        if touched is not known.touched:
            self._keep(replace(known, touched=touched))

    def drop(self, chunk: ChunkFacts) -> None:
        """A chunk was dropped on both sides."""
        span, known = self._span(chunk), self._of(chunk.hypertable)
        if span is not None and known is not None:
            self._keep(replace(known, dropped=merged((*known.dropped, span))))

    def keep(self, hypertable: int, ranges: tuple[DroppedRange, ...]) -> None:
        """A chunk with these ranges was dropped on the source only."""
        known = self._of(hypertable)
        if known is not None and ranges not in known.kept:
            self._keep(replace(known, kept=_joined((*known.kept, ranges))))

    def empty(self, relation: Relation) -> None:
        """The hypertable was truncated on both sides: all is dropped, and nothing kept."""
        for number, found in self._catalog.hypertables.items():
            fact = self._of(number)
            if (found.schema, found.name) == relation and fact is not None:
                self._keep(replace(fact, kept=(), dropped=((LOWEST, HIGHEST),)))

    def _span(self, chunk: ChunkFacts) -> Span | None:
        first = self._catalog.first_dimension(chunk.hypertable)
        return next(((one.start, one.end) for one in chunk.slices if one.dimension == first), None)

    def _of(self, hypertable: int) -> RangesFacts | None:
        known = self.ranges.get(hypertable)
        found = self._catalog.hypertables.get(hypertable)
        if known is None and found is not None:
            first = self._catalog.dimensions.get(self._catalog.first_dimension(hypertable))
            known = RangesFacts(
                hypertable=hypertable, schema=found.schema, name=found.name,
                data_type=first.data_type if first else "",
            )  # fmt: skip
        return known

    def _keep(self, fact: RangesFacts) -> None:
        self.ranges[fact.hypertable] = fact
        self._catalog.learned[f"ranges {fact.hypertable}"] = fact


def _joined(
    kept: tuple[tuple[DroppedRange, ...], ...],
) -> tuple[tuple[DroppedRange, ...], ...]:
    """The same, with ranges of the time alone made one where they meet."""
    alone = [ranges[0] for ranges in kept if len(ranges) == 1 and not ranges[0].closed]
    if not alone:
        return kept
    spans = merged(
        (
            LOWEST if one.start is None else one.start,
            HIGHEST if one.end is None else one.end,
        )
        for one in alone
    )
    joined = tuple(
        (
            alone[0]._replace(
                start=None if start == LOWEST else start, end=None if end == HIGHEST else end
            ),
        )
        for start, end in spans
    )
    return (*joined, *(one for one in kept if len(one) > 1 or one[0].closed))
