"""Roles: those of the source that the target lacks, without passwords and without superuser."""

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.ledger import ABORT, Ledger
from lmtui.remedies.putting_back import drop_role

# Roles that managed services keep for themselves.
_PROVIDER = ("rds", "azure", "cloudsql", "_aiven", "supabase", "neon_", "alloydb")


def create_missing_roles(source: Connection, target: Connection, ledger: Ledger) -> list[str]:
    """Create them and their memberships, the ledger first; returns the names of those created."""
    there = {name for (name,) in target.execute("select rolname::text from pg_roles").fetchall()}
    created = []
    roles = [role for role in run(source, "roles_missing") if not role[0].startswith(_PROVIDER)]
    for name, inherits, creates_roles, creates_databases, logs_in, limit, _ in roles:
        if name in there:
            continue
        attributes = [
            "inherit" if inherits else "noinherit",
            "createrole" if creates_roles else "nocreaterole",
            "createdb" if creates_databases else "nocreatedb",
            "login" if logs_in else "nologin",
            f"connection limit {int(limit)}",
        ]
        ledger.record(side="target", what=f"role {name}", undo=drop_role(name), until=ABORT)
        target.execute(
            sql.SQL("create role {} {}").format(
                sql.Identifier(name), sql.SQL(" ").join(map(sql.SQL, attributes))
            )
        )
        created.append(name)
    for name, *_, groups in roles:
        for group in groups:
            if name in created and (group in there or group in created):
                target.execute(
                    sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(name))
                )
    return created
