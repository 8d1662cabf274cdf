"""Which table of the target a change of the stream belongs to, and which changes are no data.

Rows of chunks go to their hypertable, where the target makes its own chunks. TimescaleDB writes a
chunk into its catalog before the first row of it (measured on 2.19, 2.28 and 2.31), and the catalog
is in the stream, so a new chunk is known when its rows come.
"""

from collections.abc import Iterable

from lmtui.errors import LmtuiError
from lmtui.replay.change import (
    Change,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
)
from lmtui.replay.facts import CatalogFacts, ChunkFacts, HypertableFacts

CATALOG = "_timescaledb_catalog"
_NOT_DATA = frozenset(
    {CATALOG, "_timescaledb_config", "_timescaledb_cache", "_timescaledb_debug", "lmtui"}
)
_INTERNAL = "_timescaledb_internal"
_CHUNK: Relation = (CATALOG, "chunk")
_HYPERTABLE: Relation = (CATALOG, "hypertable")
# Transactional messages around storage movement (measured on 2.28.3); their bodies are empty.
_STORAGE_STARTS = frozenset(
    {"::timescaledb-compression-start", "::timescaledb-decompression-start"}
)
_STORAGE_ENDS = frozenset({"::timescaledb-compression-end", "::timescaledb-decompression-end"})


class UnknownChunkError(LmtuiError):
    """Rows came of a chunk that the catalog has not named."""


class Router:
    """Maps the changes of one stream; call `route` with every change, in order."""

    def __init__(self, facts: CatalogFacts) -> None:
        self._hypertables = {h.id: h for h in facts.hypertables}
        self._routes: dict[Relation, Relation | None] = dict.fromkeys(facts.ignored)
        self._chunks: dict[int, ChunkFacts] = {}
        for chunk in facts.chunks:
            self._learn(chunk)
        self._moving_storage = False
        self._dropped: list[tuple[str, Relation]] = []
        self._truncated: set[Relation] = set()
        self.learned: list[ChunkFacts] = []

    def know(self, chunks: Iterable[ChunkFacts]) -> None:
        """Learn chunks that an earlier run of the replay saw in the stream."""
        for chunk in chunks:
            self._learn(chunk)

    def begin(self) -> None:
        """A transaction begins: what was moving in the one before has ended with it."""
        self._moving_storage = False
        self._dropped.clear()
        self._truncated.clear()

    def end(self) -> list[str]:
        """The chunks that the transaction dropped; a TRUNCATE of the hypertable drops them too."""
        return [chunk for chunk, hypertable in self._dropped if hypertable not in self._truncated]

    def route(self, change: Change) -> Change | None:
        """The change as the target needs it; None where it is no data."""
        if isinstance(change, Message):
            if change.prefix in _STORAGE_STARTS:
                self._moving_storage = True
            elif change.prefix in _STORAGE_ENDS:
                self._moving_storage = False
            return change if change.prefix == "lmtui" else None
        if isinstance(change, Truncate):
            return self._route_truncate(change)
        if not isinstance(change, Insert | Update | Delete):
            return change
        relation = change.relation
        if relation[0] == CATALOG:
            self._read_catalog(change)
            return None
        if self._moving_storage:
            return None
        try:
            target = self._routes[relation]
        except KeyError:
            target = self._find(relation)
        if target is None:
            return None
        return change if target is relation else change._replace(relation=target)

    def _find(self, relation: Relation) -> Relation | None:
        schema, name = relation
        target: Relation | None = relation
        if schema in _NOT_DATA:
            target = None
        elif schema == _INTERNAL:
            if name.startswith("_hyper_") and name.endswith("_chunk"):
                raise UnknownChunkError(
                    f"A row came of the chunk {schema}.{name}, which no catalog entry has named",
                    hint="Nothing was passed over. Begin again with a new snapshot.",
                )
            target = None
        self._routes[relation] = target
        return target

    def _route_truncate(self, change: Truncate) -> Truncate | None:
        if self._moving_storage:
            return None
        kept: list[Relation] = []
        for relation in change.relations:
            target = self._routes.get(relation, relation)
            if relation[0] in _NOT_DATA or (relation[0] == _INTERNAL and target == relation):
                continue
            # A TRUNCATE of a chunk alone would empty the whole hypertable on the target.
            if target == relation and target not in kept:
                kept.append(target)
                self._truncated.add(target)
            elif target is not None and target != relation:
                self._dropped.append((f"{relation[0]}.{relation[1]}", target))
        return change._replace(relations=tuple(kept)) if kept else None

    def _read_catalog(self, change: Insert | Update | Delete) -> None:
        if change.relation == _CHUNK:
            if isinstance(change, Delete):
                self._forget(dict(zip(change.key_names, change.key_values, strict=True)))
            else:
                row = dict(zip(change.names, change.values, strict=True))
                if row.get("dropped") == "t":
                    self._forget(row)
                else:
                    self._learn_row(row)
        elif change.relation == _HYPERTABLE and isinstance(change, Insert | Update):
            row = dict(zip(change.names, change.values, strict=True))
            number = int(row["id"] or 0)
            self._hypertables[number] = HypertableFacts(
                id=number,
                schema=row["schema_name"] or "",
                name=row["table_name"] or "",
                internal=row["schema_name"] == _INTERNAL,
            )

    def _learn_row(self, row: dict[str, str | None]) -> None:
        if row.get("relid"):
            schema, name = _split_qualified(row["relid"] or "")
        else:
            schema, name = row["schema_name"] or "", row["table_name"] or ""
        chunk = ChunkFacts(
            id=int(row["id"] or 0),
            schema=schema,
            name=name,
            hypertable=int(row["hypertable_id"] or 0),
        )
        if self._chunks.get(chunk.id) != chunk:
            self._learn(chunk)
            self.learned.append(chunk)

    def _learn(self, chunk: ChunkFacts) -> None:
        self._chunks[chunk.id] = chunk
        hypertable = self._hypertables.get(chunk.hypertable)
        relation = (chunk.schema, chunk.name)
        if hypertable is None or hypertable.internal:
            self._routes[relation] = None
        else:
            self._routes[relation] = (hypertable.schema, hypertable.name)

    def _forget(self, row: dict[str, str | None]) -> None:
        chunk = self._chunks.get(int(row.get("id") or 0))
        if chunk is None or self._moving_storage:
            return
        hypertable = self._routes.get((chunk.schema, chunk.name))
        if hypertable is not None:
            self._dropped.append((f"{chunk.schema}.{chunk.name}", hypertable))


def _split_qualified(text: str) -> Relation:
    """Split schema.name as a regclass prints it, with quotes where they are needed."""
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
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("public", parts[0])
