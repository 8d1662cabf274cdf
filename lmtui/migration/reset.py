"""Emptying a target that holds a copy which was not finished, or is given up.

Only a target that was empty when the migration began is ever emptied: see `was_empty`.
"""

from psycopg import sql

from lmtui.database import connect, run
from lmtui.endpoint import Endpoint
from lmtui.state import State


def was_empty(state: State) -> bool:
    """Whether preflight found the target empty, so that all on it is the migration's own."""
    return any(one.id == "target.empty" and one.severity == "ok" for one in state.findings)


def empty_target(target: Endpoint) -> int:
    """Drop what was copied; extensions stay but for TimescaleDB's contents. Returns how many.

    TimescaleDB is dropped and made anew, since a copy that was broken off leaves its catalog and
    its chunks at odds.
    """
    with connect(target, statement_timeout=0, lock_timeout=0) as connection:
        run(connection, "reset_sessions")
        database = sql.Identifier(
            connection.execute("select current_database()::text").fetchall()[0][0]
        )
        timescaledb = connection.execute(
            "select n.nspname::text, e.extversion::text from pg_extension e "
            "join pg_namespace n on n.oid = e.extnamespace where e.extname = 'timescaledb'"
        ).fetchone()
        if timescaledb:
            connection.execute("drop extension timescaledb cascade")
        count = 0
        # Each statement drops with cascade what later ones name; all are IF EXISTS.
        for (statement,) in run(connection, "reset_statements"):
            connection.execute(statement)
            count += 1
        connection.execute(
            sql.SQL("alter database {} reset timescaledb.restoring").format(database)
        )
    if timescaledb:
        schema, version = timescaledb
        # A session of its own: one that has loaded another version refuses.
        with connect(target, statement_timeout=0) as connection:
            connection.execute(
                sql.SQL("create extension timescaledb schema {} version {}").format(
                    sql.Identifier(schema), sql.Literal(version)
                )
            )
    return count
