"""Going on with an initial copy by another snapshot: what is copied stays, each as of its point."""

import secrets
from collections.abc import Iterable

import psycopg

from lmtui.database import connect, run
from lmtui.errors import BlockedError, ConnectionFailedError, LmtuiError, SnapshotLostError
from lmtui.events import PointTaken, TablesCopied, TablesSetAside
from lmtui.migration.context import Context
from lmtui.migration.slot import HeldSnapshot
from lmtui.pgcopydb.catalog import CopyDone, mend, read_done
from lmtui.replay import progress
from lmtui.replay.change import Relation
from lmtui.replay.lsn import format_lsn
from lmtui.tablesync.files import SourceFiles, read_source_files, renewed
from lmtui.tablesync.judgement import going_on

RECONNECT_SECONDS = 2.0
# The ways on from a lost slot.
REUSE = (
    "lmtui migrate --reuse-target begins the stream anew, compares what is on the target and copies"
    " again only what differs. Or give it up: lmtui abort."
)


def why_not_kept(context: Context) -> str:
    """Why nothing of a copy that was broken off can be kept, in words; empty where it can be.

    Raises ConnectionFailedError where a server cannot be asked.
    """
    directory, slot = context.directory, context.state.slot
    if not (context.state.snapshot and directory.catalog.exists() and directory.files.exists()):
        return "it had not begun"
    done = read_done(directory.pgcopydb, context.plan.skip_extensions)
    if done is None or not done.prepared:
        return "no table was copied yet"
    with connect(context.source, read_only=True) as source:
        there, status, reason, *_ = run(source, "slot_state", {"slot": slot})[0]
    if not there or status == "lost" or reason:
        if not any(table.whole for table in done.tables.values()):
            return f"the slot {slot} is gone from the source"
        raise BlockedError(
            f"The slot {slot} is gone from the source",
            detail="The stream of changes since the snapshot is lost, but tables are copied.",
            hint=REUSE,
        )
    with connect(context.target, read_only=True) as target:
        try:
            progress.read(target, slot)
        except (LmtuiError, psycopg.Error):
            return "the target holds no progress of it"
    return ""


def left_to_others(context: Context) -> frozenset[Relation]:
    """Tables that pgcopydb marks as done and never copies: by choice, or made hypertables."""
    made = {(one.schema, one.name) for one in context.plan.hypertables}
    skipped = {qualified(name) for name in context.plan.skip_table_data}
    return frozenset(made | skipped)


def qualified(name: str) -> Relation:
    """A table's name as the plan has it."""
    schema, _, table = name.rpartition(".")
    return schema or "public", table


def constraints_made(context: Context) -> frozenset[tuple[str, str, str]]:
    """The constraints that the target has: schema, table and name. Waits for the target."""
    while True:
        try:
            with connect(context.target, read_only=True) as target:
                return frozenset(run(target, "constraints_made"))
        except (ConnectionFailedError, psycopg.OperationalError):
            context.wait(RECONNECT_SECONDS)


def tell_copied(context: Context, known: Iterable[Relation]) -> CopyDone | None:
    """Tell which tables are copied since this was last done: all as of the latest point."""
    done = read_done(context.directory.pgcopydb, context.plan.skip_extensions)
    if done is None:
        return None
    sync, others = context.state.sync, left_to_others(context)
    fresh = [
        relation
        for relation in known
        if (table := done.tables.get(relation)) is not None
        and table.whole
        and relation not in sync.copied
        and relation not in sync.aside
        and relation not in others
    ]
    if fresh:
        size = sum(done.tables[relation].bytes for relation in fresh)
        context.tell(TablesCopied(lsn=sync.points[-1].lsn, tables=tuple(fresh), bytes=size))
    return done


def take_point(context: Context, known: frozenset[Relation]) -> HeldSnapshot:
    """Take another snapshot for what is not copied yet; no pgcopydb may be at work.

    Waits for the source where it does not answer. Raises StoppedError.
    """
    done = tell_copied(context, known)
    if done is None:
        raise SnapshotLostError("pgcopydb's catalog of the copy cannot be read")
    held = hold_snapshot(context)
    try:
        with held.inside() as connection:
            now = read_source_files(connection)
        before = SourceFiles.load(context.directory)
        kept = context.state.sync.copied.keys() | left_to_others(context)
        aside = {
            relation: why
            for relation, why in going_on(before, now, kept).items()
            if relation in known and relation not in context.state.sync.aside
        }
        for reason in sorted({*aside.values()}):
            tables = tuple(sorted(name for name, why in aside.items() if why == reason))
            context.tell(TablesSetAside(tables=tables, reason=reason))
        # Told before they are marked: what is marked and not told would pass for copied.
        mend(
            context.directory.pgcopydb, done, context.state.sync.aside, held.slot.snapshot,
            constraints_made(context),
        )  # fmt: skip
        renewed(before, now, kept).save(context.directory)
        whole = [done.tables[name] for name in kept & done.tables.keys()]
        left = sum(
            not table.whole and name not in context.state.sync.aside
            for name, table in done.tables.items()
            if name in known
        )
        context.tell(
            PointTaken(
                lsn=format_lsn(held.slot.lsn), snapshot=held.slot.snapshot, kept=len(whole),
                kept_bytes=sum(table.bytes for table in whole),
                left=left,
            )
        )  # fmt: skip
    except BaseException:
        held.release()
        raise
    return held


def hold_snapshot(context: Context) -> HeldSnapshot:
    """A snapshot with its exact place in the stream, as soon as the source gives one."""
    told = False

    def wait() -> None:
        nonlocal told
        context.check_stop()
        if not told:
            told = True
            context.note("Waiting for transactions that write on the source, to take a snapshot")

    unreachable = False
    while True:
        # Of one whose session is not yet known to be lost, the name is still taken.
        name = f"{context.state.slot}_{secrets.token_hex(2)}"
        try:
            return HeldSnapshot(context.source, name, context.state.plugin, wait)
        except (ConnectionFailedError, psycopg.OperationalError) as error:
            if not unreachable:
                unreachable = True
                context.note(f"The copy goes on when the source answers: {error}", level="warning")
            context.wait(RECONNECT_SECONDS)
