"""Connections that this machine already knows: environment, service file, password file.

PostgreSQL's documentation, "The Connection Service File" and "The Password File". Passwords are
not read: libpq looks them up itself.
"""

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE

_URIS = (SOURCE_VARIABLE, TARGET_VARIABLE, "DATABASE_URL")
_PARTS = {"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "user"}


class Known(NamedTuple):
    """One connection: where it was found, and its connection string, perhaps with a password."""

    origin: str
    text: str


def known(environment: Mapping[str, str], home: Path) -> list[Known]:
    """All of them, the most particular first; a file that cannot be read has none."""
    found = [Known(f"${name}", environment[name]) for name in _URIS if environment.get(name)]
    parts = {part: environment[name] for name, part in _PARTS.items() if environment.get(name)}
    if "dbname" in parts:
        found.append(Known("$PGDATABASE", _text(parts)))
    return [*found, *_services(environment, home), *_passwords(environment, home)]


def _services(environment: Mapping[str, str], home: Path) -> Iterator[Known]:
    own = Path(environment.get("PGSERVICEFILE") or home / ".pg_service.conf")
    paths = [own]
    if system := environment.get("PGSYSCONFDIR"):
        paths.append(Path(system) / "pg_service.conf")
    for path in paths:
        # Values are taken as they are: a % is no interpolation in libpq.
        parser = configparser.RawConfigParser(strict=False, default_section="")
        try:
            parser.read_string(path.read_text(errors="replace"))
        except (OSError, configparser.Error):
            continue
        for name in parser.sections():
            database = parser.get(name, "dbname", fallback="")
            more = {"dbname": database} if database else {}
            yield Known(f"service in {path.name}", _text({"service": name, **more}))


def _passwords(environment: Mapping[str, str], home: Path) -> Iterator[Known]:
    path = Path(environment.get("PGPASSFILE") or home / ".pgpass")
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        parts = _fields(line)
        if line.startswith("#") or len(parts) < 5:
            continue
        named = dict(zip(("host", "port", "dbname", "user"), parts, strict=False))
        # A line for every database names none that could be moved.
        if named["dbname"] not in ("*", "replication"):
            yield Known(path.name, _text({k: v for k, v in named.items() if v != "*"}))


def _fields(line: str) -> list[str]:
    """Split at colons; a backslash takes the next character as it is."""
    fields, escaped = [""], False
    for character in line:
        if not escaped and character == "\\":
            escaped = True
        elif not escaped and character == ":":
            fields.append("")
        else:
            fields[-1] += character
            escaped = False
    return fields


def _text(parameters: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in parameters.items())


def _quoted(value: str) -> str:
    if value and not any(c in value for c in " '\\"):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
