"""Whom we are connected to, and whether there is room for the work's sessions."""

from lmtui.checks.check import (
    BOTH,
    SOURCE,
    TARGET,
    Check,
    Outcome,
    blocker,
    ok,
    warning,
)
from lmtui.checks.facts import Facts
from lmtui.database import Connection, run

# Beside pgcopydb's: the slot's snapshot, the monitor and the operator's own questions.
_OWN_SESSIONS = 4


def _same(facts: Facts, _session: Connection) -> Outcome:
    source, target = facts.source, facts.target
    if source.system is not None and target.system is not None:
        same_server = source.system == target.system
        evidence = f"Both have the system identifier {source.system}"
    else:
        same_server = source.started == target.started and (
            not source.address or not target.address or source.address == target.address
        )
        evidence = f"Both servers were started at {source.started.isoformat()}"
    same_database = (source.database_oid, source.database) == (
        target.database_oid,
        target.database,
    )
    if same_server and same_database:
        return blocker(
            "Source and target are the same database",
            f"{evidence} and are connected to the database {source.database}.",
            "Give the connection string of another database as the target.",
        )
    if same_server:
        return ok("Source and target are two databases of one server")
    return ok("Source and target are two servers")


def _source_primary(facts: Facts, _session: Connection) -> Outcome:
    if facts.source.standby:
        return blocker(
            "The source is a standby",
            "pg_is_in_recovery() is true.",
            "Give the primary's address; for Amazon Aurora, the writer endpoint.",
        )
    return ok("The source is a primary")


def _target_primary(facts: Facts, _session: Connection) -> Outcome:
    if facts.target.standby:
        return blocker(
            "The target is a standby, and cannot be written to",
            "pg_is_in_recovery() is true.",
            "Give the primary's address; for Amazon Aurora, the writer endpoint.",
        )
    return ok("The target is a primary")


def _room(side: str, least: int, needed: int, session: Connection) -> Outcome:
    [(free,)] = run(session, "check_connections")
    if free < least:
        return blocker(
            f"The {side} has too few free connections",
            f"{free} are free; the initial copy takes {least} or more, {needed} with the chosen"
            " jobs.",
            "Close what is not needed, or raise max_connections (or the limit of the database or"
            " role).",
        )
    if free < needed:
        return warning(
            f"The {side} has too few free connections for the chosen jobs",
            f"{free} are free; the initial copy takes up to {needed}.",
            "Choose fewer jobs (--table-jobs, --index-jobs), or raise max_connections"
            " (or the limit of the database or role).",
        )
    return ok(f"The {side} has enough free connections", f"{free} free, {needed} needed")


def _source_connections(facts: Facts, session: Connection) -> Outcome:
    return _room(SOURCE, _OWN_SESSIONS + 1, _OWN_SESSIONS + facts.plan.table_jobs, session)


def _target_connections(facts: Facts, session: Connection) -> Outcome:
    jobs = 2 * facts.plan.table_jobs + facts.plan.index_jobs
    return _room(TARGET, _OWN_SESSIONS + 3, _OWN_SESSIONS + jobs, session)


CHECKS = (
    Check(
        "endpoints.same", BOTH, "whether source and target differ", _same,
        why="A database cannot be migrated into itself. Blocks.",
    ),
    Check(
        "source.primary", SOURCE, "whether the source is a primary", _source_primary,
        why="On a standby no identity, job or fence can be set. Blocks.",
    ),
    Check(
        "target.primary", TARGET, "whether the target is a primary", _target_primary,
        why="A standby cannot be written to. Blocks.",
    ),
    Check(
        "source.connections", SOURCE, "free connections on the source", _source_connections,
        why="Each job of the copy has a session, and lmtui four. A warning below that;"
        " blocks where one job would not have its own.",
    ),
    Check(
        "target.connections", TARGET, "free connections on the target", _target_connections,
        why="Each job of the copy has two sessions, each index job one, and lmtui four. A warning"
        " below that; blocks where one job of each would not have theirs.",
    ),
)  # fmt: skip
