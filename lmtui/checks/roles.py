"""What the source's role may read and change, and which roles the target lacks."""

import re

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, identifier, listing, literal
from lmtui.database import Connection, run

# Applications keep secrets in settings of their own; their values are not told.
_SECRET = re.compile(r"secret|password|passwd|token|key", re.IGNORECASE)
# Values that are lists are kept as they are written in SQL.
_LISTS = ("search_path", "session_preload_libraries", "local_preload_libraries", "temp_tablespaces")


def _read(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_unreadable")
    if not rows:
        return ok(f"The role {facts.source.role} may read every table of the source")
    role = identifier(facts.source.role)
    schemas = sorted({schema for schema, _, _ in rows})
    grants = [f"GRANT USAGE ON SCHEMA {schema} TO {role};" for schema in schemas]
    for kind in sorted({kind for _, _, kind in rows}):
        what = "SEQUENCES" if kind == "sequence" else "TABLES"
        grants += [
            f"GRANT SELECT ON ALL {what} IN SCHEMA {schema} TO {role};"
            for schema in schemas
            if any(s == schema and (k == "sequence") == (what == "SEQUENCES") for s, _, k in rows)
        ]
    return blocker(
        f"The role {facts.source.role} may not read {count(len(rows), 'relation')} of the source",
        f"{listing([f'{kind} {name}' for _, name, kind in rows])}.",
        "On the source, as the owner:\n" + "\n".join(dict.fromkeys(grants)),
    )


def _ownership(facts: Facts, session: Connection) -> Outcome:
    owners = run(session, "check_other_owners")
    if not owners:
        return ok(f"The role {facts.source.role} may change every table of the source")
    role = identifier(facts.source.role)
    said = [f"{owner} ({count(number, 'table')})" for owner, number, _ in owners]
    # Membership in a superuser's role would give more than is needed.
    grants = [
        f"GRANT {identifier(owner)} TO {role};" for owner, _, superuser in owners if not superuser
    ]
    return warning(
        "Some tables of the source belong to roles that ours is no member of",
        f"{listing(said)}. Their replica identities and jobs cannot be set from here.",
        "\n".join(["On the source, as an administrator, or connect as their owner:", *grants])
        if grants
        else "Connect to the source as their owner, or give the tables to this role.",
    )


def _row_security(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_row_security")
    hidden = [name for name, active in rows if active]
    if hidden:
        role = identifier(facts.source.role)
        return blocker(
            f"Row security hides rows of {count(len(hidden), 'table')} from us",
            f"{listing(hidden)}. pg_dump refuses such a table, since rows would be missing.",
            "On the source, as a superuser, or connect as the owner:\n"
            f"ALTER ROLE {role} BYPASSRLS;",
        )
    if rows:
        return ok("No row is hidden from us", f"Row security: {listing([r for r, _ in rows])}")
    return ok("No table of the source has row security")


def _missing(facts: Facts, session: Connection) -> Outcome:
    there = facts.target.roles
    missing = [role for (role,) in run(session, "check_used_roles") if role not in there]
    if not missing:
        return ok("The target has every role that the source's objects need")
    if facts.plan.skip_roles:
        return info(
            f"The target lacks {count(len(missing), 'role')}",
            f"{listing(missing)}. Owners and grants are left out, as you chose.",
        )
    if facts.target.may_create_roles:
        return info(
            f"{count(len(missing), 'role')} will be created on the target, without passwords",
            f"{listing(missing)}.",
            "Set their passwords there before the cutover.",
        )
    return warning(
        f"The target lacks {count(len(missing), 'role')}, and we may not create roles",
        f"{listing(missing)}. Owners and grants for them are left out.",
        "On the target, as an administrator:\n"
        + "\n".join(f"CREATE ROLE {identifier(role)};" for role in missing),
    )


def _database_settings(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_default_settings")
    if not rows:
        return ok("The source's database and roles have no settings of their own")
    said, statements = [], []
    for role, name, value in rows:
        whose = f"role {role}" if role else "the database"
        said.append(f"{name} of {whose}")
        database = identifier(facts.target.database)
        head = f"ALTER DATABASE {database}"
        if role:
            head = f"ALTER ROLE {identifier(role)} IN DATABASE {database}"
        if not _SECRET.search(name):
            given = value if name in _LISTS else literal(value)
            statements.append(f"{head} SET {name} = {given};")
    return info(
        f"{count(len(rows), 'setting')} of the source's database or roles "
        f"{'is' if len(rows) == 1 else 'are'} not migrated",
        f"{listing(said)}.",
        "On the target, where they are wanted:\n" + "\n".join(statements),
    )


CHECKS = (
    Check(
        "source.read", SOURCE, "what the source's role may read", _read,
        why="pg_dump locks and reads every table and sequence. Blocks.",
    ),
    Check(
        "source.ownership", SOURCE, "whose the source's tables are", _ownership,
        why="Only an owner may set a replica identity or pause a job. A warning.",
    ),
    Check(
        "source.row_security", SOURCE, "row security on the source", _row_security,
        why="A copy must see all rows. Blocks where a policy binds our role.",
    ),
    Check(
        "roles.missing", SOURCE, "the roles that the target lacks", _missing,
        why="Owners and grants need their roles. Good to know; a warning where lmtui may not create"
        " them.",
    ),
    Check(
        "source.database_settings", SOURCE, "settings of the source's database and roles",
        _database_settings,
        why="pg_dump leaves ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE out. Good to"
        " know.",
    ),
)  # fmt: skip
