"""Schema drift: DDL is not in the stream, so the schema is compared with what it was."""

from collections.abc import Mapping

from lmtui.database import Connection, run

Fingerprint = Mapping[str, str]


def read_fingerprint(connection: Connection) -> dict[str, str]:
    """A digest of each user table's columns, keys and replica identity, by its name."""
    return {f"{schema}.{name}": digest for schema, name, digest in run(connection, "fingerprint")}


def differences(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """What changed, in words, in the order of names."""
    said = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            said.append(f"table {name} is gone")
        elif name not in before:
            said.append(f"table {name} is new")
        elif before[name] != now[name]:
            said.append(f"table {name} has changed")
    return tuple(said)
