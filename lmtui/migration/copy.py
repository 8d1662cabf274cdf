"""The initial copy by pgcopydb, by as many snapshots as it takes: what is copied stays."""

import os
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress

import psycopg
from psycopg import sql

from lmtui.database import connect
from lmtui.errors import ConnectionFailedError, LmtuiError, SnapshotLostError
from lmtui.events import CopyFinished, CopyPlanned
from lmtui.hypertables.convert import Conversion
from lmtui.migration.context import Context
from lmtui.migration.copy_points import constraints_made, take_point, tell_copied
from lmtui.migration.foreign_keys import tell_left
from lmtui.migration.monitor import Monitor
from lmtui.migration.prepare import may_own
from lmtui.migration.replication import Replication
from lmtui.migration.slot import HeldSnapshot
from lmtui.pgcopydb import command
from lmtui.pgcopydb.catalog import mend, never_analyzed, read_done
from lmtui.pgcopydb.drain import Drain
from lmtui.pgcopydb.process import Process, own_services
from lmtui.pgcopydb.programs import with_own_restore
from lmtui.pgcopydb.progress import CopyState, read_copy
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.tablesync.files import SourceFiles, read_source_files
from lmtui.tablesync.judgement import ended

ATTEMPTS = 5
BACK_OFF_SECONDS = 5.0
POLL_SECONDS = 0.2


class InitialCopy:
    """The copy of one migration. `held` is the snapshot that it reads by, the slot's own at first.

    Without one, another is taken. `resume` goes on with a copy that was broken off.
    """

    def __init__(
        self, context: Context, monitor: Monitor, replication: Replication,
        held: HeldSnapshot | None, *, resume: bool,
    ) -> None:  # fmt: skip
        self._context, self._monitor, self._replication = context, monitor, replication
        self._held = held
        self._facts = CatalogFacts.load(context.directory)
        self._known = frozenset((table.schema, table.name) for table in self._facts.tables)
        self._conversion = Conversion(context)
        self._resume = resume

    def release(self) -> None:
        """Let the snapshot go, whatever became of the copy."""
        if self._held is not None:
            self._held.release()
            self._held = None
        self._context.snapshot_taken_at = None

    def run(self) -> None:
        """Copy everything. Raises SnapshotLostError where nothing of it can be kept, LmtuiError.

        pgcopydb's exit code alone proves nothing: each table must be marked done, and all are
        compared at the cutover.
        """
        began = time.monotonic()
        self._conversion.check(self._facts)
        if not self._resume:
            self._conversion.clear()
        self._monitor.watch_copy(self._known, self._conversion.states)
        self._snapshot()
        self._copy()
        while True:
            try:
                self._conversion.run(self._snapshot(), self._replication.watch)
                break
            except SnapshotLostError as error:
                self._renew(error)
        self._analyze()
        self._monitor.finish_copy()
        tell_copied(self._context, self._known)
        tell_left(self._context)
        self._context.tell(CopyFinished(seconds=round(time.monotonic() - began, 1)))

    def _analyze(self) -> None:
        """Collect the statistics that pgcopydb has left out, which replay is planned by."""
        left = never_analyzed(self._context.directory.pgcopydb)
        with closing(
            connect(self._context.target, statement_timeout=0, lock_timeout=30)
        ) as connection:
            for relation in left:
                self._context.check_stop()
                self._replication.watch()
                # Dropped on the target, locked, or somebody else's: only the plans are worse then.
                with suppress(
                    psycopg.errors.UndefinedTable, psycopg.errors.LockNotAvailable,
                    psycopg.errors.InsufficientPrivilege,
                ):  # fmt: skip
                    connection.execute(sql.SQL("analyze {}").format(sql.Identifier(*relation)))

    def _snapshot(self) -> HeldSnapshot:
        """The snapshot to copy by; another one where there is none, or it is gone."""
        if self._held is None:
            self._held = take_point(self._context, self._known)
        self._context.snapshot_taken_at = self._held.taken_at
        return self._held

    def _renew(self, why: object) -> None:
        """Go on by another snapshot."""
        self._context.note(f"The copy goes on by another snapshot: {why}", level="warning")
        self.release()
        self._snapshot()

    def _copy(self) -> None:
        context, failures, before = self._context, 0, self._count_done()
        done = read_done(context.directory.pgcopydb, context.plan.skip_extensions)
        if self._resume and done is not None and done.finished:
            state = read_copy(context.directory.pgcopydb, self._known)
            if state is not None and state.complete:
                return
        if self._resume and done is not None:
            mend(
                context.directory.pgcopydb, done, context.state.sync.aside,
                self._snapshot().slot.snapshot, constraints_made(context),
            )  # fmt: skip
        while True:
            process = self._start()
            try:
                drained = self._wait(process)
            finally:
                # Where its leader was killed, its children go on copying.
                process.stop()
            state = read_copy(context.directory.pgcopydb, self._known)
            if process.poll() == 0 and state is not None and state.complete:
                return
            now = self._count_done()
            failures = 0 if now > before else failures + 1
            before = now
            words = "\n".join(process.causes()) or _pending(state)
            if drained:
                self._resume = True
                self._renew("the one before was held long enough")
                continue
            if failures == ATTEMPTS:
                raise LmtuiError(
                    f"The initial copy failed {ATTEMPTS} times (pgcopydb exit code"
                    f" {process.poll()})",
                    detail=words,
                    hint=f"See {context.directory.logs / 'pgcopydb.log'}; mend the cause, then"
                    " lmtui resume. What is copied stays.",
                )
            context.note(
                f"The initial copy broke off (exit code {process.poll()}) and goes on: {words}",
                level="warning",
            )
            self._go_on()
            context.wait(BACK_OFF_SECONDS * max(1, failures))

    def _start(self) -> Process:
        context, held = self._context, self._snapshot()
        filters = None
        if text := command.filters(context.plan):
            filters = context.directory.filters
            filters.write_text(text)
        environment = command.environment(
            os.environ, context.source, context.target, context.state.id
        )
        if self._resume:
            environment = with_own_restore(
                environment, context.directory.programs, context.directory.foreign_keys
            )
        return Process(
            command.clone(
                context.plan, context.directory.pgcopydb, held.slot.snapshot,
                as_owner=may_own(context), filters=filters, resume=self._resume,
            ),
            environment,
            context.directory.logs / "pgcopydb.log",
            command.services(context.source, context.target, own_services(os.environ)),
        )  # fmt: skip

    def _count_done(self) -> int:
        state = read_copy(self._context.directory.pgcopydb, self._known)
        return 0 if state is None else sum(one.state == "done" for one in state.tables)

    def _go_on(self) -> None:
        """Make ready for the next attempt: by the same snapshot where that still serves."""
        context, directory = self._context, self._context.directory.pgcopydb
        dump = directory / "schema" / "schema.dump"
        if not (dump.exists() and dump.stat().st_size > 0):
            # A dump that failed leaves an empty file, which pgcopydb takes for the dump for ever
            # (0.18). The target is untouched then.
            shutil.rmtree(directory, ignore_errors=True)
            self._resume = False
            self._snapshot().check()
            if changed := self._changed(only_left=False):
                # The schema of an older snapshot cannot be dumped then (pg_dump).
                raise SnapshotLostError(f"{len(changed)} tables changed before they were dumped")
            return
        self._resume = True
        done = read_done(directory, context.plan.skip_extensions)
        if why := self._why_renew():
            if done is None or not done.prepared:
                raise SnapshotLostError(
                    "The snapshot of the initial copy is gone",
                    detail=why,
                    hint="Nothing was copied yet: lmtui resume begins the copy again.",
                )
            self._renew(why)
        elif done is not None:
            mend(
                directory, done, context.state.sync.aside, self._snapshot().slot.snapshot,
                constraints_made(context),
            )  # fmt: skip

    def _why_renew(self) -> str:
        """Why the snapshot does not serve any more, in words."""
        try:
            self._snapshot().check()
        except SnapshotLostError as error:
            return error.title
        except ConnectionFailedError as error:
            return str(error)
        changed = self._changed(only_left=True)
        return "; ".join(sorted({f"{'.'.join(name)} was {why}" for name, why in changed.items()}))

    def _changed(self, *, only_left: bool) -> Mapping[Relation, str]:
        try:
            with connect(self._context.source, read_only=True) as connection:
                now = read_source_files(connection)
        except ConnectionFailedError:
            return {}
        state = read_copy(self._context.directory.pgcopydb, self._known)
        done = (
            {(one.schema, one.name) for one in state.tables if one.state == "done"} if state else ()
        )
        found = ended(SourceFiles.load(self._context.directory), now)
        return {name: why for name, why in found.items() if not (only_left and name in done)}

    def _wait(self, process: Process) -> bool:
        """Wait for its end; says whether it was drained, since its snapshot had grown too old."""
        context, drain = self._context, None
        most = context.plan.max_snapshot_age * 3600
        planned = context.state.copy_plan is not None
        at_first = self._count_done()
        while process.poll() is None:
            self._replication.watch()
            state = None if planned else read_copy(context.directory.pgcopydb, self._known)
            if state is not None and state.tables:
                planned = True
                context.tell(
                    CopyPlanned(
                        tables=len(state.tables),
                        indexes=state.indexes_total,
                        bytes=sum(table.bytes_total for table in state.tables),
                    )
                )
            if most and drain is None and self._snapshot().age_seconds > most:
                # Each snapshot has to bring at least one table forward.
                drain = self._begin_drain(process) if self._count_done() > at_first else None
            if drain is not None:
                # The catalog may be busy for a moment.
                with suppress(sqlite3.Error):
                    if drain.step():
                        return True
            context.wait(POLL_SECONDS)
        return False

    def _begin_drain(self, process: Process) -> Drain | None:
        done = read_done(self._context.directory.pgcopydb, self._context.plan.skip_extensions)
        if done is None or not done.prepared:
            return None
        with suppress(sqlite3.Error):
            drain = Drain(self._context.directory.pgcopydb, process.group)
            self._context.note(
                "The snapshot is as old as it may be: what is under way is copied to its end, the"
                " rest by another one"
            )
            return drain
        return None


def _pending(state: CopyState | None) -> str:
    if state is None:
        return "pgcopydb has left no catalog"
    names = [f"{t.schema}.{t.name}" for t in state.tables if t.state != "done"]
    return f"Not copied: {', '.join(names[:10])}"
