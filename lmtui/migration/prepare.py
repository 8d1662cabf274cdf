"""Preparing both sides: jobs paused, slot and snapshot made, roles and progress created."""

import shutil

import psycopg
from psycopg import sql

from lmtui import jobs
from lmtui.database import Connection, connect, run, said_plainly
from lmtui.drift import read_fingerprint, save_baseline
from lmtui.endpoint import Endpoint
from lmtui.events import JobsPaused, SlotCreated
from lmtui.ledger import ABORT
from lmtui.migration.context import Context
from lmtui.migration.copy_points import left_to_others
from lmtui.migration.replication import Replication
from lmtui.migration.reset import empty_target, was_empty
from lmtui.migration.roles import create_missing_roles
from lmtui.migration.slot import HeldSnapshot, drop_slot
from lmtui.pgcopydb.catalog import read_done
from lmtui.remedies.putting_back import drop_extension
from lmtui.replay import progress
from lmtui.replay.facts import read_facts
from lmtui.replay.lsn import format_lsn
from lmtui.tablesync.files import read_source_files
from lmtui.undo import undo


def prepare(context: Context, plugin: str) -> tuple[HeldSnapshot, Replication]:
    """Make everything that the initial copy needs, from nothing, and start to receive."""
    _remove_earlier_attempt(context)
    _pause_jobs(context)
    # A process that ended in between has left them paused.
    undo(context.ledger, [context.source], ("snapshot",))
    name = context.state.slot
    context.ledger.record(
        side="source",
        what=f"replication slot {name}",
        undo=sql.SQL(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
            "where slot_name = {}"
        ).format(sql.Literal(name)).as_string(),
    )  # fmt: skip
    held = _take_snapshot(context, name, plugin)
    try:
        with held.inside() as connection:
            facts = read_facts(connection)
            read_source_files(connection).save(context.directory)
            save_baseline(context.directory, "source", read_fingerprint(connection))
        facts.save(context.directory)
        context.ledger.record(
            side="target", what="schema lmtui", undo="drop schema if exists lmtui cascade"
        )
        with connect(context.target, lock_timeout=30) as target:
            with said_plainly("The target's progress table cannot be made"):
                progress.forget(target, name)
                progress.create(target, name, held.slot.lsn)
            _note_extensions(context, target)
            if not context.plan.skip_roles:
                _create_roles(context, target)
        context.tell(
            SlotCreated(
                slot=name,
                plugin=held.slot.plugin,
                lsn=format_lsn(held.slot.lsn),
                snapshot=held.slot.snapshot,
            )
        )
        replication = Replication(context, held.slot.lsn)
        replication.receive()
    except BaseException:
        held.release()
        raise
    return held, replication


def prepare_again(context: Context, plugin: str) -> tuple[HeldSnapshot, Replication]:
    """Begin a stream anew that was lost, and receive it; what is on the target stays there.

    Its tables are stale until they are compared: see lmtui.migration.reconcile.
    """
    name = context.state.slot
    with connect(context.source) as connection:
        drop_slot(connection, name)
    shutil.rmtree(context.directory.spool, ignore_errors=True)
    context.directory.create()
    undo(context.ledger, [context.source], ("snapshot",))
    held = _take_snapshot(context, name, plugin)
    try:
        with held.inside() as connection:
            facts, files = read_facts(connection), read_source_files(connection)
            save_baseline(context.directory, "source", read_fingerprint(connection))
        facts.save(context.directory)
        files.save(context.directory)
        with (
            connect(context.target, lock_timeout=30) as target,
            said_plainly("The target's progress table cannot be made"),
        ):
            progress.forget(target, name)
            progress.create(target, name, held.slot.lsn)
        done = read_done(context.directory.pgcopydb, context.plan.skip_extensions)
        left = {name for name, table in done.tables.items() if not table.whole} if done else set()
        others = {*left_to_others(context), *facts.ignored, *left}
        context.tell(
            SlotCreated(
                slot=name, plugin=held.slot.plugin, lsn=format_lsn(held.slot.lsn),
                snapshot=held.slot.snapshot,
                stale=tuple(one for one in files.by_name() if one not in others),
            )
        )  # fmt: skip
        replication = Replication(context, held.slot.lsn)
        replication.receive()
    except BaseException:
        held.release()
        raise
    return held, replication


def _remove_earlier_attempt(context: Context) -> None:
    """An attempt whose snapshot is lost is of no use: not its slot, its spool, nor its copy."""
    # What was there before, and is to be replaced, is pgcopydb's to drop.
    earlier = context.state.snapshot != "" and was_empty(context.state)
    with connect(context.source) as connection:
        if drop_slot(connection, context.state.slot):
            context.note("The slot of the attempt before is dropped")
    for path in (context.directory.spool, context.directory.pgcopydb):
        if path.exists():
            shutil.rmtree(path)
    context.directory.create()
    if earlier:
        count = empty_target(context.target)
        context.note(f"The target is emptied of the copy that was not finished ({count} objects)")


def _pause_jobs(context: Context) -> None:
    with connect(context.source, lock_timeout=30) as connection:
        moving = [job for job in jobs.read_jobs(connection) if job.procedure in jobs.MOVING]
        paused = jobs.pause(connection, context.ledger, "source", moving, until="clean")
        if paused:
            context.tell(JobsPaused(jobs=(*context.state.jobs_paused, *paused)))
        _await_end(context, connection, moving)


def _await_end(context: Context, connection: Connection, moving: list[jobs.Job]) -> None:
    """Wait for those at work: what they compress now the snapshot would see emptied."""
    names = {job.id: f"{job.id} {job.procedure}" for job in moving}
    told = False
    while at_work := [names[id_] for (id_,) in run(connection, "jobs_running") if id_ in names]:
        if not told:
            context.note(f"Waiting for jobs at work on the source: {', '.join(at_work)}")
            told = True
        context.wait(1.0)


def _take_snapshot(context: Context, name: str, plugin: str) -> HeldSnapshot:
    """Make the slot while no job is scheduled, so that the target gets them like that.

    Copied as scheduled, they would run on the target between the copy of them and the moment when
    they can be held there (measured: rows that the source never had).
    """
    try:
        with connect(context.source, lock_timeout=30) as connection:
            every = jobs.read_jobs(connection)
            jobs.pause(connection, context.ledger, "source", every, until="snapshot")
        return HeldSnapshot(context.source, name, plugin)
    finally:
        undo(context.ledger, [context.source], ("snapshot",))


def _note_extensions(context: Context, target: Connection) -> None:
    """Write down the extensions that the copy will create on the target."""
    with connect(context.source, read_only=True) as source:
        ours = [name for (name,) in run(source, "extensions_by_age")]
    there = {name for (name,) in run(target, "extensions_by_age")}
    for name in ours:
        if name not in there and name not in context.plan.skip_extensions:
            context.ledger.record(
                side="target", what=f"extension {name}", undo=drop_extension(name), until=ABORT
            )


def _create_roles(context: Context, target: psycopg.Connection[tuple[object, ...]]) -> None:
    with connect(context.source, read_only=True) as source:
        try:
            created = create_missing_roles(source, target, context.ledger)
        except psycopg.errors.InsufficientPrivilege as error:
            context.note(f"Roles are not created: {str(error).strip()}", level="warning")
            return
    if created:
        context.note(f"Roles created on the target, without passwords: {', '.join(created)}")


def keep_baseline(context: Context, endpoint: Endpoint) -> None:
    """Remember a side's schema as it is now, to tell a drift from it."""
    with connect(endpoint, read_only=True) as connection:
        save_baseline(context.directory, endpoint.side, read_fingerprint(connection))


def may_own(context: Context) -> bool:
    """Whether the target's role may give objects to their owners: a superuser may."""
    with connect(context.target, read_only=True) as connection:
        (superuser,) = run(connection, "role_is_superuser")[0]
    return bool(superuser) and not context.plan.skip_roles
