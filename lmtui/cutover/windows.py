"""Which time of a continuous aggregate has to be refreshed on the target, and which must not. Pure.

A refresh makes an aggregate's rows anew from what it reads. Where that was dropped, by retention or
by hand, a refresh deletes rows that nothing can bring back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from lmtui.replay.facts import CatalogFacts, ChunkFacts, RangesFacts
from lmtui.replay.ranges import HIGHEST, LOWEST, Span, merged, within, without
from lmtui.validation.aggregates import Aggregate
from lmtui.workdir import WorkDirectory, write_atomically


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """What of an aggregate is refreshed, and what must be left as it was copied."""

    pieces: tuple[Span, ...] = ()
    left_out: tuple[Span, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The refreshes of a cutover, by the aggregate's id on the source.

    `drain` is the marker that its drain was proven by. `never` are ranges where the aggregate had
    no rows before the first cutover refreshed it, and thus never had any.
    """

    drain: str = ""
    of: dict[int, Refresh] = {}
    never: dict[int, tuple[Span, ...]] = {}

    def save(self, directory: WorkDirectory) -> None:
        """Keep it: after a crash in the middle the same is done again."""
        write_atomically(directory.refreshes, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "Plan | None":
        """What was kept, if anything."""
        if not directory.refreshes.exists():
            return None
        return msgspec.json.decode(directory.refreshes.read_bytes(), type=cls)


# Asks whether the aggregate has rows in a range, on the target, as they were at the snapshot.
HasRows = Callable[[Aggregate, Span], bool]


class AskedOnce:
    """Asks whether there are rows, but not again where there were none before any refresh."""

    def __init__(self, has_rows: HasRows, never: tuple[Span, ...]) -> None:
        self._has_rows = has_rows
        self.never = never

    def __call__(self, one: Aggregate, gap: Span) -> bool:
        """As HasRows."""
        if gap in self.never:
            return False
        found = self._has_rows(one, gap)
        if not found:
            self.never = (*self.never, gap)
        return found


def slices(facts: CatalogFacts, hypertable: int, chosen: Iterable[ChunkFacts]) -> tuple[Span, ...]:
    """The ranges of chunks in their hypertable's time."""
    opened = [d.id for d in facts.dimensions if d.hypertable == hypertable and not d.closed]
    first = min(opened, default=0)
    return merged(
        (one.start, one.end)
        for chunk in chosen
        for one in chunk.slices
        if chunk.hypertable == hypertable and one.dimension == first
    )


def gone(
    facts: CatalogFacts, hypertable: int, now: Collection[int], there: Iterable[Span]
) -> tuple[Span, ...]:
    """What chunks held at the snapshot that the source has no more.

    `now` are the ids of the source's chunks, `there` the ranges that they have.
    """
    lost = [one for one in facts.chunks if one.hypertable == hypertable and one.id not in now]
    return without(slices(facts, hypertable, lost), there)


def windows(
    one: Aggregate, source: Aggregate, touched: Iterable[Span], first_row: int | None
) -> tuple[Span, ...]:
    """What has to be refreshed: what was touched, and what the source has materialized since.

    `first_row` is where the source's rows begin. Widened by a bucket on both sides, since a refresh
    leaves out buckets that a window holds in part; nothing behind the source's watermark.
    """
    if source.watermark is None or first_row is None:
        return ()
    wanted = list(touched)
    since = max(first_row, one.watermark if one.watermark is not None else LOWEST)
    if since < source.watermark:
        wanted.append((since, source.watermark))
    wide = [
        (max(LOWEST, start - one.bucket), min(HIGHEST, end + one.bucket)) for start, end in wanted
    ]
    return within(wide, [(LOWEST, source.watermark)])


def unsafe(
    one: Aggregate, facts: CatalogFacts, ranges: Mapping[int, RangesFacts],
    wanted: Iterable[Span], has_rows: HasRows,
) -> tuple[Span, ...]:  # fmt: skip
    """Where what the aggregate reads is no more, or was no more at the snapshot.

    The first is known from the replay. The second shows in rows of the aggregate where no chunk
    was at the snapshot: a range between chunks that has none never held anything.
    """
    known = ranges.get(one.raw)
    holes = list(known.dropped) if known is not None else []
    chunks = slices(facts, one.raw, facts.chunks)
    for gap in without([(LOWEST, HIGHEST)], chunks):
        if within(wanted, [gap]) and has_rows(one, gap):
            holes.append(gap)
    return merged(holes)
