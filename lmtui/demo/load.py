"""The load on the demonstration's source: small transactions of all sorts, exactly counted."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.rows import TupleRow

from lmtui.workdir import write_atomically

# Per statement: how often it is chosen among the others.
WRITES = {
    "place_orders": 10, "ship_orders": 10, "cancel_orders": 3, "change_lines": 4,
    "move_payments": 3, "add_customers": 4, "change_customers": 5, "delete_customers": 2,
    "reprice_products": 4, "describe_products": 1, "view_pages": 8, "count_stock": 3,
    "move_stock": 1, "add_wishes": 2, "change_wishes": 1, "drop_wishes": 1, "issue_coupons": 2,
    "rename_coupons": 2, "drop_coupons": 2, "fill_search_cache": 2, "write_notes": 2,
    "change_notes": 2, "drop_notes": 1, "record_readings": 20, "add_late_readings": 3,
    "correct_readings": 6, "shift_readings": 2, "drop_readings": 3, "record_meters": 10,
    "correct_meters": 3, "drop_meters": 2, "truncate_search_cache": 0.2,
}  # fmt: skip
LEDGER = "public.writer_ledger"
COMMITTED = f"select count(*) from {LEDGER} where transaction_id = %s"  # noqa: S608
USUAL_RATE = 500.0

_ROWS = (1, 1, 1, 2, 3, 5, 8, 13, 30)
_STATEMENTS = (1, 1, 1, 2, 2, 3, 5, 10)
_BIG_SHARE = 0.01
_BIG_FACTOR = 20
_ROLLED_BACK_SHARE = 0.04
_SAVEPOINT_SHARE = 0.15
_LATE_SHARE = 0.25
_HISTORY = timedelta(days=5)
_ACCOUNT_SECONDS = 0.5
# A server that restarts is back within this; what is away longer is fenced.
_PATIENCE_SECONDS = 10.0
_READ_ONLY = "25006"
# Conflicts with other sessions or with what is there: the next transaction will differ.
_TRANSIENT = ("23", "40", "55P03", "57014")
_TERMINATED = "57P"
# Errors of connecting carry no SQLSTATE in libpq; this is its 42501.
_NOT_ADMITTED = "permission denied for database"
_STILL_THERE = """
select count(*) from pg_catalog.pg_stat_activity
where pid = %s and pid <> pg_catalog.pg_backend_pid() and usename = current_user
"""


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction whose COMMIT got no answer, and what it would have changed."""

    transaction_id: int
    changes: dict[str, int]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The writer's own count: rows per table at the start, and rows gained since then.

    `ended` is empty while it writes; then "stopped", or "fenced: why", or "failed: why".
    """

    start: dict[str, int]
    changes: dict[str, int]
    transactions: int = 0
    rows: int = 0
    doubt: Doubt | None = None
    ended: str = ""


class _EndedError(Exception):
    """The load has to end, for the reason given."""


class Load:
    """Writes until it is stopped or fenced, and keeps its account in the file at `path`."""

    def __init__(self, conninfo: str, rate: float, path: Path) -> None:
        self.stopping = False
        self._conninfo = conninfo
        self._rate = rate
        self._scale = max(1.0, rate / USUAL_RATE)
        self._path = path
        self._random = random.Random(17)  # noqa: S311
        self._texts = {
            name: (files(__package__) / "statements" / f"{name}.sql").read_text("utf-8")
            for name in (*WRITES, "tables", "count_search_cache")
            if name != "truncate_search_cache"
        }
        self._start: dict[str, int] = {}
        self._changes: Counter[str] = Counter()
        self._transactions = 0
        self._rows = 0
        self._number = 0
        self._backend = 0
        self._doubt: Doubt | None = None
        self._due = self._saved = time.monotonic()
        self._connection: psycopg.Connection[TupleRow]

    def run(self) -> str:
        """Write until the end and return why it came."""
        self._connection = self._connect()
        try:
            self._count_tables()
            self._save()
            while not self.stopping:
                self._pace(self._transact())
            ended = "stopped"
        except _EndedError as reason:
            ended = str(reason)
        finally:
            self._connection.close()
        self._save(ended)
        return ended

    def _connect(self) -> psycopg.Connection[TupleRow]:
        # Plans are made anew for each statement, so that chunks are excluded by its constants.
        connection = psycopg.connect(self._conninfo, prepare_threshold=None)
        connection.execute("set lock_timeout = '5s'")
        connection.commit()
        self._backend = connection.info.backend_pid
        return connection

    def _count_tables(self) -> None:
        for schema, name, quoted in self._connection.execute(self._texts["tables"]).fetchall():
            query = f"select count(*) from {quoted}"  # noqa: S608
            self._start[f"{schema}.{name}"] = self._one(query)
        self._number = self._one(f"select coalesce(max(transaction_id), 0) from {LEDGER}")  # noqa: S608
        self._connection.commit()

    def _one(self, query: str, *parameters: object) -> Any:
        row = self._connection.execute(query, parameters).fetchone()
        return row[0] if row else None

    def _transact(self) -> int:
        """Run one transaction; return how many rows it wrote."""
        self._number += 1
        changes: Counter[str] = Counter()
        rows = 0
        committing = False
        try:
            for _ in range(self._random.choice(_STATEMENTS)):
                rows += self._step(changes)
            if self._random.random() < _ROLLED_BACK_SHARE:
                self._connection.rollback()
                return 0
            self._connection.execute(
                f"insert into {LEDGER} (transaction_id) values (%s)",  # noqa: S608
                (self._number,),
            )
            changes[LEDGER] += 1
            committing = True
            self._connection.commit()
        except psycopg.Error as error:
            lost = self._connection.closed or (error.sqlstate or "").startswith(_TERMINATED)
            if lost and committing:
                self._doubt = Doubt(transaction_id=self._number, changes=dict(changes))
            if lost:
                self._reconnect()
            else:
                self._give_up_unless_transient(error)
                self._connection.rollback()
            return 0
        self._credit(changes)
        self._rows += rows
        return rows

    def _step(self, changes: Counter[str]) -> int:
        """Run one statement, sometimes in a savepoint, and sometimes in vain."""
        name = self._random.choices(tuple(WRITES), tuple(WRITES.values()))[0]
        guarded = self._random.random() < _SAVEPOINT_SHARE
        if guarded:
            self._connection.execute("savepoint step")
        gained, rows = self._write(name)
        if guarded and self._random.random() < 0.5:
            self._connection.execute("rollback to savepoint step")
            return 0
        if guarded:
            self._connection.execute("release savepoint step")
        changes.update(gained)
        return rows

    def _write(self, name: str) -> tuple[Counter[str], int]:
        truncates = name == "truncate_search_cache"
        text = self._texts["count_search_cache" if truncates else name]
        gained: Counter[str] = Counter()
        rows = 0
        for table, gain, touched in self._connection.execute(text, self._parameters()).fetchall():
            gained[table] += gain
            rows += touched
        if truncates:
            self._connection.execute("truncate public.search_cache")
        return gained, rows

    def _parameters(self) -> dict[str, object]:
        rows = self._random.choice(_ROWS) * self._scale
        if self._random.random() < _BIG_SHARE:
            rows *= _BIG_FACTOR
        now = datetime.now(UTC)
        since, until = now - timedelta(seconds=10 / self._scale), now
        if self._random.random() < _LATE_SHARE:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            hour = timedelta(hours=1)
            since = midnight - hour - self._random.random() * (_HISTORY - hour)
            until = since + hour
        return {
            "rows": round(rows),
            "device": self._random.randrange(200),
            "since": since,
            "until": until,
        }

    def _credit(self, changes: Counter[str] | dict[str, int]) -> None:
        self._changes.update(changes)
        self._transactions += 1

    def _give_up_unless_transient(self, error: psycopg.Error) -> None:
        sqlstate = error.sqlstate or ""
        words = f"{sqlstate} {str(error).strip()}"
        if sqlstate == _READ_ONLY:
            raise _EndedError(f"fenced: {words}") from error
        if not sqlstate.startswith(_TRANSIENT):
            raise _EndedError(f"failed: {words}") from error

    def _reconnect(self) -> None:
        """Connect again, to learn whether the source is fenced or was only restarted."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            self._connection.close()
            former = self._backend
            try:
                self._connection = self._connect()
                self._resolve(former)
            except psycopg.OperationalError as error:
                words = str(error).strip()
                if _NOT_ADMITTED in words or time.monotonic() > deadline:
                    raise _EndedError(f"fenced: {words}") from error
            else:
                return
            if self.stopping:
                raise _EndedError("stopped")
            time.sleep(0.1)

    def _resolve(self, former: int) -> None:
        """Learn what became of a COMMIT without an answer, once its session is gone."""
        if self._doubt is None:
            return
        while self._one(_STILL_THERE, former):
            time.sleep(0.02)
        if self._one(COMMITTED, self._doubt.transaction_id):
            self._credit(self._doubt.changes)
        self._doubt = None
        self._connection.commit()

    def _pace(self, rows: int) -> None:
        now = time.monotonic()
        # After a pause that it did not choose, the load goes on at its rate: it does not catch up.
        self._due = max(self._due + rows / self._rate, now - 1)
        while not self.stopping and (now := time.monotonic()) < self._due:
            time.sleep(min(self._due - now, 0.1))
        if now - self._saved > _ACCOUNT_SECONDS:
            self._saved = now
            self._save()

    def _save(self, ended: str = "") -> None:
        account = Account(
            start=self._start, changes=dict(self._changes), transactions=self._transactions,
            rows=self._rows, doubt=self._doubt, ended=ended,
        )  # fmt: skip
        write_atomically(self._path, msgspec.json.encode(account))
