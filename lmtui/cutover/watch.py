"""Who is on the source behind the fence, to name whose commit came after the end.

The stream tells that something was committed, not by whom: that is known only of sessions that
were seen. One that came and went between two looks is not named.
"""

import threading
from datetime import datetime
from types import TracebackType
from typing import Self

import psycopg

from lmtui.database import Connection, connect, own_backends, run
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError

PERIOD_SECONDS = 0.1


class FenceWatch:
    """Looks at the source's sessions until it is left; `writers` are those seen to write."""

    def __init__(self, source: Endpoint) -> None:
        self._source = source
        self._stop = threading.Event()
        self._seen: dict[int, str] = {}
        self._wrote: dict[int, str] = {}
        self._since: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="fence watch", daemon=True)

    def __enter__(self) -> Self:
        return self

    def begin(self) -> None:
        """Begin to look: the fence is up."""
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def names(self) -> tuple[str, ...]:
        """Those that were seen to write, else all that were there (user, application, address)."""
        if self._wrote:
            return tuple(self._wrote.values())
        return tuple(f"{who} (was there; not seen to write)" for who in self._seen.values())

    def _run(self) -> None:
        connection: Connection | None = None
        while not self._stop.is_set():
            try:
                if connection is None:
                    connection = connect(self._source, read_only=True, application="lmtui fence")
                self._look(connection)
            except (psycopg.Error, LmtuiError):
                # Without it the proof is as strong, only the name is missing.
                connection = None
            self._stop.wait(PERIOD_SECONDS)
        if connection is not None:
            connection.close()

    def _look(self, connection: Connection) -> None:
        if self._since is None:
            ((self._since,),) = connection.execute("select clock_timestamp()").fetchall()
        given = {"own": own_backends("source"), "since": self._since}
        for pid, who, writes in run(connection, "fence_watch", given):
            self._seen[pid] = who
            if writes:
                self._wrote[pid] = who
