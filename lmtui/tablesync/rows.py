"""The rows of one part, streamed from the source's snapshot into the target, unparsed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect, run
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError, SnapshotLostError
from lmtui.queries import sql as query
from lmtui.replay.lsn import format_lsn
from lmtui.tablesync.parts import Part

APPLICATION = "lmtui copy"
LOCK_SECONDS = 30.0
BLOCK_BYTES = 256 * 1024


@contextmanager
def writing(target: Endpoint) -> Iterator[Connection]:
    """A session that stores copied rows: triggers and foreign keys have fired on the source."""
    connection = connect(
        target, statement_timeout=0, lock_timeout=LOCK_SECONDS, application=APPLICATION,
        autocommit=False,
    )  # fmt: skip
    try:
        run(connection, "session_timeouts")
        connection.execute("set session_replication_role = replica")
        # Functions in constraints and generated columns may rely on the database's own path.
        connection.execute("reset search_path")
        connection.commit()
        yield connection
    finally:
        connection.close()


def _lock(source: Connection, part: Part) -> None:
    """Keep what is read as the snapshot has it. Raises SnapshotLostError where it is not so."""
    # Rows that a policy hides would be left out silently.
    source.execute("set local row_security = off")
    source.execute(f"set local lock_timeout = '{LOCK_SECONDS:.0f}s'")
    for relation in (part.read, *([part.also] if part.also else [])):
        name = sql.Identifier(*relation)
        try:
            source.execute(sql.SQL("lock table only {} in access share mode").format(name))
        except psycopg.errors.UndefinedTable as error:
            raise _lost(part, "dropped") from error
        found = run(source, "convert_source", {"relation": name.as_string(source)})
        if not found:
            raise _lost(part, "dropped and made again")
        if not found[0][1]:
            raise _lost(part, "emptied or written anew")


def _lost(part: Part, done: str) -> SnapshotLostError:
    return SnapshotLostError(f"{'.'.join(part.read)} was {done} on the source while it was copied")


def copy_part(
    source: Connection, target: Connection, part: Part, columns: Sequence[str], slot: str, lsn: int,
    sent: Callable[[int], None],
) -> int:  # fmt: skip
    """Copy a part in one transaction of the target, which also keeps that it is done.

    `sent` is told of bytes as they go, and may raise. Returns how many rows the part has. Nothing
    is done where that was committed by an attempt before. Raises psycopg.Error, SnapshotLostError,
    LmtuiError where not every row was stored.
    """
    key = {
        "slot": slot, "lsn": format_lsn(lsn), "schema": part.unit.relation[0],
        "name": part.unit.relation[1], "part": part.label,
    }  # fmt: skip
    if done := run(target, "sync_part_done", key):
        target.commit()
        return int(done[0][0])
    source.execute("savepoint lmtui_part")
    _lock(source, part)
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    read = sql.SQL("copy (select {} from {}{}) to stdout").format(listed, part.name, part.where)
    write = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(*part.unit.target), listed)
    with source.cursor() as reader, target.cursor() as writer:
        with reader.copy(read) as rows, writer.copy(write) as into:
            for block in _blocks(rows):
                into.write(block)
                sent(len(block))
        if reader.rowcount != writer.rowcount:
            raise LmtuiError(
                f"{part.label}: {reader.rowcount} rows were read and {writer.rowcount} stored",
                hint="A trigger of the target may be why. Nothing of this part was kept.",
            )
        count = writer.rowcount
    target.execute(query("sync_part_keep"), {**key, "rows": count})
    target.commit()
    # Its locks are no longer needed, though the snapshot is.
    source.execute("rollback to savepoint lmtui_part")
    return count


def _blocks(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Rows in larger blocks: each one that is sent costs more than its bytes."""
    block = bytearray()
    for row in rows:
        block += row
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)
