"""Schema drift: DDL is not in the stream, so the schema is compared with what it was."""

from collections.abc import Mapping

import msgspec

from lmtui.database import Connection, run
from lmtui.workdir import WorkDirectory, write_atomically

Fingerprint = Mapping[str, str]
# pg_class.relreplident
_IDENTITIES = {"d": "default", "n": "nothing", "f": "full", "i": "an index"}


class _Table(msgspec.Struct, frozen=True):
    """What a fingerprint holds of a table: `columns` by number, each with its definition."""

    identity: str
    columns: dict[int, tuple[str, str]]


def read_fingerprint(connection: Connection) -> dict[str, str]:
    """Each user table's columns and replica identity as JSON, by its name."""
    hypertables = []
    if run(connection, "replay_has_timescaledb")[0][0]:
        hypertables = [oid for (oid,) in run(connection, "validate_hypertables")]
    rows = run(connection, "fingerprint", {"hypertables": hypertables})
    return {f"{schema}.{name}": made for schema, name, made in rows}


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
            said += [f"table {name}: {words}" for words in _changed(before[name], now[name])]
    return tuple(said)


def _changed(before: str, now: str) -> list[str]:
    """What changed in one table; a column keeps its number when it is renamed."""
    old, new = (msgspec.json.decode(text, type=_Table) for text in (before, now))
    said = []
    for number in sorted(old.columns.keys() | new.columns.keys()):
        was, is_ = old.columns.get(number), new.columns.get(number)
        if was is None and is_ is not None:
            said.append(f"column {is_[0]} ({is_[1]}) is new")
        elif was is not None and is_ is None:
            said.append(f"column {was[0]} ({was[1]}) is gone")
        elif was is not None and is_ is not None:
            if was[0] != is_[0]:
                said.append(f"column {was[0]} is called {is_[0]} now")
            if was[1] != is_[1]:
                said.append(f"column {is_[0]} was {was[1]}, is {is_[1]}")
    if old.identity != new.identity:
        named = (_IDENTITIES.get(one.identity, one.identity) for one in (old, new))
        said.append("replica identity was {}, is {}".format(*named))
    return said


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
