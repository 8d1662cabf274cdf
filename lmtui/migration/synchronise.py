"""Copying tables by themselves as of a point of their own, and keeping that point on the target."""

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from typing import NamedTuple

from lmtui.database import Connection, connect, said_plainly
from lmtui.errors import SnapshotLostError
from lmtui.migration.context import Context
from lmtui.migration.copy_points import hold_snapshot
from lmtui.migration.slot import HeldSnapshot
from lmtui.replay.catalog import Catalog
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts, read_facts
from lmtui.replay.point_rows import write_points
from lmtui.tablesync.copy import TableCopies
from lmtui.tablesync.files import SourceFiles, read_source_files, renewed
from lmtui.tablesync.rows import writing
from lmtui.tablesync.target_table import differing, empty, read_columns
from lmtui.tablesync.units import Chosen, Unit, choose

# A table that is written anew again and again is not one that can be copied.
ATTEMPTS = 20
PAUSE_SECONDS = 2.0

# What is done with the copies of `relations`, in the transaction that says that they are whole.
Finish = Callable[[Connection, HeldSnapshot, CatalogFacts, Collection[Relation]], None]


class Synchronised(NamedTuple):
    """What was copied as of `lsn`: rows, bytes of COPY's text, and in how many seconds."""

    lsn: int
    tables: tuple[Relation, ...]
    rows: int
    bytes: int
    seconds: float


def synchronise(
    context: Context,
    relations: Mapping[Relation, str],
    watch: Callable[[], None],
    finish: Finish | None = None,
) -> Synchronised:
    """Copy tables, chunks and hypertables anew, as of one point that is taken now.

    Of a hypertable its name stands for all of its chunks. What comes for them is not applied from
    the beginning on; by default, all that is committed behind the point is from the end on.
    `watch` is called meanwhile and may raise. A crash in between leaves them marked as not whole.
    Raises BlockedError where the target's columns do not fit, LmtuiError.
    """
    began = time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        _write(context, relations, "copying")
        held = hold_snapshot(context)
        context.snapshot_taken_at = held.taken_at
        try:
            copies, facts, named = _copy(context, held, relations, watch)
            with connect(context.target, autocommit=False, lock_timeout=30) as target:
                if finish is None:
                    write_points(target, context.state.slot, named, "done", held.slot.lsn)
                else:
                    finish(target, held, facts, named)
                target.commit()
        except SnapshotLostError as error:
            if attempt == ATTEMPTS:
                raise
            context.note(f"Copied once more, by another snapshot: {error.title}", level="warning")
            context.wait(PAUSE_SECONDS)
            continue
        finally:
            held.release()
            context.snapshot_taken_at = None
            context.copying = None
        rows, size = (sum(column) for column in zip((0, 0), *copies.values(), strict=True))
        seconds = round(time.monotonic() - began, 1)
        return Synchronised(held.slot.lsn, tuple(sorted(named)), rows, size, seconds)
    raise AssertionError


def _write(context: Context, relations: Collection[Relation], state: str) -> None:
    with (
        closing(connect(context.target, autocommit=False, lock_timeout=30)) as target,
        said_plainly("The synchronisation points cannot be written on the target"),
    ):
        write_points(target, context.state.slot, relations, state)
        target.commit()


def _copy(
    context: Context, held: HeldSnapshot, relations: Collection[Relation],
    watch: Callable[[], None],
) -> tuple[Mapping[Relation, tuple[int, int]], CatalogFacts, set[Relation]]:  # fmt: skip
    with held.inside() as source:
        facts, files = read_facts(source), read_source_files(source)
        whole = {name for name in relations if name in _roots(facts)}
        chosen = choose(relations, facts, whole)
        chosen = _whole_where_columns_differ(context, source, chosen, relations, facts, whole)
    _drop_gone(context, chosen.gone)
    copies = TableCopies(
        held, context.target, context.state.slot, facts, chosen.units, context.plan.table_jobs,
        lambda words: context.note(words, level="warning"),
    )  # fmt: skip
    context.copying = copies
    copies.run(watch)
    named = {*relations, *(unit.relation for unit in chosen.units)}
    before = SourceFiles.load(context.directory)
    renewed(before, files, before.by_name().keys() - named).save(context.directory)
    return copies.copied, facts, named


def _drop_gone(context: Context, gone: Collection[Relation]) -> None:
    """Drop chunks of the target that the source had at first, and has no more.

    One that is compressed by the catalog and was never filled makes statements on its hypertable
    end the server's process (TimescaleDB 2.19.3, measured).
    """
    facts = CatalogFacts.load(context.directory)
    catalog = Catalog(facts)
    with writing(context.target) as target:
        for chunk in facts.chunks:
            relation, ranges = (chunk.schema, chunk.name), catalog.ranges(chunk)
            root = catalog.hypertables.get(chunk.hypertable)
            if relation not in gone or root is None or root.internal or not ranges:
                continue
            empty(target, Unit(relation, (root.schema, root.name), ranges), facts)
        target.commit()


def _roots(facts: CatalogFacts) -> set[Relation]:
    return {(one.schema, one.name) for one in facts.hypertables}


def _whole_where_columns_differ(
    context: Context, source: Connection, chosen: Chosen, relations: Collection[Relation],
    facts: CatalogFacts, whole: set[Relation],
) -> Chosen:  # fmt: skip
    """All of a hypertable is copied where its types are others: only an empty one can get them."""
    targets = {unit.target for unit in chosen.units if unit.ranges}
    with closing(connect(context.target, read_only=True)) as target:
        changed = {
            name
            for name in targets
            if differing(read_columns(source, name), read_columns(target, name))
        }
    return choose(relations, facts, whole | changed) if changed else chosen
