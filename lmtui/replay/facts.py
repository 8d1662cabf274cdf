"""What the source's catalog says at the snapshot, as far as replay needs it."""

from typing import Any

import msgspec

from lmtui.database import Connection, run
from lmtui.replay.change import Relation
from lmtui.workdir import WorkDirectory, write_atomically


class TableFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the source. `identity` names the columns of its replica identity.

    `full` is REPLICA IDENTITY FULL: the whole old row is the key.
    """

    schema: str
    name: str
    identity: tuple[str, ...] = ()
    full: bool = False


class HypertableFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A hypertable. `internal` ones hold compressed rows or materializations."""

    id: int
    schema: str
    name: str
    internal: bool


class ChunkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk: `id` in TimescaleDB's catalog, its table, and its hypertable's id."""

    id: int
    schema: str
    name: str
    hypertable: int


class CatalogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The source at the snapshot. `ignored` are no data."""

    tables: tuple[TableFacts, ...] = ()
    hypertables: tuple[HypertableFacts, ...] = ()
    chunks: tuple[ChunkFacts, ...] = ()
    ignored: tuple[Relation, ...] = ()

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.catalog, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "CatalogFacts":
        """Read it back."""
        return msgspec.json.decode(directory.catalog.read_bytes(), type=cls)


def read_facts(connection: Connection) -> CatalogFacts:
    """Read the facts; call it inside the exported snapshot."""
    hypertables: list[Any] = []
    chunks: list[Any] = []
    if run(connection, "replay_has_timescaledb")[0][0]:
        hypertables = run(connection, "replay_hypertables")
        chunks = run(connection, "replay_chunks")
    return CatalogFacts(
        tables=tuple(
            TableFacts(schema=schema, name=name, identity=tuple(identity), full=full)
            for schema, name, identity, full in run(connection, "replay_tables")
        ),
        hypertables=tuple(
            HypertableFacts(id=id_, schema=schema, name=name, internal=internal)
            for id_, schema, name, internal in hypertables
        ),
        chunks=tuple(
            ChunkFacts(id=id_, schema=schema, name=name, hypertable=hypertable)
            for id_, schema, name, hypertable in chunks
        ),
        ignored=tuple((schema, name) for schema, name in run(connection, "replay_ignored")),
    )
