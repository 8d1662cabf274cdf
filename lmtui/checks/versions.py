"""Versions and encodings of both servers."""

from lmtui.checks.check import SOURCE, TARGET, Check, Outcome, blocker, ok, warning
from lmtui.checks.facts import Facts, Server
from lmtui.database import Connection

OLDEST_SOURCE = 12


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


CHECKS = (
    Check(
        "source.version", SOURCE, "the source's version", _source_version,
        why="Decoding as lmtui does it needs PostgreSQL 12 or later. Blocks.",
    ),
    Check(
        "target.version", TARGET, "the target's version", _target_version,
        why="Objects that use what is new on the source cannot be created on an older target."
        " A warning.",
    ),
    Check(
        "source.encoding", SOURCE, "the source's encoding", _source_encoding,
        why="The stream is decoded as UTF-8. Blocks for any other encoding.",
    ),
    Check(
        "target.encoding", TARGET, "the target's encoding", _target_encoding,
        why="Another encoding may not hold the source's text. Blocks.",
    ),
)  # fmt: skip
