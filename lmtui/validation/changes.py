"""How often tables were changed: what tells that a part is still as it was compared.

A server counts the rows that were inserted, updated and deleted in each table, whoever did it.
A part that was equal on both sides is equal still while neither side's numbers have moved. They are
read before the snapshot that is compared, so that whatever they lack is seen as a change later.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from lmtui.database import Connection, run
from lmtui.validation.parts import Chunk, Leaves, Name


class Changes(NamedTuple):
    """One side's numbers. `epoch` is empty where they are not to be relied on.

    `leaves` are the partitions that hold the rows of a root. Where each can be read by itself, they
    are in `apart` too, with their bounds.
    """

    epoch: str
    tables: dict[Name, str]
    leaves: dict[Name, tuple[Name, ...]]
    apart: dict[Name, Leaves]
    stored: dict[Name, Name]
    storage: tuple[Name, ...]

    def members(self, relation: Name) -> tuple[Name, ...]:
        """The tables that hold the rows of a table that is not a hypertable."""
        return self.leaves.get(relation, (relation,))

    def token(self, tables: Iterable[Name], *, hypertable: bool) -> str:
        """What changes when one of these tables does; empty where that cannot be told."""
        if not self.epoch:
            return ""
        names = list(tables)
        if hypertable:
            # Rows that are compressed are in tables of their own, some of them of no known chunk.
            names += [self.stored[name] for name in names if name in self.stored]
            names += self.storage
        if not all(self.tables.get(name) for name in names):
            return ""
        words = "\n".join(f"{name}={self.tables[name]}" for name in sorted(set(names)))
        return hashlib.sha256(f"{self.epoch}\n{words}".encode()).hexdigest()


def read_changes(connection: Connection) -> Changes:
    """The numbers as they are now. Raises psycopg.Error."""
    timescaledb = run(connection, "replay_has_timescaledb")[0][0]
    stored: dict[Name, Name] = {}
    if timescaledb and run(connection, "replay_has_storage")[0][0]:
        stored = {
            (schema, name): (its_schema, its_name)
            for schema, name, its_schema, its_name in run(connection, "replay_storage")
        }
    ((epoch,),) = run(connection, "validate_epoch")
    tables: dict[Name, str] = {}
    leaves: dict[Name, list[tuple[Name, str]]] = {}
    storage: list[Name] = []
    together: set[Name] = set()
    known = set(stored.values())
    for schema, name, root_schema, root, compressed, number, apart, bounds in run(
        connection, "validate_changes"
    ):
        tables[schema, name] = number
        if root:
            leaves.setdefault((root_schema, root), []).append(((schema, name), bounds))
            if not apart:
                together.add((root_schema, root))
        if compressed and (schema, name) not in known:
            storage.append((schema, name))
    return Changes(
        epoch,
        tables,
        {root: tuple(sorted(name for name, _ in found)) for root, found in leaves.items()},
        {root: frozenset(found) for root, found in leaves.items() if root not in together},
        stored,
        tuple(sorted(storage)),
    )


def read_chunks(connection: Connection) -> dict[Name, list[Chunk]]:
    """The chunks of each hypertable. Raises psycopg.Error."""
    chunks: dict[Name, list[Chunk]] = {}
    if run(connection, "replay_has_timescaledb")[0][0]:
        for row in run(connection, "validate_chunks"):
            chunk = Chunk.of(row)
            chunks.setdefault(chunk.hypertable, []).append(chunk)
    return chunks
