"""What is copied by itself: a table, a whole hypertable, or one chunk of it. Pure."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from lmtui.replay.catalog import Catalog
from lmtui.replay.change import DroppedRange, Relation
from lmtui.replay.facts import CatalogFacts


class Unit(NamedTuple):
    """A copy. The stream names `relation`, or its chunks; the rows go into `target`.

    `ranges` are what one chunk holds; nothing where all of the target's table is copied.
    """

    relation: Relation
    target: Relation
    ranges: tuple[DroppedRange, ...] = ()

    @property
    def text(self) -> str:
        """The name of it."""
        return ".".join(self.relation)


class Chosen(NamedTuple):
    """What to copy. The `gone` are not there any more; only their changes are passed over."""

    units: tuple[Unit, ...]
    gone: tuple[Relation, ...]


def choose(
    relations: Iterable[Relation], facts: CatalogFacts, whole: Collection[Relation] = ()
) -> Chosen:
    """Turn tables as the stream names them into units; `facts` are as of their new point.

    Of the hypertables in `whole`, and of those whose chunks' ranges cannot be told, all is copied.
    A table of compressed rows is copied with its chunk, a hypertable's own table holds no row.
    """
    catalog = Catalog(facts)
    tables = {(table.schema, table.name) for table in facts.tables}
    chunks = {(chunk.schema, chunk.name): chunk for chunk in facts.chunks}
    roots = {(one.schema, one.name): one for one in facts.hypertables}
    inner = {one.id for one in facts.hypertables if catalog.holds_compressed(one.id)}
    storage = {one.compressed for one in facts.storage}
    units: dict[Relation, Unit] = {}
    gone: list[Relation] = []
    for relation in relations:
        chunk = chunks.get(relation)
        if relation in whole and relation in roots:
            units[relation] = Unit(relation, relation)
        elif relation in roots or relation in storage:
            continue
        elif chunk is not None and chunk.hypertable not in inner:
            root = catalog.hypertables[chunk.hypertable]
            target = (root.schema, root.name)
            ranges = catalog.ranges(chunk)
            if target in whole or not ranges:
                units[target] = Unit(target, target)
            else:
                units[relation] = Unit(relation, target, ranges)
        elif chunk is None and relation in tables:
            units[relation] = Unit(relation, relation)
        elif relation not in tables:
            gone.append(relation)
    kept = tuple(
        unit for unit in units.values() if unit.relation == unit.target or unit.target not in units
    )
    return Chosen(kept, tuple(gone))


def as_whole(relations: Iterable[Relation], facts: CatalogFacts) -> tuple[Relation, ...]:
    """The same tables, each once, with the hypertable in the place of a chunk."""
    known = hypertables_of(facts)
    return tuple(dict.fromkeys(known.get(one, one) for one in relations))


def hypertables_of(facts: CatalogFacts) -> dict[Relation, Relation]:
    """The hypertable of each chunk, and of each table that holds a chunk's compressed rows."""
    roots = {one.id: (one.schema, one.name) for one in facts.hypertables if not one.internal}
    of_chunks = {
        (one.schema, one.name): roots[one.hypertable]
        for one in facts.chunks
        if one.hypertable in roots
    }
    of_storage = {
        one.compressed: of_chunks[one.chunk] for one in facts.storage if one.chunk in of_chunks
    }
    return of_chunks | of_storage


def leaves(relation: Relation, children: dict[Relation, list[Relation]]) -> list[Relation]:
    """The tables below a partitioned one that hold its rows; itself where it is not partitioned."""
    if relation not in children:
        return [relation]
    return [leaf for child in children[relation] for leaf in leaves(child, children)]
