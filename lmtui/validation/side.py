"""One server under comparison: a few connections that all read one snapshot."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

import psycopg
from psycopg import sql as compose

from lmtui.database import Connection, connect, run, said_plainly, server_error
from lmtui.endpoint import Endpoint, redact

APPLICATION = "lmtui validate"
LOCK_SECONDS = 60.0

# Schemas whose objects are not the user's: system, TimescaleDB (its chunks are read with their
# hypertable), and our own.
HIDDEN_SCHEMAS = (
    r"^(pg_.*|information_schema|lmtui|_timescaledb_.*|_osm_.*"
    r"|timescaledb_information|timescaledb_experimental|toolkit_experimental)$"
)


class Reading(NamedTuple):
    """Rows and checksum of one relation on one side, or the server's words why there are none."""

    rows: int = 0
    checksum: str = ""
    seconds: float = 0.0
    error: str = ""


def total(readings: Sequence[Reading]) -> Reading:
    """The reading of a whole from those of its parts: the sums of hashes add up."""
    if len(readings) == 1:
        return readings[0]
    if error := next((one.error for one in readings if one.error), ""):
        return Reading(seconds=sum(one.seconds for one in readings), error=error)
    sums = [tuple(map(int, one.checksum.split(":"))) for one in readings]
    return Reading(
        sum(one.rows for one in readings),
        ":".join(str(sum(column)) for column in zip(*sums, strict=True)),
        sum(one.seconds for one in readings),
    )


class Side:
    """A server seen in one snapshot, by `jobs` workers, for as long as this is open.

    `catalog` is the connection that exported the snapshot; it must not be used by workers. With
    `snapshot` both it and they take that one, which somebody else has exported.
    The snapshot keeps vacuum from removing rows that died since: do not hold it without need.
    """

    def __init__(self, endpoint: Endpoint, jobs: int, snapshot: str = "") -> None:
        self.endpoint = endpoint
        self._connections: list[Connection] = []
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._executor = ThreadPoolExecutor(
            max(jobs, 1), thread_name_prefix=f"validate-{endpoint.side}"
        )
        try:
            self.catalog = self._open()
            with said_plainly(f"The {endpoint.side} gave no snapshot to compare in"):
                if snapshot:
                    self._take_snapshot(self.catalog, snapshot)
                else:
                    snapshot = self._one("select pg_export_snapshot()")[0]
                self.major, self.encoding, timescaledb = run(self.catalog, "validate_server")[0]
                self.hypertables = [
                    oid
                    for (oid,) in (run(self.catalog, "validate_hypertables") if timescaledb else [])
                ]
                self.timescaledb: bool = timescaledb
                list(self._executor.map(self._add_worker, [snapshot] * jobs))
        except BaseException:
            self.close(at_once=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(at_once=error is not None)

    def close(self, *, at_once: bool = False) -> None:
        """Close the connections; `at_once` cancels what still runs on the server."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        if at_once:
            for connection in self._connections:
                # A server that is gone cannot be asked; the error under way says that it is.
                with suppress(psycopg.Error):
                    connection.cancel_safe(timeout=5)
        self._executor.shutdown()
        for connection in self._connections:
            connection.close()

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Run a catalog query in the snapshot. Raises ServerError."""
        with said_plainly(f"The {self.endpoint.side}'s catalog cannot be read"):
            return run(
                self.catalog,
                query,
                {
                    "hidden_schemas": HIDDEN_SCHEMAS,
                    "hypertables": self.hypertables,
                    **parameters,
                },
            )

    def read(self, statement: compose.Composed) -> "Future[Reading]":
        """Run a checksum statement on a worker of this side."""
        return self._executor.submit(self._read, statement)

    def _read(self, statement: compose.Composed) -> Reading:
        connection = self._idle.get()
        began = time.monotonic()
        try:
            with connection.transaction():
                row = connection.execute(statement).fetchone()
        except psycopg.Error as error:
            if connection.closed:
                raise server_error(
                    f"The {self.endpoint.side} was lost during the comparison", error
                ) from error
            return Reading(seconds=time.monotonic() - began, error=_words(error))
        finally:
            self._idle.put(connection)
        count, first, second = row or (0, "0", "0")
        return Reading(count, f"{first}:{second}", time.monotonic() - began)

    def _add_worker(self, snapshot: str) -> None:
        worker = self._open()
        self._take_snapshot(worker, snapshot)
        self._idle.put(worker)

    @staticmethod
    def _take_snapshot(connection: Connection, snapshot: str) -> None:
        name = compose.Literal(snapshot)
        connection.execute(compose.SQL("set transaction snapshot {}").format(name))

    def _open(self) -> Connection:
        connection = connect(
            self.endpoint,
            read_only=True,
            statement_timeout=0,
            lock_timeout=LOCK_SECONDS,
            application=APPLICATION,
            autocommit=False,
        )
        self._connections.append(connection)
        with said_plainly(f"The {self.endpoint.side} refused a setting of the comparison"):
            run(connection, "validate_session")
            connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    def _one(self, statement: str) -> Any:
        return self.catalog.execute(statement).fetchall()[0]


@contextmanager
def both_sides(
    source: Endpoint, target: Endpoint, jobs: int, snapshot: str = ""
) -> Iterator[tuple[Side, Side]]:
    """Both servers, opened at the same time: in the downtime every round trip counts.

    With `snapshot` the source is seen in that one.
    """
    with ThreadPoolExecutor(2) as pool:
        opening = [pool.submit(Side, source, jobs, snapshot), pool.submit(Side, target, jobs)]
    with ExitStack() as stack:
        for side in opening:
            if side.exception() is None:
                stack.enter_context(side.result())
        yield opening[0].result(), opening[1].result()


def _words(error: psycopg.Error) -> str:
    message = error.diag.message_primary or str(error)
    return redact(f"{error.sqlstate}: {message}" if error.sqlstate else message).strip()
