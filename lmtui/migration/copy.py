"""The initial copy, by pgcopydb, inside the snapshot."""

import os
import shutil
import time

from msgspec.structs import replace
from psycopg import sql

from lmtui import jobs
from lmtui.cutover.identity import copy_replica_identities
from lmtui.database import Connection, connect, run
from lmtui.errors import LmtuiError, ServerError, SnapshotLostError
from lmtui.events import CopyFinished, CopyPlanned
from lmtui.hypertables.convert import Conversion
from lmtui.ledger import Ledger
from lmtui.migration.context import Context
from lmtui.migration.monitor import Monitor
from lmtui.migration.prepare import may_own
from lmtui.migration.replication import Replication
from lmtui.migration.slot import HeldSnapshot
from lmtui.migration.triggers import set_aside
from lmtui.pgcopydb import command
from lmtui.pgcopydb.process import Process, own_services
from lmtui.pgcopydb.progress import CopyState, read_copy
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.lsn import parse_lsn

ATTEMPTS = 5
BACK_OFF_SECONDS = 5.0
POLL_SECONDS = 0.2


def copy(context: Context, monitor: Monitor, held: HeldSnapshot, replication: Replication) -> None:
    """Copy everything. Raises SnapshotLostError where it must begin again, LmtuiError otherwise.

    pgcopydb's exit code alone proves nothing: each table must be marked done, and all are compared
    at the cutover.
    """
    began = time.monotonic()
    log = context.directory.logs / "pgcopydb.log"
    as_owner = may_own(context)
    filters = None
    if text := command.filters(context.plan):
        filters = context.directory.filters
        filters.write_text(text)
    facts = CatalogFacts.load(context.directory)
    known = frozenset((table.schema, table.name) for table in facts.tables)
    conversion = Conversion(context)
    conversion.check(facts)
    conversion.clear()
    monitor.watch_copy(known, conversion.states)
    resume = False
    for attempt in range(1, ATTEMPTS + 1):
        held.check()
        process = Process(
            command.clone(
                context.plan, context.directory.pgcopydb, held.slot.snapshot,
                as_owner=as_owner, filters=filters, resume=resume,
            ),
            command.environment(os.environ, context.source, context.target, context.state.id),
            log,
            command.services(context.source, context.target, own_services(os.environ)),
        )  # fmt: skip
        try:
            _wait(context, process, replication, known)
        finally:
            # Where its leader was killed, its children go on copying.
            process.stop()
        state = read_copy(context.directory.pgcopydb, known)
        if process.poll() == 0 and state is not None and state.complete:
            break
        words = "\n".join(process.errors()[-5:]) or _pending(state)
        if attempt == ATTEMPTS:
            raise LmtuiError(
                f"The initial copy failed {ATTEMPTS} times (pgcopydb exit code {process.poll()})",
                detail=words,
                hint=f"See {log}; mend the cause, then lmtui resume.",
            )
        held.check()
        _check_nothing_dropped(context, known, words)
        resume = _can_resume(context)
        context.note(
            f"The initial copy broke off (exit code {process.poll()}) and goes on: {words}",
            level="warning",
        )
        context.wait(BACK_OFF_SECONDS * attempt)
    assert state is not None  # noqa: S101
    conversion.run(held, state, replication.watch)
    monitor.finish_copy()
    with connect(context.source, read_only=True) as connection:
        (lsn,) = connection.execute("select pg_current_wal_lsn()::text").fetchall()[0]
    replace(facts, copied=parse_lsn(lsn)).save(context.directory)
    context.tell(CopyFinished(seconds=round(time.monotonic() - began, 1)))


def _check_nothing_dropped(context: Context, known: frozenset[Relation], words: str) -> None:
    """Raise SnapshotLostError where what was to be copied is there no more: no retry mends that."""
    with connect(context.source, read_only=True) as connection:
        there = {(schema, name) for schema, name, *_ in run(connection, "replay_tables")}
    if gone := sorted(".".join(name) for name in known - there):
        raise SnapshotLostError(
            f"{len(gone)} tables were dropped on the source before they were copied",
            detail=f"{', '.join(gone[:10])}\n{words}",
            hint="drop_chunks, decompress_chunk and TRUNCATE of a hypertable drop tables too. Stop"
            " what does that until the copy is done; lmtui resume begins it again.",
        )


def _can_resume(context: Context) -> bool:
    """Whether pgcopydb can go on from what it has done.

    A dump that failed leaves an empty file, which it takes for the dump for ever (0.18). The target
    is untouched then.
    """
    dump = context.directory.pgcopydb / "schema" / "schema.dump"
    if dump.exists() and dump.stat().st_size > 0:
        return True
    shutil.rmtree(context.directory.pgcopydb, ignore_errors=True)
    return False


def _pending(state: CopyState | None) -> str:
    if state is None:
        return "pgcopydb has left no catalog"
    names = [f"{t.schema}.{t.name}" for t in state.tables if t.state != "done"]
    return f"Not copied: {', '.join(names[:10])}"


def _wait(
    context: Context, process: Process, replication: Replication, known: frozenset[Relation]
) -> None:
    planned = context.state.copy_plan is not None
    while process.poll() is None:
        replication.watch()
        state = None if planned else read_copy(context.directory.pgcopydb, known)
        if state is not None and state.tables:
            planned = True
            context.tell(
                CopyPlanned(
                    tables=len(state.tables),
                    indexes=state.indexes_total,
                    bytes=sum(table.bytes_total for table in state.tables),
                )
            )
        context.wait(POLL_SECONDS)


def hold_target(context: Context) -> None:
    """Make the copied target ready for replay: its jobs held, its identity columns writable.

    Triggers that would act again on replayed rows are set aside.
    """
    # All were copied as paused; these are meant to run.
    meant = {int(job.split()[0]) for job in context.state.jobs_paused}
    with connect(context.source, read_only=True) as connection:
        ours = jobs.read_jobs(connection)
        meant |= {job.id for job in ours if job.scheduled}
        # A remedy of preflight paused these for the time of the migration only.
        meant |= jobs.to_be_resumed(connection, context.ledger, ours)
    with connect(context.target, lock_timeout=30) as connection:
        there = jobs.read_jobs(connection)
        jobs.resume_later(connection, context.ledger, [job for job in there if job.id in meant])
        held = [f"{job.id} {job.procedure}" for job in there if job.id in meant]
        if held:
            context.note(f"Jobs held on the target until the cutover: {', '.join(held)}")
        if quiet := _hold(connection, context.ledger, there):
            context.note(f"Set aside on the target until the cutover: {', '.join(quiet)}")
    try:
        # As at the end: where a cutover goes back to replay, it must not be seen as drift.
        copy_replica_identities(context.source, context.target)
    except ServerError as error:
        context.note(str(error), level="warning")


def hold_again(context: Context) -> str:
    """Hold a target again that a cutover has finished in part; says what was held.

    May be repeated: what is held is left as it is.
    """
    with connect(context.target, lock_timeout=30) as connection:
        quiet = _hold(connection, context.ledger, jobs.read_jobs(connection))
    return f"ready for replay, {len(quiet)} triggers and rules set aside"


def _hold(connection: Connection, ledger: Ledger, there: list[jobs.Job]) -> list[str]:
    """Hold jobs, identity columns, triggers and rules; returns those of the last two kinds."""
    jobs.pause(connection, ledger, "target", there, until="jobs")
    quiet = set_aside(connection, ledger)
    for schema, table, column in run(connection, "identity_always"):
        alter = sql.SQL("alter table {} alter column {} set generated ").format(
            sql.Identifier(schema, table), sql.Identifier(column)
        )
        always = sql.SQL("alter table if exists {} alter column {} set generated always")
        ledger.record(
            side="target",
            what=f"identity column {schema}.{table}.{column} made by default",
            before="always",
            undo=always.format(sql.Identifier(schema, table), sql.Identifier(column)).as_string(),
            until="identity",
        )
        connection.execute(alter + sql.SQL("by default"))
    return quiet
