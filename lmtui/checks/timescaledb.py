"""TimescaleDB: its edition, jobs, hypertables, continuous aggregates, and where they live."""

from lmtui import jobs
from lmtui.checks import restoring
from lmtui.checks.check import (
    BOTH,
    SOURCE,
    Check,
    Outcome,
    blocker,
    info,
    ok,
    warning,
)  # fmt: skip
from lmtui.checks.extensions import moves_timescaledb
from lmtui.checks.facts import Facts, numbers
from lmtui.checks.former import rewriting
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run
from lmtui.remedies.remedy import NAMED

LICENSE = "timescaledb.license"


def _on_source(facts: Facts) -> bool:
    return bool(facts.source.timescaledb)


def _license(facts: Facts, session: Connection) -> Outcome:
    ours = facts.source.settings.get(LICENSE, "")
    theirs = facts.target.settings.get(LICENSE, "")
    if theirs != "apache" or ours == "apache":
        return ok("The target's edition of TimescaleDB has what the source's has", theirs)
    [(used,)] = run(session, "check_community_features")
    if not used:
        return ok("The source uses nothing that the Apache edition lacks", f"{ours}, {theirs}")
    return blocker(
        "The target's TimescaleDB is the Apache edition",
        f"The source uses {count(used, 'feature')} of the community edition (compression,"
        " continuous aggregates, policies), which the target cannot create.",
        f"{facts.target.provider.label} decides on the edition: choose another target, or drop on"
        " the source what needs it."
        if facts.target.provider.managed
        else "Install the community edition (the package timescaledb-2-postgresql-NN) on the"
        " target, or set timescaledb.license = 'timescale' where it is installed.",
    )


def _jobs(facts: Facts, session: Connection) -> Outcome:
    scheduled = [job for job in jobs.read_jobs(session) if job.scheduled]
    moving = [job for job in scheduled if job.procedure in jobs.MOVING]
    others = [job for job in scheduled if job.procedure not in jobs.MOVING]
    if not scheduled:
        return ok("No job of TimescaleDB is scheduled on the source")
    fixes = tuple(
        one(
            SOURCE,
            str(job.id),
            f"Pause job {job.id} ({job.procedure}) on the source",
            f"{jobs.schedule_statement(session, job.id, scheduled=False)};",
            f"{jobs.schedule_statement(session, job.id, scheduled=True)};",
            NAMED,
        )
        for job in others
        if job.procedure != "policy_refresh_continuous_aggregate"
    )
    parts = []
    if moving:
        parts.append(
            "lmtui pauses these at the start, and schedules them again at the end: "
            + listing([f"{job.id} {job.procedure}" for job in moving])
        )
    if others:
        parts.append("these go on: " + listing([f"{job.id} {job.procedure}" for job in others]))
    words = f"{'; '.join(parts)}."
    if fixes:
        return warning(
            f"{count(len(fixes), 'job')} of your own run on the source",
            f"{words} What such a job changes is replayed; what it creates is not.",
            "Where one creates or drops tables, pause it for the time of the migration:\n"
            + statements_of(fixes),
            fixes,
        )
    return info(f"{count(len(scheduled), 'job')} of TimescaleDB on the source", words)


def _running(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_running_jobs")
    if not rows:
        return ok("No job of TimescaleDB is running just now")
    return warning(
        f"{count(len(rows), 'job')} of TimescaleDB run just now",
        f"{listing([f'{name} in process {pid}' for pid, name in rows])}. A slot waits for their"
        " transactions.",
        "Wait until they have ended.",
    )


def _hypertables(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_hypertable_sizes")
    if not rows:
        return ok("The source has no hypertables")
    chunks = sum(number for _, number, _ in rows)
    tiered = [name for name, _, dimensions in rows if dimensions > 1]
    words = listing([f"{name} ({count(number, 'chunk')})" for name, number, _ in rows])
    more = f" More than one dimension: {listing(tiered)}." if tiered else ""
    return ok(
        f"{count(len(rows), 'hypertable')} of the source, {count(chunks, 'chunk')}",
        f"{words}.{more}",
    )


def _aggregates(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_continuous_aggregates")
    if not rows:
        return ok("The source has no continuous aggregates")
    old = [name for name, finalized in rows if finalized == "false"]
    if old:
        return blocker(
            f"{count(len(old), 'continuous aggregate')} in the form before TimescaleDB 2.7",
            f"{listing(old)}. Newer versions cannot read it.",
            rewriting(facts.source, old),
        )
    return info(
        f"{count(len(rows), 'continuous aggregate')} will be refreshed at the cutover",
        f"{listing([name for name, _ in rows])}. Their rows are copied; what changes meanwhile is"
        " computed anew on the target.",
    )


def _schema(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_timescaledb_schemas")
    away = [f"{name} in {schema}" for name, schema in rows if schema != "public"]
    if not away:
        return ok("TimescaleDB is in the schema public")
    if facts.target.provider.name == "tiger":
        return blocker(
            "TimescaleDB is in another schema than on Tiger Cloud",
            f"{listing(away)}; there it is in public, and it cannot be moved.",
            "Copy the database on the source into one where the extension is in public.",
        )
    return info(
        "TimescaleDB is not in the schema public",
        f"{listing(away)}. It is created in the same schema on the target.",
    )


def _custom_names(_facts: Facts, session: Connection) -> Outcome:
    rows = [name for (name,) in run(session, "check_custom_chunk_names")]
    if not rows:
        return ok("Chunks have their usual names")
    return info(
        f"{count(len(rows), 'hypertable')} whose chunks have a schema or prefix of their own",
        f"{listing(rows)}. lmtui tells chunks by the catalog, not by their names.",
    )


def _user_objects(_facts: Facts, session: Connection) -> Outcome:
    rows = [name for (name,) in run(session, "check_objects_in_internal")]
    if not rows:
        return ok("Nothing of yours is in TimescaleDB's own schemas")
    return warning(
        f"{count(len(rows), 'relation')} of yours in TimescaleDB's own schemas",
        f"{listing(rows)}. They are taken for TimescaleDB's, and may be left out.",
        "Move them to a schema of your own:\n"
        + "\n".join(f"ALTER TABLE {name} SET SCHEMA public;" for name in rows),
    )


def _workers(facts: Facts, session: Connection) -> Outcome:
    [(scheduled,)] = run(session, "check_scheduled_jobs")
    wanted = int(facts.target.settings.get("timescaledb.max_background_workers", "16"))
    room = int(facts.target.settings["max_worker_processes"])
    if not scheduled or wanted + 3 <= room:
        return ok("The target has workers for TimescaleDB's jobs", f"{room} worker processes")
    return info(
        "The target may start fewer jobs at once than it is set to",
        f"timescaledb.max_background_workers is {wanted}, but max_worker_processes only {room}.",
        f"On the target, with a restart:\nALTER SYSTEM SET max_worker_processes = {wanted + 11};",
    )


def _old_versions(facts: Facts, _session: Connection) -> Outcome:
    version = facts.source.timescaledb
    if numbers(version) < (2, 9):
        return blocker(
            "The source's TimescaleDB is older than 2.9",
            f"It is {version}; its catalog has another form than lmtui reads.",
            "Update the extension on the source.",
        )
    return ok(f"The source's TimescaleDB is {version}")


CHECKS = (
    Check(
        "timescaledb.version", SOURCE, "the age of the source's TimescaleDB", _old_versions,
        _on_source,
        why="lmtui reads the catalog of 2.9 and later. Blocks below.",
    ),
    Check(
        "timescaledb.license", BOTH, "the editions of TimescaleDB", _license, moves_timescaledb,
        why="Compression, continuous aggregates and policies are of the community edition. Blocks"
        " where the source uses them and the target's is Apache.",
    ),
    *restoring.CHECKS,
    Check(
        "timescaledb.jobs", SOURCE, "jobs of TimescaleDB", _jobs, _on_source,
        why="Jobs that move or drop chunks are paused while lmtui works, as the ledger says; jobs"
        " of your own go on. A warning for those.",
    ),
    Check(
        "timescaledb.jobs_running", SOURCE, "jobs that run just now", _running, _on_source,
        why="A slot waits for their transactions. A warning.",
    ),
    Check(
        "timescaledb.hypertables", SOURCE, "hypertables", _hypertables, _on_source,
        why="How many there are, with how many chunks.",
    ),
    Check(
        "timescaledb.aggregates", SOURCE, "continuous aggregates", _aggregates, _on_source,
        why="What is written during the migration is refreshed on the target. Blocks for the form"
        " before 2.7, which lmtui does not rewrite itself: TimescaleDB's own call can lose rows or"
        " stop half way, and cannot be put back. Tried on 2.19.3, with an aggregate that was only"
        " marked as old.",
    ),
    Check(
        "timescaledb.schema", SOURCE, "the schema that TimescaleDB is in", _schema, _on_source,
        why="It cannot be moved, and Tiger Cloud has it in public. Blocks there, else good to"
        " know.",
    ),
    Check(
        "timescaledb.custom_names", SOURCE, "chunks with names of their own", _custom_names,
        _on_source,
        why="Tools that map chunks by name break on them; lmtui does not. Good to know.",
    ),
    Check(
        "timescaledb.user_objects", SOURCE, "your objects in TimescaleDB's schemas",
        _user_objects, _on_source,
        why="What is there is taken for TimescaleDB's own. A warning.",
    ),
    Check(
        "target.workers", SOURCE, "worker processes for jobs on the target", _workers, _on_source,
        why="Jobs need worker processes on the target. Good to know.",
    ),
)  # fmt: skip
