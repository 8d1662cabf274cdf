"""The resyncs that are asked for, one after the other, and those that a crash has left."""

from collections.abc import Iterable
from contextlib import closing

from lmtui.database import connect, said_plainly
from lmtui.migration.context import Context
from lmtui.migration.replication import Replication
from lmtui.migration.resync import Resync, unfinished
from lmtui.replay.change import Relation
from lmtui.tablesync.asked import read_whole

LEFT = "the copy anew was interrupted"


def tables_of(context: Context, relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """The tables to be copied anew for these. Raises ConnectionFailedError, ServerError."""
    with (
        closing(connect(context.source, read_only=True)) as source,
        said_plainly("The source's tables cannot be read"),
    ):
        return read_whole(source, relations)


class Resyncs:
    """Call `step` often."""

    def __init__(self, context: Context, replication: Replication) -> None:
        self._context, self._replication = context, replication
        self._running: Resync | None = None
        # It was told before the target was asked to keep it.
        left = tuple({**dict.fromkeys(context.state.sync.under_way), **unfinished(context)})
        self._waiting: list[tuple[tuple[Relation, ...], str]] = []
        if left:
            self._waiting.append((left, context.state.sync.reason or LEFT))

    def step(self) -> bool:
        """Begin what is asked for; says whether one runs."""
        while not self._context.resyncs.empty():
            self._waiting.append(self._context.resyncs.get())
        if self._running is not None and not self._running.done:
            return True
        self._running = None
        if not self._waiting:
            return False
        relations, reason = self._waiting.pop(0)
        self._running = Resync(self._context, self._replication, relations, reason)
        self._running.start()
        return True

    def stop(self) -> None:
        """Stop the one that runs; the next supervisor goes on with it."""
        if self._running is not None:
            self._running.stop()
            self._running = None
