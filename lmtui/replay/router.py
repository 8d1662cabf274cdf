"""Which table of the target a change of the stream belongs to, and which changes are no data.

Rows of chunks go to their hypertable, where the target makes its own chunks. What only moves rows
between a chunk and its compressed form is no data. What changes rows without naming them, or moves
them without saying so, stops the replay: it can be neither applied nor passed over.
"""

from collections.abc import Iterable

from lmtui.replay import points
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
from lmtui.replay.facts import CatalogFacts, ChunkFacts, Fact, RangesFacts, StorageFacts
from lmtui.replay.movements import Movements
from lmtui.replay.stops import attached, changed_batches, made_hypertable, unknown_chunk
from lmtui.replay.touched import Touched

_NOT_DATA = frozenset(
    {CATALOG, "_timescaledb_config", "_timescaledb_cache", "_timescaledb_debug", "lmtui"}
)


class Router:
    """Maps the changes of one stream; call `route` with every change, in order.

    `mirror_drops` gives what chunks held that were dropped; else it is kept on the target, and
    remembered in `ranges`, as is the time that was written to. `shows_keyless` says whether updates
    of tables without a key are in the stream: without them, up to TimescaleDB 2.27, a merge of
    chunks that share their time with others looks like a drop, and is left to be looked at.
    What is in `dropped` after a call comes before the change that the call returned. `passed`
    decides what the copy of a table holds already, by its point; `copied` counts such changes.
    """

    def __init__(
        self, facts: CatalogFacts, *, mirror_drops: bool = True, shows_keyless: bool = True,
        passed: points.Passed | None = None,
    ) -> None:  # fmt: skip
        self._passed = passed if passed is not None else points.Behind()
        self._mirror = mirror_drops
        self._shows_merges = shows_keyless or not facts.shared_slices
        self._catalog = Catalog(facts)
        self._touched = Touched(self._catalog)
        self._remembered: set[Relation] = set()
        self._tables = {(table.schema, table.name) for table in facts.tables}
        # Whether nothing was routed one by one since the transaction began.
        self._calm = True
        self._routes: dict[Relation, Relation | None] = dict.fromkeys(facts.ignored)
        self._unknown: set[Relation] = set()
        self._moving = Movements(keyless=shows_keyless)
        self._storage = self._moving.storage
        self._gone: dict[Relation, list[ChunkFacts]] = {}
        self._truncated: set[Relation] = set()
        self._converted: set[Relation] = set()
        self._not_mirrored: list[str] = []
        self.dropped: list[DropChunks] = []
        self.copied = 0
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
            elif isinstance(fact, RangesFacts):
                self._touched.know(fact)

    @property
    def ranges(self) -> list[RangesFacts]:
        """What became of each hypertable's time since the snapshot."""
        return [*self._touched.ranges.values()]

    def begin(self, commit: int) -> None:
        """A transaction begins that ends at `commit`; what moved in the one before has ended."""
        self._passed.begin(commit)
        if self._calm:
            return
        self._calm = True
        self._moving.begin()
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
        if self._moving.begun or self._gone or self._truncated:
            return None
        target = self._of(relation)
        if self._passed.any and self._passed.has(relation, target):
            return None
        if target is not None:
            self._touch(relation, target)
        return target

    def route(self, change: Change) -> Change | None:
        """The change as the target needs it; None where it is no data.

        Raises HiddenChangeError and UnknownChunkError for what cannot be followed.
        """
        self._calm = False
        if isinstance(change, Message):
            self._moving.mark(change.prefix)
            return change if change.prefix == "lmtui" else None
        if isinstance(change, Truncate):
            return self._route_truncate(change)
        if not isinstance(change, Insert | Update | Delete):
            return change
        relation = change.relation
        if relation[0] == CATALOG:
            self._moving.catalog_changed()
            if (news := self._catalog.read(change)) is not None:
                self._take(news)
            return None
        target = self._of(relation)
        if target is None:
            if relation in self._storage and not self._is_passed(self._storage[relation]):
                self._moving.watch(change)
            return None
        if self._moving.begun:
            if isinstance(change, Insert):
                self._moving.row_came()
            return None
        if self._gone or self._truncated:
            self._settle(target)
            self._truncated.discard(target)
        self._touch(relation, target)
        if self._is_passed(relation):
            self.copied += 1
            return None
        return change if target is relation else change._replace(relation=target)

    def _is_passed(self, relation: Relation) -> bool:
        """Whether the copy of a relation, or of the hypertable that it is a chunk of, has it."""
        return self._passed.any and self._passed.has(relation, self._routes.get(relation, relation))

    def _touch(self, relation: Relation, target: Relation) -> None:
        if target is not relation and relation not in self._remembered:
            self._remembered.add(relation)
            self._touched.touch(relation)

    def _of(self, relation: Relation) -> Relation | None:
        try:
            return self._routes[relation]
        except KeyError:
            return self._find(relation, "changed")

    def _find(self, relation: Relation, done: str) -> Relation | None:
        schema, name = relation
        is_chunk = schema == INTERNAL and name.startswith("_hyper_") and name.endswith("_chunk")
        if schema not in _NOT_DATA and (relation in self._unknown or is_chunk):
            raise unknown_chunk(relation, done)
        target = None if schema in _NOT_DATA or schema == INTERNAL else relation
        self._routes[relation] = target
        return target

    def _route_truncate(self, change: Truncate) -> Truncate | None:
        if self._moving.begun:
            return None
        kept: list[Relation] = []
        for relation in change.relations:
            if (chunk := self._storage.get(relation)) is not None:
                # With its hypertable; alone, it takes the compressed rows of a chunk and no others.
                alone = self._routes.get(chunk) not in {*self._truncated, None}
                if alone and not self._is_passed(chunk):
                    raise changed_batches(chunk)
                continue
            found = self._routes.get(relation, relation)
            target = self._find(relation, "truncated") if found == relation else found
            if target is None or self._is_passed(relation):
                continue
            if relation in self._converted:
                raise made_hypertable(relation)
            # A TRUNCATE of a chunk alone would empty the whole hypertable on the target.
            if target == relation and target not in kept:
                kept.append(target)
                self._truncated.add(target)
                self._gone.pop(target, None)
                self._touched.empty(target)
                self._remembered.clear()
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
        self._remembered.clear()
        match news:
            case ChunkMade(chunk, fresh):
                self._learn_new(chunk, fresh=fresh)
            case StorageMade(storage):
                self._learn_storage(storage)
            case ChunkGone(chunk):
                hypertable = self._routes.get((chunk.schema, chunk.name))
                moved = self._moving.begun or hypertable in self._truncated
                if hypertable is not None and not moved:
                    self._gone.setdefault(hypertable, []).append(chunk)
            case HypertableMade(hypertable):
                if not hypertable.internal:
                    self._converted.add((hypertable.schema, hypertable.name))
            case HypertableGone(hypertable):
                # Its chunks went with it. A table that is gone is drift, and shown as that.
                self._gone.pop((hypertable.schema, hypertable.name), None)

    def _learn_new(self, chunk: ChunkFacts, *, fresh: bool) -> None:
        relation = (chunk.schema, chunk.name)
        known = relation in self._tables or relation in self._routes
        self._learn(chunk)
        hypertable = self._routes.get(relation)
        if fresh and known and hypertable is not None:
            raise attached(relation, hypertable)

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
            if self._catalog.is_covered(chunk) or self._passed.has(hypertable, hypertable):
                continue
            ranges = self._catalog.ranges(chunk)
            certain = self._shows_merges or len(chunk.slices) == 1
            drop = DropChunks(hypertable, ranges)
            if ranges and not self._mirror:
                self._touched.keep(chunk.hypertable, ranges)
            elif not (ranges and certain):
                self._not_mirrored.append(f"{chunk.schema}.{chunk.name}")
            elif drop not in self.dropped:
                self.dropped.append(drop)
                self._touched.drop(chunk)
