"""The demonstration's database: its schema and rows, and the role that writes to it."""

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources import files

from psycopg import sql

from lmtui.database import connect, said_plainly
from lmtui.endpoint import Endpoint

APPLICATION_ROLE = "shop_app"
EXTENSION = "create extension if not exists timescaledb with schema public"

_SHOP = ("shop", "shop_rows", "shop_rules")
_SENSORS = ("sensors", "sensors_rows")


def create_database(server: Endpoint, name: str, *, timescaledb: bool) -> Endpoint:
    """Create an empty database on `server` and return its endpoint."""
    with said_plainly(f"The database {name} could not be created"):
        with connect(server, statement_timeout=0) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        made = Endpoint(server.side, {**server.parameters, "dbname": name})
        if timescaledb:
            with connect(made, statement_timeout=0) as connection:
                connection.execute(EXTENSION)
    return made


def seed(endpoint: Endpoint, size: float = 1.0) -> Endpoint:
    """Fill an empty database that has TimescaleDB; size 1 is about 50 MB.

    Returns the endpoint of the ordinary role that may write to it and owns nothing.
    """
    password = secrets.token_urlsafe(18)
    with connect(endpoint) as connection:
        connection.execute(
            sql.SQL("create role {} login password {}").format(
                sql.Identifier(APPLICATION_ROLE), sql.Literal(password)
            )
        )
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(partial(_run_scripts, endpoint, size), (_SHOP, _SENSORS)))
    with connect(endpoint, statement_timeout=0) as connection:
        connection.execute("vacuum (analyze)")
    return Endpoint(
        endpoint.side, {**endpoint.parameters, "user": APPLICATION_ROLE, "password": password}
    )


def _run_scripts(endpoint: Endpoint, size: float, names: Iterable[str]) -> None:
    with connect(endpoint, statement_timeout=0, lock_timeout=0) as connection:
        connection.execute("set search_path to public")
        connection.execute(
            sql.SQL(
                "create function pg_temp.scaled(rows integer) returns integer immutable"
                " return greatest(1, round(rows * {}::float8))::integer"
            ).format(sql.Literal(size))
        )
        for name in names:
            with said_plainly(f"The demonstration's {name}.sql failed"):
                connection.execute((files(__package__) / f"{name}.sql").read_text("utf-8"))
