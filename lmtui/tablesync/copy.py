"""Tables copied by themselves, all as of one snapshot, in several streams."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect, run, said_plainly, server_error
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, ConnectionFailedError, LmtuiError, ServerError
from lmtui.migration.slot import HeldSnapshot
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.refusal import is_transient
from lmtui.tablesync.parts import PART_PAGES, Part, Readable, cut, in_order
from lmtui.tablesync.rows import copy_part, writing
from lmtui.tablesync.target_table import alter_types, differing, empty, read_columns
from lmtui.tablesync.units import Unit

ATTEMPTS = 5
BACK_OFF_SECONDS = 2.0
POLL_SECONDS = 0.1
# TID range scans (release notes of PostgreSQL 14).
_TID_RANGES = 140000
_OUT_OF_LOCKS = "53200"
_LOCK_TIMEOUT = "55P03"


class Copied(NamedTuple):
    """How much was copied. Bytes are those of COPY's text."""

    rows: int
    bytes: int


class TableCopies:
    """The copies of some units in one held snapshot. `copied` may be looked at while they go on."""

    def __init__(
        self, held: HeldSnapshot, target: Endpoint, slot: str, facts: CatalogFacts,
        units: Sequence[Unit], jobs: int, note: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._held, self._target, self._slot = held, target, slot
        self._facts, self._units, self._jobs = facts, units, jobs
        self._note = note
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._parts: SimpleQueue[Part] = SimpleQueue()
        self._columns: dict[Relation, list[str]] = {}
        self.copied: dict[Relation, Copied] = {}
        self.parts_left: dict[Relation, int] = {}

    def run(self, watch: Callable[[], None]) -> None:
        """Copy all of them; `watch` is called meanwhile, and may raise.

        Raises SnapshotLostError where another snapshot is needed, BlockedError where the target's
        columns cannot be made the source's, LmtuiError otherwise.
        """
        self._prepare(watch)
        with ThreadPoolExecutor(self._jobs) as pool:
            done = [pool.submit(self._work) for _ in range(self._jobs)]
            try:
                self._await(done, watch)
            except BaseException:
                self._stop.set()
                raise
        self._analyze()

    def _prepare(self, watch: Callable[[], None]) -> None:
        """Cut the units into parts, and make the target ready for them."""
        parts: list[Part] = []
        with self._held.inside() as source, writing(self._target) as target:
            most = PART_PAGES if source.info.server_version >= _TID_RANGES else None
            storage = {one.chunk: one.compressed for one in self._facts.storage}
            for unit in self._units:
                tables = [
                    Readable(read, self._pages(source, read), storage.get(read))
                    for read in self._tables_of(unit)
                ]
                cut_up = cut(unit, tables, most)
                parts += cut_up
                self.copied[unit.relation] = Copied(0, 0)
                self.parts_left[unit.relation] = len(cut_up)
                self._await_lock(source, target, unit, watch)
        for part in in_order(parts):
            self._parts.put(part)

    def _await_lock(
        self, source: Connection, target: Connection, unit: Unit, watch: Callable[[], None]
    ) -> None:
        """Make the target ready for a unit, as soon as nobody else has its table locked."""
        name, told = ".".join(unit.target), False
        while True:
            watch()
            try:
                with said_plainly(f"{name} cannot be emptied on the target"):
                    self._make_ready(source, target, unit)
                return
            except ServerError as error:
                if error.sqlstate != _LOCK_TIMEOUT:
                    raise
                target.rollback()
                if not told:
                    told = True
                    self._note(f"{name} is locked on the target: waiting until it can be emptied")

    def _tables_of(self, unit: Unit) -> list[Relation]:
        """The source's tables that hold a unit's rows."""
        root = next(
            (one for one in self._facts.hypertables if (one.schema, one.name) == unit.relation),
            None,
        )
        if root is None:
            return [unit.relation]
        return [(one.schema, one.name) for one in self._facts.chunks if one.hypertable == root.id]

    def _pages(self, source: Connection, relation: Relation) -> int:
        name = sql.Identifier(*relation).as_string(source)
        return int(run(source, "sync_pages", {"relation": name})[0][0])

    def _make_ready(self, source: Connection, target: Connection, unit: Unit) -> None:
        # Types are named alike only where both sessions have one search path.
        with closing(connect(self._target, read_only=True)) as reading:
            theirs = read_columns(reading, unit.target)
        ours = read_columns(source, unit.target)
        there = {column.name for column in theirs}
        if lacking := [column.name for column in ours if column.name not in there]:
            raise BlockedError(
                f"{'.'.join(unit.target)} has columns on the source that the target does not have:"
                f" {', '.join(lacking)}",
                hint="Add them on the target, then resume.",
            )
        changed = differing(ours, theirs)
        if changed and unit.ranges:
            raise BlockedError(
                f"{'.'.join(unit.target)} has other types on the source than on the target",
                detail=", ".join(f"{column.name} {column.type}" for column in changed),
                hint="Copy all of it: lmtui resync " + ".".join(unit.target),
            )
        empty(target, unit, self._facts)
        if changed:
            target.execute(alter_types(unit.target, changed))
            self._note(
                f"{'.'.join(unit.target)} has the source's types on the target now:"
                f" {', '.join(f'{column.name} {column.type}' for column in changed)}"
            )
        target.commit()
        generated = {column.name for column in theirs if column.generated}
        self._columns[unit.relation] = [one.name for one in ours if one.name not in generated]

    def _work(self) -> None:
        """Copy parts until none is left; a lost server is waited for."""
        failures = 0
        part: Part | None = None
        while not self._stop.is_set():
            try:
                with ExitStack() as stack:
                    source = stack.enter_context(self._held.inside())
                    run(source, "session_timeouts")
                    target = stack.enter_context(writing(self._target))
                    while not self._stop.is_set():
                        part = part or self._parts.get_nowait()
                        self._copy(source, target, part)
                        part, failures = None, 0
            except Empty:
                return
            except (psycopg.Error, ConnectionFailedError) as error:
                failures += 1
                self._judge(part, error, failures)
                self._stop.wait(BACK_OFF_SECONDS * failures)

    def _copy(self, source: Connection, target: Connection, part: Part) -> None:
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            if self._stop.is_set():
                raise LmtuiError("The copy was stopped")
            sent += size
            self._add(part, 0, size)

        try:
            rows = copy_part(
                source, target, part, self._columns[part.unit.relation], self._slot,
                self._held.slot.lsn, count,
            )  # fmt: skip
        except BaseException:
            self._add(part, 0, -sent)
            raise
        self._add(part, rows, 0)
        with self._lock:
            self.parts_left[part.unit.relation] -= 1

    def _add(self, part: Part, rows: int, size: int) -> None:
        with self._lock:
            before = self.copied[part.unit.relation]
            self.copied[part.unit.relation] = Copied(before.rows + rows, before.bytes + size)

    def _judge(self, part: Part | None, error: Exception, failures: int) -> None:
        """Raise for what no retry mends, or after the last one; else note it."""
        what = part.label if part is not None else "tables"
        doing = f"The rows of {what} could not be copied"
        if isinstance(error, psycopg.Error):
            hint = "Mend the cause, then lmtui resume."
            if error.sqlstate == _OUT_OF_LOCKS:
                hint = (
                    "Each chunk takes locks: raise max_locks_per_transaction on the target, or take"
                    " a longer interval. Then lmtui resume."
                )
            plain: LmtuiError = server_error(doing, error, hint)
            if failures >= ATTEMPTS or not is_transient(error):
                raise plain from error
            self._note(f"{doing}, tried again: {plain.detail}")
        elif failures >= ATTEMPTS:
            raise error
        else:
            self._note(f"{doing}, tried again: {error}")

    def _await(self, done: Sequence[Future[None]], watch: Callable[[], None]) -> None:
        left = set(done)
        while left:
            ended, left = wait(left, timeout=POLL_SECONDS)
            for future in ended:
                future.result()
            watch()

    def _analyze(self) -> None:
        """Collect statistics, which the replay is planned by."""
        for name in sorted({unit.target for unit in self._units}):
            with (
                suppress(psycopg.errors.InsufficientPrivilege),
                connect(
                    self._target, statement_timeout=0, lock_timeout=30, application="lmtui copy"
                ) as target,
            ):
                target.execute(sql.SQL("analyze {}").format(sql.Identifier(*name)))
