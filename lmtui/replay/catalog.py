"""TimescaleDB's catalog of the source, kept up to date from the stream.

Its tables are decoded like any other, and a chunk is written into them before the first row of it
(measured on 2.19, 2.28, 2.29 and 2.31). What has no primary key there is not named when it is
deleted: so what a chunk was is kept here, not looked for.
"""

from typing import NamedTuple

import msgspec

from lmtui.replay.change import Delete, DroppedRange, Insert, Relation, Update
from lmtui.replay.facts import (
    CatalogFacts,
    ChunkFacts,
    DimensionFacts,
    Fact,
    HypertableFacts,
    Slice,
    StorageFacts,
)
from lmtui.replay.ranges import HIGHEST, LOWEST

CATALOG = "_timescaledb_catalog"
INTERNAL = "_timescaledb_internal"

Row = dict[str, str | None]


class ChunkMade(NamedTuple):
    """A chunk is `fresh`, or has another name or hypertable than before."""

    chunk: ChunkFacts
    fresh: bool


class ChunkGone(NamedTuple):
    """A chunk is no more: it was dropped, or merged into another."""

    chunk: ChunkFacts


class HypertableMade(NamedTuple):
    """A table has become a hypertable."""

    hypertable: HypertableFacts


class HypertableGone(NamedTuple):
    """A hypertable is no more."""

    hypertable: HypertableFacts


class StorageMade(NamedTuple):
    """A chunk has got a table for its compressed rows."""

    storage: StorageFacts


News = ChunkMade | ChunkGone | HypertableMade | HypertableGone | StorageMade


class Catalog:
    """Hypertables, their chunks and the chunks' ranges."""

    def __init__(self, facts: CatalogFacts) -> None:
        self.hypertables: dict[int, HypertableFacts] = {}
        self.chunks: dict[int, ChunkFacts] = {}
        self.places: dict[Relation, int] = {}
        self.dimensions: dict[int, DimensionFacts] = {}
        # What the stream has told since this was last emptied.
        self.learned: dict[str, Fact] = {}
        self._slices: dict[int, Slice] = {}
        # Within the transaction: chunks that were given more, and slices that no chunk was given.
        self._grown: set[int] = set()
        self._loose: dict[int, Slice] = {}
        known: tuple[Fact, ...] = (*facts.hypertables, *facts.dimensions, *facts.chunks)
        for fact in known:
            self.know(fact)

    def know(self, fact: Fact) -> None:
        """Learn something from elsewhere than the stream."""
        match fact:
            case HypertableFacts():
                self.hypertables[fact.id] = fact
            case DimensionFacts():
                self.dimensions[fact.id] = fact
            case ChunkFacts(gone=True):
                self.chunks.pop(fact.id, None)
            case ChunkFacts():
                self.chunks[fact.id] = fact
                self.places[fact.schema, fact.name] = fact.id
                for one in fact.slices:
                    self._slices[one.id] = one

    def begin(self) -> None:
        """A transaction begins."""
        self._grown.clear()
        self._loose.clear()

    def holds_compressed(self, hypertable: int) -> bool:
        """Whether it holds the compressed rows of a user's hypertable."""
        return any(h.compressed == hypertable and not h.internal for h in self.hypertables.values())

    def first_dimension(self, hypertable: int) -> int:
        """The dimension of its time; 0 where none is known."""
        opened = (d for d in self.dimensions.values() if d.hypertable == hypertable)
        return min((d.id for d in opened if not d.closed), default=0)

    def is_covered(self, gone: ChunkFacts) -> bool:
        """Whether another chunk has grown over the range of `gone` in this transaction: a merge.

        wal2json does not show which chunk is given a wider slice, up to TimescaleDB 2.27.
        """
        if any(wide.contains(one) for wide in self._loose.values() for one in gone.slices):
            return True
        return any(
            chunk.hypertable == gone.hypertable
            and len(chunk.slices) == len(gone.slices)
            and all(any(wide.contains(one) for wide in chunk.slices) for one in gone.slices)
            for chunk in map(self.chunks.__getitem__, self._grown & self.chunks.keys())
            if chunk.id != gone.id
        )

    def ranges(self, gone: ChunkFacts) -> tuple[DroppedRange, ...]:
        """What `gone` held, or nothing where that is not known for all dimensions.

        Closed dimensions are left out where no other chunk is left at that time: a chunk of the
        target that is dropped whole is much cheaper than one whose rows are looked through.
        """
        ranges = []
        for one in gone.slices:
            dimension = self.dimensions.get(one.dimension)
            if dimension is None:
                return ()
            ranges.append(
                DroppedRange(
                    dimension.column,
                    None if one.start <= LOWEST else one.start,
                    None if one.end >= HIGHEST else one.end,
                    dimension.closed,
                )
            )
        count = sum(d.hypertable == gone.hypertable for d in self.dimensions.values())
        if len(ranges) != count:
            return ()
        if any(one.closed for one in ranges) and not self._has_neighbour(gone):
            ranges = [one for one in ranges if not one.closed]
        return tuple(ranges)

    def read(self, change: Insert | Update | Delete) -> News | None:
        """Read a change of the catalog; says what of it matters to the routes."""
        table = change.relation[1]
        if table == "chunk":
            return self._read_chunk(change)
        if table == "hypertable":
            return self._read_hypertable(change)
        if isinstance(change, Delete):
            return None
        row = dict(zip(change.names, change.values, strict=True))
        if table == "dimension_slice":
            found = Slice(
                _int(row, "id"), _int(row, "dimension_id"),
                _int(row, "range_start"), _int(row, "range_end"),
            )  # fmt: skip
            self._slices[found.id] = self._loose[found.id] = found
            self._give(_int(row, "chunk_id"), found)
        elif table == "chunk_constraint" and row.get("dimension_slice_id"):
            given = self._slices.get(_int(row, "dimension_slice_id"))
            if given is not None:
                self._give(_int(row, "chunk_id"), given)
        elif table == "dimension":
            dimension = DimensionFacts(
                id=_int(row, "id"),
                hypertable=_int(row, "hypertable_id"),
                column=row["column_name"] or "",
                closed=row["num_slices"] is not None,
                data_type=row.get("column_type") or "",
            )
            self.dimensions[dimension.id] = dimension
            self.learned[f"dimension {dimension.id}"] = dimension
        elif table == "compression_settings" and row.get("compress_relid"):
            chunk, compressed = (
                split_qualified(row["relid"]),
                split_qualified(row["compress_relid"]),
            )
            if chunk and compressed:
                storage = StorageFacts(chunk=chunk, compressed=compressed)
                self.learned[f"storage {'.'.join(compressed)}"] = storage
                return StorageMade(storage)
        return None

    def _read_chunk(self, change: Insert | Update | Delete) -> News | None:
        if isinstance(change, Delete):
            row = dict(zip(change.key_names, change.key_values, strict=True))
        else:
            row = dict(zip(change.names, change.values, strict=True))
        known = self.chunks.get(_int(row, "id"))
        if isinstance(change, Delete) or row.get("dropped") == "t":
            if known is None:
                return None
            del self.chunks[known.id]
            self.learned[f"chunk {known.id}"] = msgspec.structs.replace(known, gone=True)
            return ChunkGone(known)
        if "relid" in row:
            place = split_qualified(row["relid"])
        else:
            place = (row["schema_name"] or "", row["table_name"] or "")
        if place is None:
            return None
        chunk = ChunkFacts(
            id=_int(row, "id"),
            schema=place[0],
            name=place[1],
            hypertable=_int(row, "hypertable_id"),
            slices=known.slices if known is not None else (),
        )
        if chunk == known:
            return None
        self._keep(chunk)
        return ChunkMade(chunk, known is None)

    def _read_hypertable(self, change: Insert | Update | Delete) -> News | None:
        if isinstance(change, Delete):
            row = dict(zip(change.key_names, change.key_values, strict=True))
            gone = self.hypertables.pop(_int(row, "id"), None)
            return HypertableGone(gone) if gone is not None else None
        row = dict(zip(change.names, change.values, strict=True))
        hypertable = HypertableFacts(
            id=_int(row, "id"),
            schema=row["schema_name"] or "",
            name=row["table_name"] or "",
            internal=row["schema_name"] == INTERNAL,
            compressed=_int(row, "compressed_hypertable_id"),
        )
        self.hypertables[hypertable.id] = hypertable
        self.learned[f"hypertable {hypertable.id}"] = hypertable
        return HypertableMade(hypertable) if isinstance(change, Insert) else None

    def _give(self, number: int, given: Slice) -> None:
        """A chunk has this slice now, in the place of what it had in that dimension."""
        chunk = self.chunks.get(number)
        if chunk is None:
            return
        self._loose.pop(given.id, None)
        if given in chunk.slices:
            return
        others = tuple(one for one in chunk.slices if one.dimension != given.dimension)
        if len(others) < len(chunk.slices):
            self._grown.add(number)
        self._keep(msgspec.structs.replace(chunk, slices=(*others, given)))

    def _keep(self, chunk: ChunkFacts) -> None:
        self.chunks[chunk.id] = self.learned[f"chunk {chunk.id}"] = chunk
        self.places[chunk.schema, chunk.name] = chunk.id

    def _has_neighbour(self, gone: ChunkFacts) -> bool:
        """Whether a chunk is left that meets the open ranges of `gone`."""
        opened = [
            one for one in gone.slices
            if (found := self.dimensions.get(one.dimension)) is not None and not found.closed
        ]  # fmt: skip
        return any(
            chunk.hypertable == gone.hypertable
            and chunk.id != gone.id
            and all(any(other.meets(one) for other in chunk.slices) for one in opened)
            for chunk in self.chunks.values()
        )


def _int(row: Row, name: str) -> int:
    return int(row.get(name) or 0)


def split_qualified(text: str | None) -> Relation | None:
    """Split schema.name as a regclass prints it, with quotes where they are needed.

    None for the number that it prints where the relation is gone already.
    """
    if not text or text.isdigit():
        return None
    parts: list[str] = []
    part, quoted, position = "", False, 0
    while position < len(text):
        letter = text[position]
        if letter == '"':
            if quoted and text[position + 1 : position + 2] == '"':
                part += '"'
                position += 1
            else:
                quoted = not quoted
        elif letter == "." and not quoted:
            parts.append(part)
            part = ""
        else:
            part += letter
        position += 1
    parts.append(part)
    return (parts[-2], parts[-1]) if len(parts) > 1 else None
