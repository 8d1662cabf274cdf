"""A database that says of itself what only the community edition of TimescaleDB can have."""

from collections.abc import Mapping

import psycopg
from preflight import execute
from psycopg import sql

from lmtui.endpoint import Endpoint

_COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
 where attrelid = %s::regclass and attnum > 0 order by attnum
"""


def pretend(
    superuser: Endpoint, view: str, overrides: Mapping[str, str], *, rows: bool = False
) -> None:
    """Replace a view of TimescaleDB: columns by expressions; `rows` makes a row of nothing else."""
    name = sql.Identifier("timescaledb_information", view)
    with psycopg.connect(superuser.conninfo(), autocommit=True) as session:
        quoted = name.as_string(session)
        columns = dict(session.execute(_COLUMNS, (quoted,)).fetchall())
        [(definition,)] = session.execute("select pg_get_viewdef(%s::regclass)", (quoted,))
        parts = [
            f"({overrides[column]})::{kind} as {column}"
            if column in overrides
            else f"null::{kind} as {column}"
            if rows
            else column
            for column, kind in columns.items()
        ]
        parts += [f"{value} as {column}" for column, value in overrides.items()
                  if column not in columns]  # fmt: skip
        source = "" if rows else f" from ({definition.rstrip(';')}) as old"
        session.execute(
            f"create or replace view {quoted} as select {', '.join(parts)}{source}".encode()
        )


def make_community(superuser: Endpoint, owner: str) -> None:
    """A compressed hypertable, a continuous aggregate of the old form, jobs, as views tell them."""
    execute(
        superuser,
        "create extension timescaledb",
        "create table metric (at timestamptz primary key, value int)",
        f"alter table metric owner to {owner}",
        "select create_hypertable('metric', 'at')",
        "insert into metric values (now(), 1)",
        "update _timescaledb_catalog.chunk set status = 9",
        # TimescaleDB has its eye on the name while a table is made.
        "create access method columnstore type table handler heap_tableam_handler",
        "create table columnar (id int primary key) using columnstore",
        f"alter table columnar owner to {owner}",
        "update pg_am set amname = 'former' where amname = 'hypercore'",
        "update pg_am set amname = 'hypercore' where amname = 'columnstore'",
        "create foreign data wrapper timescaledb_osm",
        "create server osm foreign data wrapper timescaledb_osm",
        "create table cold (id int)",
        "create foreign table cold_1 () inherits (cold) server osm",
    )
    pretend(superuser, "hypertables", {"compression_enabled": "true"})
    pretend(superuser, "chunks", {"is_compressed": "true"})
    pretend(
        superuser,
        "continuous_aggregates",
        {"view_schema": "'public'", "view_name": "'hourly'", "finalized": "false"},
        rows=True,
    )
    pretend(
        superuser,
        "jobs",
        {"job_id": "1001", "proc_schema": "'public'", "proc_name": "'tidy'", "scheduled": "true"},
        rows=True,
    )
