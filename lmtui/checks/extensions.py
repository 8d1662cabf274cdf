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
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, identifier, listing, literal
from lmtui.database import Connection, run
from lmtui.remedies.putting_back import drop_extension
from lmtui.remedies.remedy import SQL, Remedy, Step

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
            fixes.append(created(name, version))
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


def created(name: str, version: str, schema: str = "") -> Remedy:
    """Create an extension on the target in this version; `schema` is quoted."""
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
)  # fmt: skip
