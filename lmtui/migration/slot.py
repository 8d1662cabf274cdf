"""The slot on the source, and the snapshot that the initial copy reads."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import SnapshotLostError
from lmtui.replay.protocol import ReplicationConnection, Slot


class HeldSnapshot:
    """A slot just made, and the connection that keeps its snapshot alive."""

    def __init__(self, source: Endpoint, name: str, plugin: str) -> None:
        self._source = source
        # A copy that lost its snapshot begins again, so a cut network is waited for.
        self._connection = ReplicationConnection(source, application="lmtui snapshot", patient=True)
        try:
            self.slot: Slot = self._connection.create_slot(name, plugin)
        except BaseException:
            self._connection.close()
            raise

    @contextlib.contextmanager
    def inside(self) -> Iterator[Connection]:
        """A read-only session that sees what the snapshot sees.

        Raises SnapshotLostError where the snapshot is gone.
        """
        with connect(self._source, read_only=True, autocommit=False) as connection:
            try:
                connection.execute("set transaction isolation level repeatable read, read only")
                connection.execute(
                    sql.SQL("set transaction snapshot {}").format(sql.Literal(self.slot.snapshot))
                )
            except psycopg.Error as error:
                raise SnapshotLostError(
                    "The snapshot of the initial copy is gone",
                    detail=str(error).strip(),
                    hint="The copy must begin again: lmtui resume does that.",
                ) from error
            yield connection

    def check(self) -> None:
        """Raise SnapshotLostError where the snapshot is gone."""
        with self.inside():
            return

    def release(self) -> None:
        """Let the snapshot go; the slot stays."""
        self._connection.close()


def drop_slot(connection: Connection, name: str) -> bool:
    """Drop a slot, ending who streams from it; says whether there was one."""
    connection.execute(
        "select pg_terminate_backend(active_pid) from pg_replication_slots "
        "where slot_name = %s and active_pid is not null",
        (name,),
    )
    # A walsender that was just ended still holds the slot for a moment.
    for attempt in range(50):
        try:
            dropped = connection.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                "where slot_name = %s",
                (name,),
            ).rowcount
        except psycopg.errors.ObjectInUse:
            if attempt == 49:
                raise
            connection.execute("select pg_sleep(0.1)")
        else:
            return dropped > 0
    return False
