"""In which files of the source the copied tables were, as of the snapshots that they are read by.

A table that is written anew while it is copied (TRUNCATE, a rewriting ALTER TABLE, compress_chunk)
is empty for every snapshot from before (PostgreSQL, "MVCC Caveats"). Its file is another one then,
and that alone proves that what was copied is all that the snapshot held.
"""

from collections.abc import Collection

import msgspec

from lmtui.database import Connection, run
from lmtui.replay.change import Relation
from lmtui.workdir import WorkDirectory, write_atomically


class SourceTable(msgspec.Struct, frozen=True, array_like=True):
    """A table: the number of its file, and a checksum of its columns and their types."""

    schema: str
    name: str
    file: int
    columns: str


class SourceChunk(msgspec.Struct, frozen=True, array_like=True):
    """A chunk, its status in TimescaleDB's catalog, and the table of its compressed rows or ''."""

    schema: str
    name: str
    status: int
    storage_schema: str
    storage_name: str

    @property
    def relation(self) -> Relation:
        """The chunk's own table."""
        return self.schema, self.name

    @property
    def storage(self) -> Relation | None:
        """The table of its compressed rows."""
        return (self.storage_schema, self.storage_name) if self.storage_name else None


class SourceFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Each table as of the snapshot by which it is, or was, copied.

    `chunks` are as of the first one, by which the target has its schema.
    """

    tables: tuple[SourceTable, ...] = ()
    chunks: tuple[SourceChunk, ...] = ()

    def by_name(self) -> dict[Relation, SourceTable]:
        """The tables by their names."""
        return {(table.schema, table.name): table for table in self.tables}

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.files, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "SourceFiles":
        """Read it back."""
        return msgspec.json.decode(directory.files.read_bytes(), type=cls)


def read_source_files(connection: Connection) -> SourceFiles:
    """Read them, inside the snapshot that counts or, at the end of a copy, as they are now."""
    chunks: list[SourceChunk] = []
    if run(connection, "replay_has_timescaledb")[0][0]:
        chunks = [SourceChunk(*row) for row in run(connection, "sync_chunks")]
        if run(connection, "replay_has_storage")[0][0]:
            storage = {
                (row[0], row[1]): (row[2], row[3]) for row in run(connection, "replay_storage")
            }
            chunks = [
                SourceChunk(one.schema, one.name, one.status, *storage.get(one.relation, ("", "")))
                if not one.storage_name
                else one
                for one in chunks
            ]
    tables = (SourceTable(*row) for row in run(connection, "sync_files"))
    return SourceFiles(tables=tuple(tables), chunks=tuple(chunks))


def renewed(before: SourceFiles, now: SourceFiles, kept: Collection[Relation]) -> SourceFiles:
    """What is to be kept where all but the tables in `kept` are copied by another snapshot."""
    there = now.by_name()
    tables = (
        before_table if relation in kept else there.get(relation, before_table)
        for relation, before_table in before.by_name().items()
    )
    return msgspec.structs.replace(before, tables=tuple(tables))
