"""How findings put names, lists, durations and a server's words."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from lmtui.endpoint import redact
from lmtui.humane import duration_text

LISTED = 10


def identifier(name: str) -> str:
    """A name, quoted for SQL."""
    return sql.Identifier(name).as_string()


def literal(text: str) -> str:
    """A text, quoted for SQL."""
    return sql.Literal(text).as_string()


def listing(names: Sequence[str], total: int | None = None, limit: int = LISTED) -> str:
    """The first `limit` names and how many more there are of `total`."""
    more = (len(names) if total is None else total) - len(names[:limit])
    shown = ", ".join(names[:limit])
    return f"{shown} and {more} more" if more else shown


def count(number: int, one: str, many: str = "") -> str:
    """1 table, 2 tables."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def duration(seconds: float | None) -> str:
    """A duration in words, also where the server does not tell it."""
    return "an unknown time" if seconds is None else duration_text(seconds)


def server_words(error: psycopg.Error) -> str:
    """The server's message with its SQLSTATE, without secrets."""
    words = redact(str(error).strip())
    return f"{error.sqlstate}: {words}" if error.sqlstate else words
