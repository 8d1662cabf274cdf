"""The slot on the source, and the snapshot that the initial copy reads."""

import contextlib
import time
from collections.abc import Callable, Iterator

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError, SnapshotLostError
from lmtui.replay.protocol import ReplicationConnection, Slot

# So long may a slot wait for the transactions that are open, before it is asked whether to go on.
WAIT_SECONDS = 5.0
_LOCK_TIMEOUT = "55P03"


class HeldSnapshot:
    """A slot just made, and the connection that keeps its snapshot alive.

    A temporary slot goes with the snapshot; `wait` is called again and again while it waits for the
    transactions that write, and may raise.
    """

    def __init__(
        self, source: Endpoint, name: str, plugin: str, wait: Callable[[], None] | None = None
    ) -> None:
        self._source = source
        self.taken_at = time.monotonic()
        # A copy that lost its snapshot goes on by another, so a cut network is waited for.
        self._connection = ReplicationConnection(
            source, application="lmtui snapshot", patient=True,
            lock_timeout=0.0 if wait is None else WAIT_SECONDS,
        )  # fmt: skip
        try:
            self.slot: Slot = self._make(name, plugin, wait)
        except BaseException:
            self._connection.close()
            raise
        self.taken_at = time.monotonic()

    def _make(self, name: str, plugin: str, wait: Callable[[], None] | None) -> Slot:
        if wait is None:
            return self._connection.create_slot(name, plugin)
        while True:
            try:
                return self._connection.create_slot(name, plugin, temporary=True)
            except ServerError as error:
                if error.sqlstate != _LOCK_TIMEOUT:
                    raise
            wait()

    @property
    def age_seconds(self) -> float:
        """For how long it keeps the source from removing dead rows."""
        return time.monotonic() - self.taken_at

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
                    "The snapshot of the copy is gone",
                    detail=str(error).strip(),
                    hint="What is copied stays; lmtui resume goes on from there by another one.",
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
