"""Which table of the target a change of the stream belongs to, and which changes are no data.

Rows of chunks go to their hypertable, where the target makes its own chunks. What only moves rows
between a chunk and its compressed form is no data. What changes rows without naming them, or moves
them without saying so, stops the replay: it can be neither applied nor passed over.
"""

from collections.abc import Iterable

from lmtui.errors import LmtuiError
from lmtui.replay.catalog import (
    CATALOG,
    INTERNAL,
    Catalog,
    ChunkGone,
    ChunkMade,
    HypertableGone,
    HypertableMade,
    News,
    StorageMade,
)
from lmtui.replay.change import (
    Change,
    Delete,
    DropChunks,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
)
from lmtui.replay.facts import CatalogFacts, ChunkFacts, Fact, StorageFacts

_NOT_DATA = frozenset(
    {CATALOG, "_timescaledb_config", "_timescaledb_cache", "_timescaledb_debug", "lmtui"}
)
# Transactional messages around storage movement (measured on 2.19.3, 2.28.3 and 2.29.2); their
# bodies are empty. They come nested: a full recompression holds a decompression.
_STARTS = frozenset({"::timescaledb-compression-start", "::timescaledb-decompression-start"})
_ENDS = frozenset({"::timescaledb-compression-end", "::timescaledb-decompression-end"})
_DECOMPRESSION_START = "::timescaledb-decompression-start"
_DECOMPRESSION_END = "::timescaledb-decompression-end"


class UnknownChunkError(LmtuiError):
    """A chunk was changed that the catalog has not named."""


class HiddenChangeError(LmtuiError):
    """The source changed rows in a way that its stream does not show row by row."""


class Router:
    """Maps the changes of one stream; call `route` with every change, in order.

    `mirror_drops` gives what chunks held that were dropped. `shows_keyless` says whether updates
    of tables without a key are in the stream: without them, up to TimescaleDB 2.27, a merge of
    chunks that share their time with others looks like a drop, and is left to be looked at.
    What is in `dropped` after a call comes before the change that the call returned.
    """

    def __init__(
        self, facts: CatalogFacts, *, mirror_drops: bool = True, shows_keyless: bool = True
    ) -> None:
        self._mirror = mirror_drops
        self._shows_merges = shows_keyless or not facts.shared_slices
        self._catalog = Catalog(facts)
        self._copied = facts.copied
        self._copied_chunks = {(chunk.schema, chunk.name) for chunk in facts.chunks}
        self._while_copied = False
        # Whether nothing was routed one by one since the transaction began.
        self._calm = True
        self._routes: dict[Relation, Relation | None] = dict.fromkeys(facts.ignored)
        self._unknown: set[Relation] = set()
        # Tables of compressed rows, by what the error names: the chunk or the table itself.
        self._storage: dict[Relation, Relation] = {}
        self._begun_movements = 0
        self._batch_deleted: Relation | None = None
        self._gone: dict[Relation, list[ChunkFacts]] = {}
        self._truncated: set[Relation] = set()
        self._converted: set[Relation] = set()
        self._not_mirrored: list[str] = []
        self.dropped: list[DropChunks] = []
        for chunk in facts.chunks:
            self._learn(chunk)
        for storage in facts.storage:
            self._learn_storage(storage)

    @property
    def learned(self) -> dict[str, Fact]:
        """What the stream has told of the catalog since this was last emptied, by its key."""
        return self._catalog.learned

    def know(self, facts: Iterable[Fact]) -> None:
        """Learn what an earlier run of the replay saw in the stream."""
        known = list(facts)
        for fact in known:
            self._catalog.know(fact)
        for fact in known:
            if isinstance(fact, ChunkFacts):
                self._learn(fact)
            elif isinstance(fact, StorageFacts):
                self._learn_storage(fact)

    def begin(self, lsn: int) -> None:
        """A transaction begins, at `lsn`: what was moving in the one before has ended with it."""
        self._while_copied = lsn < self._copied
        if self._calm:
            return
        self._calm = True
        self._begun_movements = 0
        self._batch_deleted = None
        self._catalog.begin()
        self._gone.clear()
        self._truncated.clear()
        self._converted.clear()
        self._not_mirrored.clear()

    def end(self) -> list[str]:
        """The transaction ends: the chunks that it dropped and that are not in `dropped`."""
        if self._calm:
            return []
        for hypertable in list(self._gone):
            self._settle(hypertable)
        return list(self._not_mirrored)

    def rows_of(self, relation: Relation) -> Relation | None:
        """Where all rows of a relation of the stream go by now, until the next other message.

        None where each change has to be routed, which is always right.
        """
        if self._begun_movements or self._gone or self._truncated:
            return None
        return self._routes.get(relation)

    def route(self, change: Change) -> Change | None:
        """The change as the target needs it; None where it is no data.

        Raises HiddenChangeError and UnknownChunkError for what cannot be followed.
        """
        self._calm = False
        if isinstance(change, Message):
            self._read_marker(change.prefix)
            return change if change.prefix == "lmtui" else None
        if isinstance(change, Truncate):
            return self._route_truncate(change)
        if not isinstance(change, Insert | Update | Delete):
            return change
        relation = change.relation
        if relation[0] == CATALOG:
            news = self._catalog.read(change)
            if news is not None:
                self._take(news)
            return None
        try:
            target = self._routes[relation]
        except KeyError:
            target = self._find(relation, "changed")
        if target is None:
            if relation in self._storage:
                self._watch_storage(change)
            return None
        if self._begun_movements:
            if isinstance(change, Insert):
                self._batch_deleted = None
            return None
        if self._gone or self._truncated:
            self._settle(target)
            self._truncated.discard(target)
        return change if target is relation else change._replace(relation=target)

    def _read_marker(self, prefix: str) -> None:
        if prefix in _STARTS:
            self._begun_movements += 1
            if prefix == _DECOMPRESSION_START:
                self._batch_deleted = None
        elif prefix in _ENDS:
            # 2.26 to 2.29 can end what they have not begun (a batch that another has deleted).
            self._begun_movements = max(0, self._begun_movements - 1)
            if prefix == _DECOMPRESSION_END and self._batch_deleted is not None:
                raise self._hidden(self._batch_deleted)

    def _watch_storage(self, change: Insert | Update | Delete) -> None:
        """Rows in their compressed form: only movement between markers can be told from data."""
        if not self._begun_movements:
            raise self._hidden(change.relation)
        if isinstance(change, Delete):
            self._batch_deleted = change.relation

    def _hidden(self, relation: Relation) -> HiddenChangeError:
        where = ".".join(self._storage[relation])
        return HiddenChangeError(
            f"The source changed compressed rows of {where} without naming them",
            detail="Whole compressed batches were deleted, inserted or rewritten at once; the"
            " stream does not say which rows that were.",
            hint="Set timescaledb.enable_compressed_direct_batch_delete,"
            " timescaledb.enable_direct_compress_copy and timescaledb.enable_direct_compress_insert"
            " to off on the source, as far as it knows them, and keep"
            " timescaledb.enable_compression_wal_markers on; then begin again with a new snapshot.",
        )

    def _find(self, relation: Relation, done: str) -> Relation | None:
        schema, name = relation
        target: Relation | None = relation
        if schema in _NOT_DATA:
            target = None
        elif relation in self._unknown or (
            schema == INTERNAL and name.startswith("_hyper_") and name.endswith("_chunk")
        ):
            raise UnknownChunkError(
                f"The chunk {schema}.{name} was {done}, which no catalog entry has named",
                hint="Nothing was passed over. Begin again with a new snapshot.",
            )
        elif schema == INTERNAL:
            target = None
        self._routes[relation] = target
        return target

    def _route_truncate(self, change: Truncate) -> Truncate | None:
        if self._begun_movements:
            return None
        kept: list[Relation] = []
        for relation in change.relations:
            if relation in self._storage:
                # With its hypertable; alone, it takes the compressed rows of a chunk and no others.
                if self._routes.get(self._storage[relation]) not in {*self._truncated, None}:
                    raise self._hidden(relation)
                continue
            found = self._routes.get(relation, relation)
            target = self._find(relation, "truncated") if found == relation else found
            if target is None:
                continue
            if relation in self._converted:
                raise HiddenChangeError(
                    f"{'.'.join(relation)} was made a hypertable on the source",
                    detail="Its rows were moved into chunks, which looks like new rows.",
                    hint="Nothing of it was applied. Begin again with a new snapshot.",
                )
            # A TRUNCATE of a chunk alone would empty the whole hypertable on the target.
            if target == relation and target not in kept:
                kept.append(target)
                self._truncated.add(target)
                self._gone.pop(target, None)
            elif target != relation:
                self._lose(target, relation)
        return change._replace(relations=tuple(kept)) if kept else None

    def _lose(self, hypertable: Relation, relation: Relation) -> None:
        """A chunk was emptied by itself: for the target that is as if it was dropped."""
        if hypertable in self._truncated:
            return
        for chunk in self._catalog.chunks.values():
            if (chunk.schema, chunk.name) == relation:
                self._gone.setdefault(hypertable, []).append(chunk)

    def _take(self, news: News) -> None:
        match news:
            case ChunkMade(chunk):
                self._learn(chunk)
            case StorageMade(storage):
                if self._while_copied and storage.chunk in self._copied_chunks:
                    raise _compressed_too_early(storage)
                self._learn_storage(storage)
            case ChunkGone(chunk):
                hypertable = self._routes.get((chunk.schema, chunk.name))
                moved = self._begun_movements or hypertable in self._truncated
                if hypertable is not None and not moved:
                    self._gone.setdefault(hypertable, []).append(chunk)
            case HypertableMade(hypertable):
                if not hypertable.internal:
                    self._converted.add((hypertable.schema, hypertable.name))
            case HypertableGone(hypertable):
                # Its chunks went with it. A table that is gone is drift, and shown as that.
                self._gone.pop((hypertable.schema, hypertable.name), None)

    def _learn(self, chunk: ChunkFacts) -> None:
        relation = (chunk.schema, chunk.name)
        hypertable = self._catalog.hypertables.get(chunk.hypertable)
        if hypertable is None:
            self._unknown.add(relation)
        elif hypertable.internal:
            self._routes[relation] = None
            if self._catalog.holds_compressed(chunk.hypertable):
                self._storage[relation] = relation
        else:
            self._routes[relation] = (hypertable.schema, hypertable.name)

    def _learn_storage(self, storage: StorageFacts) -> None:
        if self._routes.get(storage.chunk) is not None:
            self._storage[storage.compressed] = storage.chunk
        self._routes[storage.compressed] = None

    def _settle(self, hypertable: Relation) -> None:
        """Decide on the hypertable's chunks that are gone.

        A merge names the chunk that goes before the one that grows, so it is decided only when
        the next row comes, or the end.
        """
        for chunk in self._gone.pop(hypertable, ()):
            if self._catalog.is_covered(chunk):
                continue
            certain = self._shows_merges or len(chunk.slices) == 1
            ranges = self._catalog.ranges(chunk) if self._mirror and certain else ()
            drop = DropChunks(hypertable, ranges)
            if not ranges:
                self._not_mirrored.append(f"{chunk.schema}.{chunk.name}")
            elif drop not in self.dropped:
                self.dropped.append(drop)


def _compressed_too_early(storage: StorageFacts) -> HiddenChangeError:
    return HiddenChangeError(
        f"The chunk {'.'.join(storage.chunk)} was compressed on the source while it was copied",
        detail="compress_chunk empties a chunk for all snapshots at once, also for the one that"
        " the copy reads: rows of it may be missing on the target.",
        hint="Begin again with a new snapshot, and compress nothing until the copy is done.",
    )
