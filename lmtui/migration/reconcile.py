"""Tables that were copied before the stream was lost: compared, and copied again where they differ.

What is equal on the target and in a snapshot of the source is whole as of that snapshot's point,
whatever came between.
"""

from collections import defaultdict
from collections.abc import Callable, Collection

from lmtui.database import connect
from lmtui.errors import BlockedError
from lmtui.events import TablesSetAside, TablesSynchronised
from lmtui.humane import count_noun
from lmtui.migration.context import Context
from lmtui.migration.copy_points import hold_snapshot, left_to_others
from lmtui.replay import progress
from lmtui.replay.catalog import Catalog
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts, read_facts
from lmtui.replay.lsn import format_lsn
from lmtui.replay.point_rows import write_points
from lmtui.replay.touched import Touched
from lmtui.tablesync.judgement import DIFFERS
from lmtui.validation import tasks
from lmtui.validation.compare import look
from lmtui.validation.kept import Kept
from lmtui.validation.relations import relations, split
from lmtui.validation.side import Side, both_sides

JOBS = 2


def reconcile(
    context: Context, stale: Collection[Relation], watch: Callable[[], None]
) -> None:  # fmt: skip
    """Tell which of the tables are whole on the target, and set aside those that are not.

    Replay must not have begun. Raises BlockedError where the target lacks a table.
    """
    context.note(
        f"Comparing {count_noun(len(stale), 'table')} that were copied before the stream was lost"
    )
    looked = (look(context.source), look(context.target))
    held = hold_snapshot(context)
    context.snapshot_taken_at = held.taken_at
    try:
        with held.inside() as connection:
            facts = read_facts(connection)
        snapshot = held.slot.snapshot
        with both_sides(context.source, context.target, JOBS, snapshot) as (ours, theirs):
            differing = _differing(context, ours, theirs, looked, watch)
        different = as_copied(differing, facts)
        equal = [name for name in stale if name not in different]
        with connect(context.target, autocommit=False, lock_timeout=30) as target:
            write_points(target, context.state.slot, equal, "done", held.slot.lsn)
            # What differs was changed in a time that no stream tells of any more.
            touched = _touched(facts, different)
            progress.remember(target, context.state.slot, touched.learned)
            target.commit()
        lsn = format_lsn(held.slot.lsn)
    finally:
        held.release()
        context.snapshot_taken_at = None
    if different:
        context.tell(TablesSetAside(tables=tuple(sorted(different)), reason=DIFFERS))
    context.tell(
        TablesSynchronised(lsn=lsn, tables=tuple(sorted(equal)), rows=0, bytes=0, seconds=0)
    )


def _differing(
    context: Context, ours: Side, theirs: Side, looked: tuple[tasks.Looked, tasks.Looked],
    watch: Callable[[], None],
) -> list[tasks.Task]:  # fmt: skip
    """The parts that are not equal."""
    compared, _ = split(relations(ours), left_to_others(context))
    compared = [one for one in compared if one.kind != "matview"]
    pairs = tasks.pair_up(compared, {one.key: one for one in relations(theirs)})
    if lacking := [pair.relation.text for pair in pairs if pair.counterpart is None]:
        raise BlockedError(
            f"The target lacks {count_noun(len(lacking), 'table')} of the source",
            detail=", ".join(lacking[:20]),
            hint="Create them on the target as they are on the source (pg_dump --schema-only"
            " --table NAME), then lmtui resume.",
        )
    recode = ours.encoding != theirs.encoding
    found = []
    for group in tasks.split_up(pairs, *looked, Kept(), recode=recode):
        both = [tasks.begin(task, ours, theirs) for task in group]
        for task, (here, there) in zip(group, both, strict=True):
            watch()
            context.check_stop()
            if not tasks.verdict([task], here.result(), there.result()).equal:
                found.append(task)
    return found


def as_copied(differing: Collection[tasks.Task], facts: CatalogFacts) -> set[Relation]:
    """The tables, chunks and hypertables to be copied again for what differs. Pure.

    Of a hypertable all is copied where a part of it is not in chunks that both sides have.
    """
    chunks: defaultdict[Relation, set[Relation]] = defaultdict(set)
    known = {(one.schema, one.name) for one in facts.chunks}
    whole: set[Relation] = set()
    found: set[Relation] = set()
    for task in differing:
        relation = task.pair.relation
        if relation.kind == "hypertable":
            names = [name for name in task.part.source if name in known]
            chunks[relation.key].update(names)
            if not names or len(task.part.target) != len(task.part.source):
                whole.add(relation.key)
        elif task.part.leaf is not None:
            found.add(task.part.leaf)
        else:
            found.update(name for name in task.part.source or (relation.key,))
    for hypertable, names_ in chunks.items():
        found |= {hypertable} if hypertable in whole else names_
    return found


def _touched(facts: CatalogFacts, different: Collection[Relation]) -> Catalog:
    """A catalog that has learned which time of each hypertable is to be refreshed."""
    catalog = Catalog(facts)
    touched = Touched(catalog)
    roots = {one.id: (one.schema, one.name) for one in facts.hypertables}
    for chunk in facts.chunks:
        if {(chunk.schema, chunk.name), roots.get(chunk.hypertable)} & {*different}:
            touched.touch((chunk.schema, chunk.name))
    return catalog
