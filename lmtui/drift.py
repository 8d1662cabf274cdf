"""Schema drift: DDL is not in the stream, so the schema is compared with what it was."""

from collections.abc import Mapping

import msgspec

from lmtui.database import Connection, run
from lmtui.workdir import WorkDirectory, write_atomically

Fingerprint = Mapping[str, str]


def read_fingerprint(connection: Connection) -> dict[str, str]:
    """A digest of each user table's columns, keys and replica identity, by its name."""
    hypertables = []
    if run(connection, "replay_has_timescaledb")[0][0]:
        hypertables = [oid for (oid,) in run(connection, "validate_hypertables")]
    rows = run(connection, "fingerprint", {"hypertables": hypertables})
    return {f"{schema}.{name}": digest for schema, name, digest in rows}


def differences(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """What changed, in words, in the order of names."""
    said = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            said.append(f"table {name} is gone")
        elif name not in before and name.startswith("_timescaledb_internal."):
            said.append(f"chunk {name} was detached: its rows belong to no hypertable any more")
        elif name not in before:
            said.append(f"table {name} is new")
        elif before[name] != now[name]:
            said.append(f"table {name} has changed")
    return tuple(said)


def save_baseline(directory: WorkDirectory, side: str, fingerprint: Fingerprint) -> None:
    """Keep a side's fingerprint, to be compared with later ones, also after a restart."""
    baselines = {**read_baselines(directory), side: dict(fingerprint)}
    write_atomically(directory.baselines, msgspec.json.encode(baselines))


def read_baselines(directory: WorkDirectory) -> dict[str, Fingerprint]:
    """The fingerprints that were kept, by side."""
    if not directory.baselines.exists():
        return {}
    return dict(
        msgspec.json.decode(directory.baselines.read_bytes(), type=dict[str, dict[str, str]])
    )
