"""The end of the initial copy: what is not as its snapshot had it is copied by itself."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing

from lmtui.database import connect
from lmtui.events import TablesSetAside, TablesSynchronised
from lmtui.humane import count_noun
from lmtui.migration.context import Context
from lmtui.migration.copy_points import left_to_others
from lmtui.migration.reconcile import reconcile
from lmtui.migration.synchronise import synchronise
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.lsn import format_lsn, parse_lsn
from lmtui.replay.point_rows import write_points
from lmtui.tablesync.files import SourceFiles, read_source_files
from lmtui.tablesync.judgement import DIFFERS, STALE, ended

SHOWN = 5


def level(context: Context, watch: Callable[[], None]) -> None:
    """Make every table whole as of its point, and keep all points on the target.

    Replay must not have begun. May be repeated. `watch` is called meanwhile and may raise. Raises
    LmtuiError where a table cannot be copied.
    """
    _keep_points(context)
    if stale := [name for name, why in context.state.sync.aside.items() if why == STALE]:
        reconcile(context, stale, watch)
    found = _not_as_copied(context)
    for reason in sorted({*found.values()}):
        tables = tuple(sorted(name for name, why in found.items() if why == reason))
        context.tell(TablesSetAside(tables=tables, reason=reason))
    if aside := context.state.sync.aside:
        context.note(aside_text(aside), level="warning")
        roots = _roots(context)
        # A hypertable's own table holds no row: named for itself, it stands for all of its chunks.
        wanted = {name: why for name, why in aside.items() if why == DIFFERS or name not in roots}
        done = synchronise(context, wanted, watch)
        context.tell(
            TablesSynchronised(
                lsn=format_lsn(done.lsn), tables=tuple(sorted({*done.tables, *aside})),
                rows=done.rows, bytes=done.bytes, seconds=done.seconds,
            )
        )  # fmt: skip


def _keep_points(context: Context) -> None:
    """The points of what was copied by later snapshots than the slot's own."""
    sync, roots = context.state.sync, _roots(context)
    later: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation, lsn in sync.copied.items():
        # A hypertable's own table holds no row, and its name stands for all of its chunks.
        if lsn != sync.points[0].lsn and relation not in sync.aside and relation not in roots:
            later[lsn].append(relation)
    with closing(connect(context.target, autocommit=False, lock_timeout=30)) as target:
        for lsn, relations in later.items():
            write_points(target, context.state.slot, relations, "done", parse_lsn(lsn))
        target.commit()


def _roots(context: Context) -> set[Relation]:
    facts = CatalogFacts.load(context.directory)
    return {(one.schema, one.name) for one in facts.hypertables}


def _not_as_copied(context: Context) -> dict[Relation, str]:
    facts = CatalogFacts.load(context.directory)
    others = {*left_to_others(context), *facts.ignored, *context.state.sync.aside}
    with closing(connect(context.source, read_only=True, statement_timeout=0)) as source:
        now = read_source_files(source)
    found = ended(SourceFiles.load(context.directory), now)
    return {relation: why for relation, why in found.items() if relation not in others}


def aside_text(aside: Mapping[Relation, str]) -> str:
    """Which tables are copied by themselves, and why, in words. Pure."""
    words = []
    for reason in sorted({*aside.values()}):
        names = sorted(".".join(name) for name, why in aside.items() if why == reason)
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        words.append(f"{', '.join(names[:SHOWN])}{more} ({reason})")
    count = count_noun(len(aside), "table")
    return f"{count} to be copied again, as of a later point: {'; '.join(words)}"
