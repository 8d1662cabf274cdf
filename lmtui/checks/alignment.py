"""One version of TimescaleDB on both sides, and what aligns them."""

from lmtui.checks.check import TARGET, Check, Outcome, blocker, ok
from lmtui.checks.extensions import TIMESCALEDB, created, moves_timescaledb
from lmtui.checks.facts import Facts, Server, numbers
from lmtui.checks.wording import count, listing, literal
from lmtui.database import Connection, run
from lmtui.remedies.putting_back import create_extension
from lmtui.remedies.remedy import NAMED, Remedy, Step


def _timescaledb_version(facts: Facts, session: Connection) -> Outcome:
    wanted = facts.source.timescaledb
    installed = facts.target.timescaledb
    given = installed or facts.target.available[TIMESCALEDB]
    if given == wanted:
        return ok(f"TimescaleDB is {wanted} on both sides")
    held = run(session, "check_target_objects")
    words, fixes = _align(facts, wanted, installed, given, held[0][2] if held else 0)
    return blocker(
        "Source and target have different versions of TimescaleDB",
        f"The source has {wanted}, the target {'has' if installed else 'would create'} {given}.",
        words,
        fixes,
    )


def _align(
    facts: Facts, wanted: str, installed: str, given: str, held: int
) -> tuple[str, tuple[Remedy, ...]]:
    """The way to one version; `held` is how many objects of users the target holds."""
    if wanted in facts.target.timescaledb_versions:
        create = created(TIMESCALEDB, wanted, facts.source.timescaledb_schema)
        if not installed:
            words = "On the target, in a new session (psql -X):"
            return "\n".join([words, *create.statements]), (create,)
        if numbers(wanted) > numbers(installed):
            return _updated(facts.target, wanted)
        if held:
            return (
                f"The target holds {count(held, 'object')}, which may need the extension, and an"
                f" extension is not taken back to an older version. Give an empty database, and"
                f" create TimescaleDB {wanted} in it.",
                (),
            )
        recreate = Remedy(
            name="recreate",
            side=TARGET,
            consent="Drop TimescaleDB on the target, which refuses where anything uses it, and"
            f" create it in version {wanted}; put back only while the target is empty",
            steps=(
                Step(
                    statement="DROP EXTENSION timescaledb;",
                    undo=create_extension(TIMESCALEDB, installed, facts.target.timescaledb_schema),
                ),
                *create.steps,
            ),
            kind=NAMED,
            fresh=True,
        )
        words = (
            f"On the target{_who(facts.target)}, which holds nothing of TimescaleDB yet, each in a"
            " new session (psql -X):"
        )
        return "\n".join([words, *recreate.statements]), _allowed(facts.target, recreate)
    if given in facts.source.timescaledb_versions and numbers(given) > numbers(wanted):
        return _updated(facts.source, given)
    install = _install(facts.target, wanted)
    install = install[0].upper() + install[1:]
    if numbers(given) > numbers(wanted):
        return f"{install}, or {_install(facts.source, given)}, and check again.", ()
    return (
        f"{install}, and check again. The source's is newer, and an extension is not taken back to"
        " an older version.",
        (),
    )


def _install(server: Server, version: str) -> str:
    if not server.provider.managed:
        return f"install TimescaleDB {version} on the {server.side}'s server"
    given = f" (it has {listing(server.timescaledb_versions)})"
    return (
        f"ask the support of {server.provider.label} for TimescaleDB {version} on the"
        f" {server.side}{given if server.timescaledb_versions else ''}"
    )


def _who(server: Server) -> str:
    return "" if server.timescaledb_owner else ", as the extension's owner or as a superuser"


def _allowed(server: Server, remedy: Remedy) -> tuple[Remedy, ...]:
    """The remedy where our role may; services let others than the owner alter an extension."""
    return (remedy,) if server.timescaledb_owner or server.provider.managed else ()


def _updated(server: Server, version: str) -> tuple[str, tuple[Remedy, ...]]:
    side = server.side
    statement = f"ALTER EXTENSION timescaledb UPDATE TO {literal(version)};"
    remedy = Remedy(
        name="update",
        side=side,
        consent=f"Update TimescaleDB on the {side} to {version}; it needs a moment without open"
        " transactions, ends each open session at its next statement, and cannot be put back",
        steps=(Step(statement=statement),),
        kind=NAMED,
        fresh=True,
    )
    words = (
        f"On the {side}{_who(server)}, as the first statement of a new session (psql -X). It cannot"
        " be put back, and sessions that are open are ended at their next statement, so that"
        " applications must connect anew:"
    )
    return f"{words}\n{statement}", _allowed(server, remedy)


def not_preloaded(target: Server) -> Outcome:
    """The target's server does not load the library: what to do."""
    wanted = {"shared_preload_libraries": TIMESCALEDB}
    add = "add timescaledb to the libraries that are there"
    return blocker(
        "TimescaleDB is not preloaded on the target",
        "shared_preload_libraries does not load timescaledb, so the extension cannot be used.",
        f"{target.provider.change(wanted, restart=True)}\nWhere it has others, {add}."
        if target.provider.managed
        else f"On the target's server {add}, and restart PostgreSQL:\n"
        "ALTER SYSTEM SET shared_preload_libraries = 'timescaledb';",
    )


def _timescaledb_loaded(facts: Facts, _session: Connection) -> Outcome:
    if facts.target.timescaledb_loaded:
        return ok("TimescaleDB is preloaded on the target")
    return not_preloaded(facts.target)


CHECKS = (
    Check(
        "extensions.timescaledb_version", TARGET, "TimescaleDB's version on both sides",
        _timescaledb_version, moves_timescaledb,
        why="Its catalog is copied as it is, and differs between versions. Blocks. An update cannot"
        " be put back; its owner may do it.",
    ),
    Check(
        "target.timescaledb_preload", TARGET, "whether the target preloads TimescaleDB",
        _timescaledb_loaded, moves_timescaledb,
        why="The extension works only when the server loads it at its start. Blocks.",
    ),
)  # fmt: skip
