"""Replica identities on the target, as they are on the source.

The initial copy loses USING INDEX (measured with pgcopydb 0.18, tables and hypertables alike).
"""

from typing import NamedTuple

from psycopg import sql

from lmtui.database import connect, run, said_plainly
from lmtui.endpoint import Endpoint


class ReplicaIdentity(NamedTuple):
    """A table's replica identity: kind as in pg_class.relreplident, and its index."""

    schema: str
    table: str
    kind: str
    index_name: str


def copy_replica_identities(source: Endpoint, target: Endpoint) -> str:
    """Set those that differ; returns how many in words."""
    with connect(source, read_only=True) as connection:
        wanted = [ReplicaIdentity(*row) for row in run(connection, "replica_identities")]
    with connect(target, lock_timeout=30) as connection:
        there = {ReplicaIdentity(*row) for row in run(connection, "replica_identities")}
        names = {(one.schema, one.table) for one in there}
        changed = [one for one in wanted if one not in there and (one.schema, one.table) in names]
        for one in changed:
            with said_plainly(f"The replica identity of {one.schema}.{one.table} cannot be set"):
                connection.execute(_statement(one))
    return f"{len(changed)} replica identities"


def _statement(identity: ReplicaIdentity) -> sql.Composed:
    how: sql.Composable
    match identity.kind:
        case "i":
            how = sql.SQL("using index {}").format(sql.Identifier(identity.index_name))
        case "f":
            how = sql.SQL("full")
        case "n":
            how = sql.SQL("nothing")
        case _:
            how = sql.SQL("default")
    table = sql.Identifier(identity.schema, identity.table)
    return sql.SQL("alter table {} replica identity {}").format(table, how)
