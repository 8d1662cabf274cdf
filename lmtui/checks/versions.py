"""Versions and encodings of both servers, and TimescaleDB's on each."""

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
from lmtui.checks.facts import Facts, Server
from lmtui.checks.wording import literal
from lmtui.database import Connection

OLDEST_SOURCE = 12
TIMESCALEDB = "timescaledb"


def _source_version(facts: Facts, _session: Connection) -> Outcome:
    if facts.source.major < OLDEST_SOURCE:
        return blocker(
            f"The source's PostgreSQL is older than {OLDEST_SOURCE}",
            f"It is {facts.source.version_text}.",
            f"Upgrade the source to PostgreSQL {OLDEST_SOURCE} or later first.",
        )
    return ok(f"The source is PostgreSQL {facts.source.version_text}")


def _target_version(facts: Facts, _session: Connection) -> Outcome:
    source, target = facts.source, facts.target
    if target.major < source.major:
        return warning(
            "The target's PostgreSQL is older than the source's",
            f"The source is {source.version_text}, the target {target.version_text}. Objects that"
            " use what is new on the source cannot be created on the target.",
            f"Use a target with PostgreSQL {source.major} or later.",
        )
    return ok(f"The target is PostgreSQL {target.version_text}")


def _encoding(server: Server, side: str) -> Outcome:
    if server.encoding != "UTF8":
        return blocker(
            f"The {side}'s database is not encoded in UTF8",
            f"The database {server.database} has the encoding {server.encoding}.",
            "Only databases in UTF8 can be migrated."
            if side == SOURCE
            else "Create the target database with ENCODING 'UTF8' TEMPLATE template0.",
        )
    return ok(f"The {side}'s database is encoded in UTF8")


def _source_encoding(facts: Facts, _session: Connection) -> Outcome:
    return _encoding(facts.source, SOURCE)


def _target_encoding(facts: Facts, _session: Connection) -> Outcome:
    return _encoding(facts.target, TARGET)


def moves_timescaledb(facts: Facts) -> bool:
    """TimescaleDB is on the source, is not left out, and the target can give it."""
    return (
        TIMESCALEDB in facts.source.extensions
        and TIMESCALEDB not in facts.plan.skip_extensions
        and TIMESCALEDB in facts.target.available
    )


def _timescaledb_version(facts: Facts, _session: Connection) -> Outcome:
    wanted = facts.source.extensions[TIMESCALEDB]
    installed = facts.target.extensions.get(TIMESCALEDB, "")
    given = installed or facts.target.available[TIMESCALEDB]
    if given == wanted:
        return ok(f"TimescaleDB is {wanted} on both sides")
    state = "has" if installed else "would create"
    return blocker(
        "Source and target have different versions of TimescaleDB",
        f"The source has {wanted}, the target {state} {given}.",
        _align(facts, wanted, installed, given),
    )


def _align(facts: Facts, wanted: str, installed: str, given: str) -> str:
    if wanted in facts.target.timescaledb_versions:
        create = f"CREATE EXTENSION timescaledb VERSION {literal(wanted)};"
        if not installed:
            return f"On the target, in a new session (psql -X):\n{create}"
        return (
            "On the target, which must hold nothing of TimescaleDB yet, each in a new session"
            f" (psql -X):\nDROP EXTENSION timescaledb CASCADE;\n{create}"
        )
    if given in facts.source.timescaledb_versions:
        return (
            "On the source, as the first statement of a new session (psql -X):\n"
            f"ALTER EXTENSION timescaledb UPDATE TO {literal(given)};"
        )
    return (
        f"Install TimescaleDB {wanted} on the target's server, or {given} on the source's, and"
        " update the extension there."
    )


def _timescaledb_loaded(facts: Facts, _session: Connection) -> Outcome:
    if not facts.target.timescaledb_loaded:
        return blocker(
            "TimescaleDB is not preloaded on the target",
            "shared_preload_libraries does not load timescaledb, so the extension cannot be used.",
            "On the target's server add timescaledb to the libraries that are there, and restart"
            " PostgreSQL:\nALTER SYSTEM SET shared_preload_libraries = 'timescaledb';",
        )
    return ok("TimescaleDB is preloaded on the target")


CHECKS = (
    Check("source.version", SOURCE, "the source's version", _source_version),
    Check("target.version", TARGET, "the target's version", _target_version),
    Check("source.encoding", SOURCE, "the source's encoding", _source_encoding),
    Check("target.encoding", TARGET, "the target's encoding", _target_encoding),
    Check(
        "extensions.timescaledb_version",
        BOTH,
        "TimescaleDB's version on both sides",
        _timescaledb_version,
        moves_timescaledb,
    ),
    Check(
        "target.timescaledb_preload",
        TARGET,
        "whether the target preloads TimescaleDB",
        _timescaledb_loaded,
        moves_timescaledb,
    ),
)
