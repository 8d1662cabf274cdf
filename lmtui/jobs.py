"""TimescaleDB's jobs: paused on the source, held on the target, put back as they were."""

from typing import NamedTuple

from lmtui.database import Connection, run
from lmtui.ledger import Ledger

# What moves or removes chunks while they are copied. A refresh only adds.
MOVING = (
    "policy_compression",
    "policy_recompression",
    "policy_retention",
    "policy_reorder",
    "policy_process_hypertable_invalidations",
)

# How the ledger calls what was on the source, and came to the target without being on there.
COPIED = "copied while paused"


class Job(NamedTuple):
    """A job: its id, the name of its procedure, whether it is scheduled."""

    id: int
    procedure: str
    scheduled: bool


def read_jobs(connection: Connection) -> list[Job]:
    """The jobs of policies and users (ids from 1000 on), where TimescaleDB is there."""
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return []
    return [Job(*row) for row in run(connection, "jobs_read")]


def schedule_statement(connection: Connection, job: int, *, scheduled: bool) -> str:
    """The statement that switches one job; harmless where the job is gone."""
    (schema,) = connection.execute(
        "select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace "
        "where e.extname = 'timescaledb'"
    ).fetchone() or ("public",)
    quoted = '"' + schema.replace('"', '""') + '"'
    return (
        f"select {quoted}.alter_job(job_id, scheduled => {str(scheduled).lower()}) "  # noqa: S608
        f"from timescaledb_information.jobs where job_id = {job}"
    )


def pause(
    connection: Connection, ledger: Ledger, side: str, jobs: list[Job], *, until: str
) -> list[str]:
    """Pause those that are scheduled, the ledger first; returns their names."""
    paused = []
    for job in jobs:
        if not job.scheduled:
            continue
        ledger.record(
            side=side,
            what=f"job {job.id} ({job.procedure}) paused",
            before="scheduled",
            undo=schedule_statement(connection, job.id, scheduled=True),
            until=until,
        )
        connection.execute(schedule_statement(connection, job.id, scheduled=False))
        paused.append(f"{job.id} {job.procedure}")
    return paused


def to_be_resumed(connection: Connection, ledger: Ledger, jobs: list[Job]) -> set[int]:
    """Which of the source's jobs the ledger has as paused, whoever asked for it."""
    undo = {entry.undo.rstrip(";") for entry in ledger.open_entries() if entry.side == "source"}
    return {
        job.id for job in jobs if schedule_statement(connection, job.id, scheduled=True) in undo
    }


def resume_later(connection: Connection, ledger: Ledger, jobs: list[Job]) -> None:
    """Note on the target the jobs that were copied while they were paused on the source."""
    for job in jobs:
        if not job.scheduled:
            ledger.record(
                side="target",
                what=f"job {job.id} ({job.procedure}) {COPIED}",
                before="paused",
                undo=schedule_statement(connection, job.id, scheduled=True),
                until="jobs",
            )
