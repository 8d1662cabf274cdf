"""Holding replay at a place, so that both sides can be looked at as of one point.

The supervisor says `hold` (where replay is now), `until LSN` (behind all that ended by it, before
anything that ended later), and `go`. What stands behind these tells one command from the next.
"""

import time
from collections.abc import Callable

from lmtui.database import Connection
from lmtui.replay.protocol import data_lsn
from lmtui.replay.transactions import Part

POLL_SECONDS = 0.01
# A supervisor that forgets about us must not stop the replay for ever.
LIMIT_SECONDS = 60.0
# pg_stat_force_next_flush.
_FLUSHES = 150000


class Hold:
    """What was asked for. `reached` is the command that holds now, or empty.

    `settle` commits what is done, and reports.
    """

    def __init__(
        self,
        settle: Callable[[], None],
        listen: Callable[[float], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._settle, self._listen, self._stopping = settle, listen, stopping
        self._until: int | None = None
        self._asked = ""
        self.reached = ""

    def command(self, words: str) -> None:
        """Take a command; what is none of these means to go on."""
        self._asked = words
        kind, *more = words.split()
        if kind == "hold":
            self._until = 0
        elif kind == "until":
            self._until = int(more[0])
        else:
            self._until = None

    @property
    def asked(self) -> bool:
        """Whether a place to hold at was asked for."""
        return self._until is not None

    def before(self, part: Part | None, begin: int = 0) -> bool:
        """Whether to hold before what begins there in this part; None where there is none yet.

        Of a transaction that comes in several parts the end may not be known at its beginning: it
        is not held at then, and who asked sees by the place that it came too late.
        """
        if self._until is None:
            return False
        if part is None:
            return self._until == 0
        if begin == 0 and not part.first:
            return False
        end = next((end for end in part.ends if end >= begin), None)
        commit = part.commit if end is None else data_lsn(part.messages[end])
        return self._until == 0 or commit > self._until

    def wait(self, part: Part | None, begin: int = 0) -> None:
        """Hold before what begins there in this part, where that was asked for."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while self.before(part, begin) and not self._stopping():
            if self.reached != self._asked:
                self.reached = self._asked
                self._settle()
            self._listen(POLL_SECONDS)
            if time.monotonic() > deadline:
                self.command("go")
        self.reached = ""


def flush_statistics(connection: Connection) -> None:
    """Let others see at once what this session has changed; the caller's transaction is empty.

    Before PostgreSQL 15 they see it soon, and maybe not all.
    """
    if connection.info.server_version >= _FLUSHES:
        connection.execute("select pg_stat_force_next_flush()")
        connection.commit()
