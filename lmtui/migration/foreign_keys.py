"""Foreign keys that were not checked when they were made, since the tables were as of many points.

Once replay has passed the last of these points, the target is what the source was at one moment,
and every key holds. To check one takes a lock that lets replay go on; to make one of a partitioned
table anew does not, so that replay waits for it.
"""

import threading
from contextlib import closing, suppress

import msgspec
import psycopg
from psycopg import sql

from lmtui.database import Connection, connect, run, server_error
from lmtui.errors import ConnectionFailedError, LmtuiError
from lmtui.events import ForeignKeysChecked, ForeignKeysLeft
from lmtui.humane import count_noun
from lmtui.migration.context import Context, StoppedError

PAUSE_SECONDS = 10.0


def tell_left(context: Context) -> None:
    """Tell how many are to be checked once replay has passed all points."""
    with (
        closing(connect(context.source, read_only=True)) as source,
        closing(connect(context.target, read_only=True)) as target,
    ):
        valid = set(run(source, "foreign_keys_valid"))
        count = sum(key in valid for key in run(target, "foreign_keys_left"))
    if count := count + len(_to_make(context)):
        context.tell(ForeignKeysLeft(count=count))
        context.note(
            f"{count_noun(count, 'foreign key')} to be checked once replay has passed all points"
        )


def _to_make(context: Context) -> list[str]:
    path = context.directory.foreign_keys
    return msgspec.json.decode(path.read_bytes(), type=list[str]) if path.exists() else []


class ForeignKeys:
    """The thread that checks them, as soon as `begin` is called; it tries again until it can."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="foreign keys", daemon=True)

    def begin(self) -> None:
        """Begin, where that was not done yet."""
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread = threading.Thread(target=self._run, name="foreign keys", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop after the one under way; the next supervisor goes on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                count = self._check()
            except StoppedError:
                return
            except (LmtuiError, psycopg.Error) as error:
                if isinstance(error, psycopg.Error):
                    error = server_error("A foreign key cannot be made on the target", error)
                if str(error) != told and not isinstance(error, ConnectionFailedError):
                    told = str(error)
                    self._context.note(told, level="warning")
                self._stop.wait(PAUSE_SECONDS)
                continue
            self._context.tell(ForeignKeysChecked(count=count))
            return

    def _check(self) -> int:
        context, count = self._context, 0
        with closing(connect(context.source, read_only=True)) as source:
            valid = set(run(source, "foreign_keys_valid"))
        with closing(
            connect(context.target, statement_timeout=0, lock_timeout=10, application="lmtui copy")
        ) as target:
            chunks = set()
            if run(target, "replay_has_timescaledb")[0][0]:
                chunks = {(row[1], row[2]) for row in run(target, "replay_chunks")}
            left = [key for key in run(target, "foreign_keys_left") if key in valid]
            for schema, table, key in left:
                if (schema, table) not in chunks:
                    self._go_on()
                    _validate(target, schema, table, key)
            if of_chunks := [key for key in left if key[:2] in chunks]:
                # TimescaleDB refuses that of chunks, but where it takes them for tables.
                target.execute("set timescaledb.restoring = on")
                for schema, table, key in of_chunks:
                    self._go_on()
                    _validate(target, schema, table, key)
                target.execute("reset timescaledb.restoring")
            count = len(left)
            for statement in _to_make(context):
                self._go_on()
                # It is there where an attempt before has made it.
                with suppress(psycopg.errors.DuplicateObject):
                    target.execute(statement.encode())
                count += 1
        return count

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise StoppedError("Stopped")


def _validate(target: Connection, schema: str, table: str, key: str) -> None:
    target.execute(
        sql.SQL("alter table {} validate constraint {}").format(
            sql.Identifier(schema, table), sql.Identifier(key)
        )
    )
