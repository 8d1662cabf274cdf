"""What the source's catalog says at the snapshot, as far as replay needs it."""

from typing import Any

import msgspec

from lmtui.database import Connection, run
from lmtui.replay.change import DroppedRange, Relation
from lmtui.replay.ranges import HIGHEST, LOWEST, Span, spans_text
from lmtui.workdir import WorkDirectory, write_atomically


class TableFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the source. `identity` names the columns of its replica identity.

    `full` is REPLICA IDENTITY FULL: the whole old row is the key.
    """

    schema: str
    name: str
    identity: tuple[str, ...] = ()
    full: bool = False


class HypertableFacts(msgspec.Struct, frozen=True, kw_only=True, tag="hypertable"):
    """A hypertable. `internal` ones hold compressed rows or materializations.

    `compressed` is the id of the one that holds its compressed rows, or 0.
    """

    id: int
    schema: str
    name: str
    internal: bool
    compressed: int = 0


class DimensionFacts(msgspec.Struct, frozen=True, kw_only=True, tag="dimension"):
    """A dimension of a hypertable. A `closed` one cuts a hash of the column's value.

    `data_type` is the column's, as PostgreSQL writes it.
    """

    id: int
    hypertable: int
    column: str
    closed: bool
    data_type: str = ""


class Slice(msgspec.Struct, frozen=True, array_like=True):
    """A range of a dimension, in TimescaleDB's numbers: microseconds since 1970, or the integer.

    `start` belongs to it, `end` does not. `id` is that of TimescaleDB's catalog.
    """

    id: int
    dimension: int
    start: int
    end: int

    def contains(self, other: "Slice") -> bool:
        """Whether all of `other` is in it."""
        return (
            self.dimension == other.dimension
            and self.start <= other.start
            and other.end <= self.end
        )

    def meets(self, other: "Slice") -> bool:
        """Whether a part of `other` is in it."""
        return (
            self.dimension == other.dimension and self.start < other.end and other.start < self.end
        )


class ChunkFacts(msgspec.Struct, frozen=True, kw_only=True, tag="chunk"):
    """A chunk: `id` in TimescaleDB's catalog, its table, its hypertable's id, and its ranges.

    `gone` where it was dropped since, or merged into another.
    """

    id: int
    schema: str
    name: str
    hypertable: int
    slices: tuple[Slice, ...] = ()
    gone: bool = False


class StorageFacts(msgspec.Struct, frozen=True, kw_only=True, tag="storage"):
    """A chunk's table and the table that holds its compressed rows."""

    chunk: Relation
    compressed: Relation


class RangesFacts(msgspec.Struct, frozen=True, kw_only=True, tag="ranges"):
    """What became of a hypertable's time since the snapshot.

    `touched` is of its first open dimension, whose column is of `data_type`: where rows were
    written, by the ranges of their chunks. `dropped` is of it too: chunks that are gone on both
    sides. `kept` is what chunks held that were dropped on the source only; each is a range of
    every dimension.
    """

    hypertable: int
    schema: str
    name: str
    data_type: str = ""
    touched: tuple[Span, ...] = ()
    dropped: tuple[Span, ...] = ()
    kept: tuple[tuple[DroppedRange, ...], ...] = ()


def kept_text(fact: RangesFacts) -> str:
    """In words what was kept of dropped chunks."""
    return ", ".join(
        " and ".join(
            f"hash of {one.column} {one.start or 0} to {one.end or 'the end'}"
            if one.closed
            else spans_text(
                (
                    (
                        LOWEST if one.start is None else one.start,
                        HIGHEST if one.end is None else one.end,
                    ),
                ),
                fact.data_type,
            )
            for one in ranges
        )
        for ranges in fact.kept
    )


Fact = HypertableFacts | DimensionFacts | ChunkFacts | StorageFacts | RangesFacts


class CatalogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The source at the snapshot. `ignored` are no data.

    `shared_slices` up to TimescaleDB 2.27: chunks of one time have one slice there.
    """

    tables: tuple[TableFacts, ...] = ()
    hypertables: tuple[HypertableFacts, ...] = ()
    dimensions: tuple[DimensionFacts, ...] = ()
    chunks: tuple[ChunkFacts, ...] = ()
    storage: tuple[StorageFacts, ...] = ()
    ignored: tuple[Relation, ...] = ()
    shared_slices: bool = True

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.catalog, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "CatalogFacts":
        """Read it back."""
        return msgspec.json.decode(directory.catalog.read_bytes(), type=cls)


def read_facts(connection: Connection) -> CatalogFacts:
    """Read the facts; call it inside the exported snapshot."""
    facts = CatalogFacts(
        tables=tuple(
            TableFacts(schema=schema, name=name, identity=tuple(identity), full=full)
            for schema, name, identity, full in run(connection, "replay_tables")
        ),
        ignored=tuple((schema, name) for schema, name in run(connection, "replay_ignored")),
    )
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return facts
    shared = bool(run(connection, "replay_has_slice_chunks")[0][0])
    slices = _slices_of_chunks(connection, shared=shared)
    return msgspec.structs.replace(
        facts,
        hypertables=tuple(
            HypertableFacts(
                id=id_, schema=schema, name=name, internal=internal, compressed=compressed
            )
            for id_, schema, name, internal, compressed in run(connection, "replay_hypertables")
        ),
        dimensions=tuple(
            DimensionFacts(
                id=id_, hypertable=hypertable, column=column, closed=closed, data_type=type_
            )
            for id_, hypertable, column, closed, type_ in run(connection, "replay_dimensions")
        ),
        chunks=tuple(
            ChunkFacts(
                id=id_,
                schema=schema,
                name=name,
                hypertable=hypertable,
                slices=tuple(slices.get(id_, ())),
            )
            for id_, schema, name, hypertable in run(connection, "replay_chunks")
        ),
        storage=tuple(_storage(connection)),
        shared_slices=shared,
    )


def _storage(connection: Connection) -> list[StorageFacts]:
    if not run(connection, "replay_has_storage")[0][0]:
        return []
    rows: list[Any] = run(connection, "replay_storage")
    return [StorageFacts(chunk=(row[0], row[1]), compressed=(row[2], row[3])) for row in rows]


def _slices_of_chunks(connection: Connection, *, shared: bool) -> dict[int, list[Slice]]:
    of_chunks: dict[int, list[Slice]] = {}
    slices: dict[int, Slice] = {}
    for id_, chunk, dimension, start, end in run(connection, "replay_slices"):
        slices[id_] = Slice(id_, dimension, start, end)
        if chunk:
            of_chunks.setdefault(chunk, []).append(slices[id_])
    if shared:
        for chunk, id_ in run(connection, "replay_slice_chunks"):
            of_chunks.setdefault(chunk, []).append(slices[id_])
    return of_chunks
