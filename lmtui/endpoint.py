"""One side of a migration: its connection string read, described and handed on."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from lmtui.errors import UsageError

SOURCE_VARIABLE = "PGCOPYDB_SOURCE_PGURI"
TARGET_VARIABLE = "PGCOPYDB_TARGET_PGURI"

_KEEPALIVES = {
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "10",
    "keepalives_count": "60",
}
# What was sent and is not acknowledged for so long (ms) is lost: a cut network is noticed. Not for
# the initial copy, which had better wait for its network than begin again.
_USER_TIMEOUT = {"tcp_user_timeout": "60000"}
_SECRET_IN_URI = re.compile(r"(postgres(?:ql)?://[^:@/\s]*):(?:\S*|[^@/]*)@")
_SECRET_IN_CONNINFO = re.compile(
    r"((?:password|oauth_client_secret)\s*=\s*)('(?:[^'\\]|\\.)*(?:'|$)|(?:[^\s\\]|\\.)+)",
    re.IGNORECASE | re.DOTALL,
)
# libpq repeats what it could not read, which may be a part of the password. It quotes it.
_PLAIN_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_REPEATED = re.compile(r'"(?!=").*', re.DOTALL)
_AUTHORITY_AND_PATH = re.compile(r"postgres(?:ql)?://([^/]*)([^?]*)")


@dataclass(frozen=True)
class Endpoint:
    """One side of a migration. `side` is "source" or "target"."""

    side: str
    parameters: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, side: str, text: str) -> "Endpoint":
        """Parse a URI or a keyword/value string (libpq, "Connection Strings").

        Raises UsageError, without repeating the secret, where libpq cannot read it.
        """
        if not text.strip():
            variable = SOURCE_VARIABLE if side == "source" else TARGET_VARIABLE
            raise UsageError(
                f"The {side} has no connection string",
                hint=f"Give --{side}, or set {variable}.",
            )
        found = _AUTHORITY_AND_PATH.match(text)
        if found and (found[1].count("@") > 1 or "@" in found[2]):
            raise UsageError(
                f"The {side}'s connection string cannot be read",
                detail="It has an @ too many, or a / before it.",
                hint="Write such characters of a password as in a URL: @ as %40, / as %2F.",
            )
        # Imported here: it takes longer than the wizard's first screen may.
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        try:
            parsed = conninfo_to_dict(text)
        except (psycopg.ProgrammingError, UnicodeError) as error:
            words = "It is not UTF-8." if isinstance(error, UnicodeError) else str(error).strip()
            raise UsageError(
                f"The {side}'s connection string cannot be read",
                detail=_REPEATED.sub("…", words),
                hint="It looks like postgres://user@host:5432/database",
            ) from None
        parameters = {name: str(value) for name, value in parsed.items() if value is not None}
        if "dbname" not in parameters and "service" not in parameters:
            raise UsageError(
                f"The {side}'s connection string names no database",
                hint="It looks like postgres://user@host:5432/database",
            )
        return cls(side, parameters)

    @property
    def database(self) -> str:
        """The database's name, as given."""
        return self.parameters.get("dbname", "")

    @property
    def label(self) -> str:
        """user@host:port/database, without secrets."""
        user = self.parameters.get("user") or os.environ.get("PGUSER", "")
        given = self.parameters.get("host") or self.parameters.get("hostaddr")
        host = given or os.environ.get("PGHOST") or "local"
        port = self.parameters.get("port") or os.environ.get("PGPORT") or "5432"
        if "service" in self.parameters and not given:
            return f"service={self.parameters['service']}/{self.database}"
        return f"{user + '@' if user else ''}{host}:{port}/{self.database}"

    def conninfo(self, *, application: str = "lmtui", **more: str) -> str:
        """A libpq connection string with keepalives; `more` overrides single parameters."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(
            **{
                "connect_timeout": "10",
                **_KEEPALIVES,
                **_USER_TIMEOUT,
                **self.parameters,
                "application_name": application,
                **more,
            }
        )

    def uri(self, **more: str) -> str:
        """The same as a URI, for a child process's environment; never for its arguments."""
        parameters = {"connect_timeout": "10", **_KEEPALIVES, **self.parameters, **more}
        user = quote(parameters.pop("user", ""), safe="")
        password = parameters.pop("password", "")
        secret = f":{quote(password, safe='')}" if password else ""
        database = quote(parameters.pop("dbname", ""), safe="")
        place = ""
        # Sockets, IPv6 addresses and lists of hosts can only be told in the query.
        if _PLAIN_HOST.fullmatch(parameters.get("host", "")):
            place = parameters.pop("host")
            if re.fullmatch(r"[0-9]+", parameters.get("port", "")):
                place += f":{parameters.pop('port')}"
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        return (
            f"postgresql://{user}{secret}{'@' if user or secret else ''}{place}/{database}?{query}"
        )


def redact(text: str) -> str:
    """Replace passwords in URIs and connection strings with asterisks."""
    return _SECRET_IN_CONNINFO.sub(r"\1***", _SECRET_IN_URI.sub(r"\1:***@", text))
