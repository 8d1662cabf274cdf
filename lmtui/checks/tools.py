"""The programs that the initial copy is made with, and this host's room."""

from lmtui.checks.check import HOST, Check, Outcome, blocker, failed, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.host import Program
from lmtui.checks.wal import forecast
from lmtui.database import Connection
from lmtui.humane import bytes_text

OLDEST_PGCOPYDB = (0, 18)
FREE_FLOOR = 5 << 30
MEMORY_FLOOR = 1 << 30


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


def _pg_restore(facts: Facts, _session: Connection) -> Outcome:
    program, dump = facts.host.pg_restore, facts.host.pg_dump
    install = "Install pg_dump and pg_restore of one package here, and have it first in PATH."
    if problem := _not_usable(program, install):
        return problem
    if program.version < dump.version:
        return blocker(
            "pg_restore is older than pg_dump",
            f"{program.path} is {program.version_text}, pg_dump is {dump.version_text}.",
            install,
        )
    return ok(f"pg_restore is {program.version_text}", program.path)


def _disk(facts: Facts, session: Connection) -> Outcome:
    rate, seconds, _ = forecast(facts, session)
    needed = max(int(rate * seconds), 1)
    free, place = facts.host.free, facts.host.directory
    words = (
        f"{place} has {bytes_text(free)} free; what is received during the copy may come to"
        f" {bytes_text(needed)}."
    )
    if free < needed:
        return blocker("This host's disk is too small", words, "Give another --dir.")
    if free < 2 * needed or free < FREE_FLOOR:
        return warning(
            "This host's disk is nearly full", words, "Make room there, or give another --dir."
        )
    return ok("This host's disk has room", words)


def _memory(facts: Facts, _session: Connection) -> Outcome:
    memory = facts.host.memory
    if memory < MEMORY_FLOOR:
        return warning(
            "This host has little memory",
            f"It has {bytes_text(memory)}.",
            f"Use a host with at least {bytes_text(MEMORY_FLOOR)}, or fewer jobs (--table-jobs).",
        )
    return ok(f"This host has {bytes_text(memory)} of memory")


CHECKS = (
    Check(
        "tools.pgcopydb", HOST, "pgcopydb on this host", _pgcopydb,
        why="It makes the initial copy; versions before 0.18 cannot copy hypertables. Blocks.",
    ),
    Check(
        "tools.pg_dump", HOST, "pg_dump on this host", _pg_dump,
        why="pg_dump refuses a server that is newer than itself. Blocks.",
    ),
    Check(
        "tools.pg_restore", HOST, "pg_restore on this host", _pg_restore,
        why="What a newer pg_dump wrote, an older pg_restore cannot read. Blocks.",
    ),
    Check(
        "tools.disk", HOST, "the free disk of this host", _disk,
        why="Changes are kept here until they are replayed. Blocks where the forecast does not fit;"
        " a warning below twice that, or below 5 GiB.",
    ),
    Check(
        "tools.memory", HOST, "the memory of this host", _memory,
        why="The copy's jobs and the replay need memory. A warning below 1 GiB.",
    ),
)  # fmt: skip
