"""The programs that the initial copy is made with."""

from lmtui.checks.check import HOST, Check, Outcome, blocker, failed, ok
from lmtui.checks.facts import Facts
from lmtui.checks.host import Program
from lmtui.database import Connection

OLDEST_PGCOPYDB = (0, 18)


def _not_usable(program: Program, install: str) -> Outcome | None:
    if not program.path:
        return blocker(
            f"{program.name} is not installed here", "It was not found in PATH.", install
        )
    if not program.version:
        return failed(
            f"{program.name} does not say its version",
            f"{program.path} --version: {program.problem}",
            install,
        )
    return None


def _pgcopydb(facts: Facts, _session: Connection) -> Outcome:
    program = facts.host.pgcopydb
    wanted = ".".join(str(part) for part in OLDEST_PGCOPYDB)
    install = f"Install pgcopydb {wanted} or later, or use lmtui's container image, which has it."
    if problem := _not_usable(program, install):
        return problem
    if program.version < OLDEST_PGCOPYDB:
        return blocker(
            f"pgcopydb is older than {wanted}",
            f"{program.path} is {program.version_text}; it cannot copy hypertables.",
            install,
        )
    return ok(f"pgcopydb is {program.version_text}", program.path)


def _pg_dump(facts: Facts, _session: Connection) -> Outcome:
    program, major = facts.host.pg_dump, facts.source.major
    install = f"Install postgresql-client-{major} or later here, and have it first in PATH."
    if problem := _not_usable(program, install):
        return problem
    if program.version[0] < major:
        return blocker(
            "pg_dump is older than the source",
            f"{program.path} is {program.version_text}, the source is {facts.source.version_text}.",
            install,
        )
    return ok(f"pg_dump is {program.version_text}", program.path)


CHECKS = (
    Check("tools.pgcopydb", HOST, "pgcopydb on this host", _pgcopydb),
    Check("tools.pg_dump", HOST, "pg_dump on this host", _pg_dump),
)
