"""The target made ready for replay, and again where a cutover has come to no proven end."""

from psycopg import sql

from lmtui import jobs
from lmtui.cutover.identity import copy_replica_identities
from lmtui.database import Connection, connect, run
from lmtui.errors import ServerError
from lmtui.ledger import Ledger
from lmtui.migration.context import Context
from lmtui.migration.triggers import set_aside


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
