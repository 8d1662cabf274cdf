"""The source's extensions, and whether the target can give them."""

from lmtui.checks.check import (
    BOTH,
    SOURCE,
    TARGET,
    Check,
    Outcome,
    blocker,
    info,
    ok,
    warning,
)  # fmt: skip
from lmtui.checks.facts import Facts, numbers
from lmtui.checks.wording import count, identifier, listing, literal
from lmtui.database import Connection, run
from lmtui.remedies.putting_back import create_extension, drop_extension
from lmtui.remedies.remedy import NAMED, SQL, Remedy, Step

TIMESCALEDB = "timescaledb"
# What a provider puts into every database for itself; another server neither has nor needs it.
PROVIDERS_OWN = ("aiven_extras", "rds_tools", "neon", "neon_utils", "google_vacuum_mgmt")


def moves_timescaledb(facts: Facts) -> bool:
    """TimescaleDB is on the source, is not left out, and the target can give it."""
    return (
        TIMESCALEDB in facts.source.extensions
        and TIMESCALEDB not in facts.plan.skip_extensions
        and TIMESCALEDB in facts.target.available
    )


def _wanted(facts: Facts) -> dict[str, str]:
    left_out = facts.plan.skip_extensions
    return {name: v for name, v in sorted(facts.source.extensions.items()) if name not in left_out}


def _missing(facts: Facts, session: Connection) -> Outcome:
    wanted = _wanted(facts)
    missing = [name for name in wanted if name not in facts.target.available]
    if not missing:
        return ok("The target has every extension of the source", listing(list(wanted)))
    needed = {name: (n, examples) for name, n, examples in run(session, "check_extension_users")}
    ways = [f"DROP EXTENSION {identifier(name)};" for name in missing if name not in needed]
    own = [name for name in missing if name in PROVIDERS_OWN]
    remedy = "Install the packages on the target's server, or allow them in its provider's console"
    if ways:
        remedy += "; or drop on the source what nothing needs:\n" + "\n".join(ways)
    described = [
        f"{name} {wanted[name]} (needed by {listing(needed[name][1], needed[name][0], limit=3)})"
        if name in needed
        else f"{name} {wanted[name]} (nothing of yours needs it"
        + ("; it is the provider's own)" if name in own else ")")
        for name in missing
    ]
    return blocker(
        f"The target lacks {count(len(missing), 'extension')} of the source",
        f"{listing(described, limit=50)}.",
        f"{remedy}\nOr leave them out: --skip-extensions {' '.join(missing)}",
    )


def _versions(facts: Facts, session: Connection) -> Outcome:
    wanted = {n: v for n, v in _wanted(facts).items() if n != TIMESCALEDB}
    rows = run(
        session,
        "check_extension_versions",
        {"names": list(wanted), "versions": list(wanted.values())},
    )
    different, fixes = [], []
    for name, version, given, exact, _ in rows:
        if given in (None, version):
            continue
        different.append(f"{name} {version} here, {given} there")
        if exact and name not in facts.target.extensions:
            fixes.append(_create(name, version))
    if not different:
        return ok("The target gives the same versions of the extensions")
    return info(
        f"{count(len(different), 'extension')} will have another version on the target",
        f"{listing(different)}. That is as after an upgrade of PostgreSQL, and seldom matters.",
        "\n".join(
            ["Where it matters, create the source's version on the target first:"]
            + [statement for fix in fixes for statement in fix.statements]
        )
        if fixes
        else "",
        tuple(fixes),
    )


def _create(name: str, version: str, schema: str = "") -> Remedy:
    where = f" SCHEMA {schema}" if schema else ""
    statement = f"CREATE EXTENSION {identifier(name)}{where} VERSION {literal(version)};"
    return Remedy(
        name=name,
        side=TARGET,
        consent=f"Create {name} {version} on the target; put back only while the target is empty",
        steps=(Step(statement=statement, undo=drop_extension(name)),),
        kind=SQL,
        fresh=True,
    )


def _rights(facts: Facts, session: Connection) -> Outcome:
    wanted = _wanted(facts)
    rows = run(
        session,
        "check_extension_versions",
        {"names": list(wanted), "versions": list(wanted.values())},
    )
    refused = [
        name
        for name, _, _, _, superuser in rows
        if superuser and name not in facts.target.extensions
    ]
    if not refused or facts.target.superuser:
        return ok(f"The role {facts.target.role} may create the extensions on the target")
    are = "is" if len(refused) == 1 else "are"
    words = (
        f"{listing(refused)} can be created by superusers only, and {are} not on the target yet."
    )
    if facts.target.provider.managed:
        return warning(
            "Some extensions may need the provider's way to be created",
            words,
            f"Create them on the target first, in the way of {facts.target.provider.label}.",
        )
    return blocker(
        f"The role {facts.target.role} may not create {count(len(refused), 'extension')}",
        words,
        "On the target, as a superuser:\n"
        + "\n".join(f"CREATE EXTENSION {identifier(name)};" for name in refused)
        + f"\nOr leave them out: --skip-extensions {' '.join(refused)}",
    )


def _skipped(facts: Facts, session: Connection) -> Outcome:
    users = {name: (n, examples) for name, n, examples in run(session, "check_extension_users")}
    needed = [name for name in facts.plan.skip_extensions if name in users]
    if not needed:
        return ok("Nothing needs the extensions that are left out")
    said = "; ".join(f"{name}: {listing(users[name][1], users[name][0], 5)}" for name in needed)
    return blocker(
        "Objects of the source need extensions that are left out",
        f"{said}.",
        "Do not leave them out, or drop those objects on the source first.",
    )


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
        create = _create(TIMESCALEDB, wanted, facts.source.timescaledb_schema)
        if not installed:
            words = "On the target, in a new session (psql -X):"
            return "\n".join([words, *create.statements]), (create,)
        if numbers(wanted) > numbers(installed):
            return _updated(TARGET, wanted)
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
            "On the target, which holds nothing of TimescaleDB yet, each in a new session"
            " (psql -X):"
        )
        return "\n".join([words, *recreate.statements]), (recreate,)
    if given in facts.source.timescaledb_versions and numbers(given) > numbers(wanted):
        return _updated(SOURCE, given)
    install = f"Install TimescaleDB {wanted} on the target's server"
    if numbers(given) > numbers(wanted):
        return f"{install}, or {given} on the source's, and check again.", ()
    return (
        f"{install}, and check again. The source's is newer, and an extension is not taken back to"
        " an older version.",
        (),
    )


def _updated(side: str, version: str) -> tuple[str, tuple[Remedy, ...]]:
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
        f"On the {side}, as the first statement of a new session (psql -X). It cannot be put back,"
        " and sessions that are open are ended at their next statement, so that applications must"
        " connect anew:"
    )
    return f"{words}\n{statement}", (remedy,)


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
    Check(
        "target.extensions", BOTH, "the source's extensions on the target", _missing,
        why="The schema cannot be created without them. Blocks where one is not available.",
    ),
    Check(
        "extensions.versions", TARGET, "the versions of the extensions", _versions,
        why="The target creates its default version. Good to know where it differs.",
    ),
    Check(
        "extensions.rights", TARGET, "the right to create the extensions", _rights,
        why="An extension that is not trusted is created by superusers only. Blocks where it is"
        " not there yet; a warning on a service, which has its own way.",
    ),
    Check(
        "extensions.skipped", SOURCE, "what needs the extensions that are left out", _skipped,
        lambda facts: bool(facts.plan.skip_extensions),
        why="An object that uses an extension's type or function cannot be created without it."
        " Blocks.",
    ),
    Check(
        "extensions.timescaledb_version", TARGET, "TimescaleDB's version on both sides",
        _timescaledb_version, moves_timescaledb,
        why="Its catalog is copied as it is, and differs between versions. Blocks. An update cannot"
        " be put back.",
    ),
    Check(
        "target.timescaledb_preload", TARGET, "whether the target preloads TimescaleDB",
        _timescaledb_loaded, moves_timescaledb,
        why="The extension works only when the server loads it at its start. Blocks.",
    ),
)  # fmt: skip
