"""Connections with the session settings that make them safe and their text comparable."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import TupleRow

from lmtui.endpoint import Endpoint, redact
from lmtui.errors import ConnectionFailedError, ServerError
from lmtui.queries import sql

# Fixed output forms: the same value must have the same text on both sides.
TEXT_SETTINGS = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmloption": "content",
    "search_path": "pg_catalog",
}
_READ_ONLY = {"default_transaction_read_only": "on"}
# An operator's fence or defaults on the database must not bind our own sessions.
_WRITE = {"default_transaction_read_only": "off", "idle_in_transaction_session_timeout": "0"}

Connection = psycopg.Connection[TupleRow]

_opened: WeakKeyDictionary[Connection, tuple[str, int]] = WeakKeyDictionary()
_opened_lock = threading.Lock()


def connect(
    endpoint: Endpoint,
    *,
    read_only: bool = False,
    statement_timeout: float = 30.0,
    lock_timeout: float = 5.0,
    application: str = "lmtui",
    autocommit: bool = True,
) -> Connection:
    """Connect with safe settings. Timeouts in seconds, 0 for none.

    Raises ConnectionFailedError with the server's words where that fails.
    """
    settings = {
        **TEXT_SETTINGS,
        **(_READ_ONLY if read_only else _WRITE),
        "statement_timeout": f"{round(statement_timeout * 1000)}",
        "lock_timeout": f"{round(lock_timeout * 1000)}",
    }
    try:
        connection = psycopg.connect(
            endpoint.conninfo(application=application), autocommit=autocommit
        )
    except psycopg.Error as error:
        raise connection_failed(endpoint, error) from None
    try:
        # SET rather than startup options, which poolers refuse.
        connection.execute(
            "select " + ", ".join("set_config(%s, %s, false)" for _ in settings),
            [part for item in settings.items() for part in item],
        )
        if not autocommit:
            connection.commit()
    except psycopg.Error as error:
        connection.close()
        raise connection_failed(endpoint, error) from None
    with _opened_lock:
        _opened[connection] = (endpoint.side, connection.info.backend_pid)
    return connection


def own_backends(side: str) -> list[int]:
    """The process ids, on the server of this side, that serve this process's own sessions."""
    with _opened_lock:
        opened = list(_opened.items())
    return [pid for one, (its, pid) in opened if its == side and not one.closed]


def connection_failed(endpoint: Endpoint, error: psycopg.Error) -> ConnectionFailedError:
    """The error to show where a server could not be reached or refused us."""
    words = redact(str(error).strip())
    hint = "Check host, port and whether the server runs and accepts connections from here."
    if "password" in words or "authentication" in words:
        hint = "Check user and password (in the connection string, ~/.pgpass or a service file)."
    elif "does not exist" in words:
        hint = "Check the name in the connection string."
    return ConnectionFailedError(
        f"The {endpoint.side} {endpoint.label} cannot be reached", detail=words, hint=hint
    )


def run(connection: Connection, name: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    """Run the query of `queries/<name>.sql` and return its rows."""
    return connection.execute(sql(name), parameters).fetchall()


@contextmanager
def said_plainly(doing: str, hint: str = "") -> Iterator[None]:
    """Turn a server's error into a ServerError that says what was being done."""
    try:
        yield
    except psycopg.Error as error:
        raise server_error(doing, error, hint) from error


def server_error(doing: str, error: psycopg.Error, hint: str = "") -> ServerError:
    """A server's error, verbatim, with what was being done."""
    words = redact(str(error).strip())
    sqlstate = error.sqlstate or ""
    detail = f"{sqlstate}: {words}" if sqlstate else words
    return ServerError(doing, detail=detail, hint=hint, sqlstate=sqlstate)
