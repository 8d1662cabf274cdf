"""Owners, rights, default privileges, comments and settings, brought to the target.

The initial copy keeps most of them only where the target's role is a superuser, and never the
settings of the database and of roles. What the target's role may not do is said, not passed over.
"""

from collections.abc import Sequence
from contextlib import closing

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint, redact
from lmtui.humane import count_noun
from lmtui.validation.inventory import PROPERTIES, Item, items
from lmtui.validation.side import both_sides

_OF_ROLES = ("owner", "right", "default privilege")


def copy_properties(source: Endpoint, target: Endpoint, *, roles: bool = True) -> tuple[str, ...]:
    """Set what the target lacks, or has otherwise; may be repeated.

    Without `roles` nothing is set that names one. Returns how many were set in words, and behind
    that what the target refused. Raises ServerError where a side cannot be read.
    """
    with both_sides(source, target, 0) as (ours, theirs):
        wanted, there = items(ours, PROPERTIES), items(theirs, PROPERTIES)
        relations = {one.name for one in items(theirs, ("relations",)).values()}
    lacking = [
        item
        for key, item in wanted.items()
        if there.get(key) != item
        and (not item.owner or item.owner in relations)
        and (roles or not (item.kind in _OF_ROLES or item.name.startswith("role ")))
    ]
    # A new owner has other rights.
    lacking.sort(key=lambda item: item.kind != "owner")
    with closing(connect(target, lock_timeout=30)) as connection:
        return _set_all(connection, lacking)


def _set_all(connection: Connection, lacking: Sequence[Item]) -> tuple[str, ...]:
    done, refused = 0, []
    hopeless: set[tuple[str, str]] = set()
    ((database,),) = connection.execute("select current_database()::text").fetchall()
    for item in lacking:
        role = item.definition.rpartition(" to ")[2] if item.kind in _OF_ROLES else ""
        if role and (item.kind, role) in hopeless:
            continue
        try:
            with connection.transaction():
                _set(connection, item, database)
            done += 1
        except psycopg.Error as error:
            words = error.diag.message_primary or str(error)
            refused.append(redact(f"{item.kind} {item.name}: {error.sqlstate}: {words}"))
            if role:
                hopeless.add((item.kind, role))
    return (f"{count_noun(done, 'one', 'of them')} set", *refused)


def _set(connection: Connection, item: Item, database: str) -> None:
    if item.kind != "setting":
        # Names come quoted from the catalog.
        connection.execute(item.definition.encode())
        return
    *scope, name = item.name.split(" ")
    connection.execute("select set_config(%s, %s, true)", (name, item.definition))
    where: list[sql.Composable] = []
    if "role" in scope:
        where.append(sql.SQL("role " + scope[scope.index("role") + 1]))
        where += [sql.SQL("in database {}").format(sql.Identifier(database))] * (
            "database" in scope
        )
    else:
        where.append(sql.SQL("database {}").format(sql.Identifier(database)))
    connection.execute(
        sql.SQL("alter {} set {} from current").format(
            sql.SQL(" ").join(where), sql.Identifier(*name.split("."))
        )
    )
