"""Receiver and applier of one migration: started, restarted, and their last words heard."""

import os
import shutil
import time
from collections.abc import Callable

import psycopg

from lmtui.children import Child
from lmtui.database import connect, run
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError, ReplayStoppedError
from lmtui.events import ChangeSkipped, ChunksDropped
from lmtui.migration.context import Context
from lmtui.migration.slot_lost import stopped
from lmtui.pgcopydb.command import MIGRATION_VARIABLE
from lmtui.replay.reports import (
    ApplierReport,
    ChangesSkipped,
    ChunksSeen,
    ReceiverReport,
    Report,
)

# A child that dies more often than this is not merely unlucky.
RESTARTS = 10
RESTARTS_SECONDS = 60.0
# Both report several times a second, but the applier not while the target works on a statement.
SILENT_SECONDS = 20.0
HANGING_SECONDS = 120.0
LOOK_SECONDS = 5.0
# Without so much neither can begin.
ROOM_BYTES = 4 * 1024 * 1024


class Replication:
    """The two children. `watch` must be called often: it restarts what has died."""

    def __init__(self, context: Context, start_lsn: int) -> None:
        self._context = context
        self._start_lsn = start_lsn
        self._receiver: Child | None = None
        self._applier: Child | None = None
        self._deaths: list[float] = []
        self._end_nonce = ""
        self._looked_at = 0.0
        self._unreadable_at = -RESTARTS_SECONDS

    def receive(self) -> None:
        """Start the receiver."""
        state, directory = self._context.state, self._context.directory
        self._receiver = Child(
            "lmtui.replay.receiver",
            ["--spool", str(directory.spool), "--slot", state.slot, "--plugin", state.plugin,
             "--start", str(self._start_lsn)],
            self._environment(self._context.source),
            directory.logs / "receiver.log",
            self._listen,
        )  # fmt: skip

    def apply(self) -> None:
        """Start the applier."""
        self._applier = self._start_applier(log="applier.log", listen=self._listen)
        if self._end_nonce:
            self._applier.tell(f"end {self._end_nonce}")

    def _start_applier(
        self, *more: str, log: str, listen: Callable[[Report], None] | None = None
    ) -> Child:
        state, directory = self._context.state, self._context.directory
        return Child(
            "lmtui.replay.applier",
            ["--dir", str(directory.root), "--slot", state.slot, "--plugin", state.plugin, *more],
            self._environment(self._context.target),
            directory.logs / log,
            listen,
        )

    def _environment(self, endpoint: Endpoint) -> dict[str, str]:
        """Its one server, and the mark that a later supervisor finds it by: see stop_leftovers."""
        variable = SOURCE_VARIABLE if endpoint.side == "source" else TARGET_VARIABLE
        return {
            **os.environ, variable: endpoint.uri(), MIGRATION_VARIABLE: self._context.state.id,
        }  # fmt: skip

    @property
    def applied_lsn(self) -> int:
        """Where replay stands, as the applier has last told; 0 where it has not."""
        report = self._context.applier
        return report.applied_lsn if report is not None else 0

    @property
    def held(self) -> str:
        """The command by which the applier holds just now."""
        report = self._context.applier
        return report.held if report is not None else ""

    def catch_up(self) -> "CatchingUp":
        """Start an applier for the tables that are to catch up: see lmtui.replay.catch_up."""
        return CatchingUp(self._start_catch_up())

    def watch_catch_up(self, catching: "CatchingUp") -> None:
        """Restart it where it died. Raises ReplayStoppedError where it cannot go on."""
        child = catching.child
        if child.poll() is None:
            return
        if (said := child.halted) is not None:
            raise ReplayStoppedError(said.title, said.detail, said.hint, said.refused)
        self._count_death(child)
        child.stop()
        catching.restart(self._start_catch_up())

    def _start_catch_up(self) -> Child:
        def listen(report: Report) -> None:
            # Where it stands is not where replay stands.
            if not isinstance(report, ApplierReport):
                self._listen(report)

        return self._start_applier("--catch-up", log="catch_up.log", listen=listen)

    def end_at(self, nonce: str) -> None:
        """Let the applier stop at the drain marker with this nonce."""
        self._end_nonce = nonce
        if self._applier is not None:
            self._applier.tell(f"end {nonce}")

    def tell_applier(self, words: str) -> None:
        """Tell the applier to hold, to go until an LSN, or to go on: see lmtui.replay.hold."""
        if self._applier is not None:
            self._applier.tell(words)

    def go_on(self) -> None:
        """Forget the drain marker, also where it was reached, and apply what comes after it."""
        self._end_nonce = ""
        if self._applier is not None:
            self._applier.stop()
            self.apply()

    def watch(self) -> None:
        """Restart what died. Raises ReplayStoppedError where a child says that it cannot go on."""
        hindrance = ""
        for child in (self._receiver, self._applier):
            if child is None:
                continue
            if child.poll() is None:
                hindrance = hindrance or self._look_at(child)
            elif child.halted is not None:
                raise stopped(
                    self._context.source, self._context.state.slot, child.halted,
                    self._context.state.phase,
                )  # fmt: skip
            else:
                hindrance = self._died(child)
        self._context.hindrance = hindrance

    def _died(self, child: Child) -> str:
        """Start another one; says why not where that would be vain for now."""
        root = self._context.directory.root
        if shutil.disk_usage(root).free < ROOM_BYTES:
            return f"No room in {root}: the {child.name} ended, and begins again when there is"
        self._count_death(child)
        child.stop()
        if child is self._receiver:
            self.receive()
        else:
            self.apply()
        return ""

    def _count_death(self, child: Child) -> None:
        """Note that it is started again. Raises LmtuiError where that was done too often."""
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < RESTARTS_SECONDS] + [now]
        log = self._context.directory.logs / f"{child.name}.log"
        if len(self._deaths) > RESTARTS:
            raise LmtuiError(
                f"The {child.name} ends again and again (exit code {child.poll()})",
                detail=log.read_text(errors="replace")[-800:].strip(),
                hint=f"Nothing was lost. See {log}, then resume.",
            )
        self._context.note(
            f"The {child.name} ended (exit code {child.poll()}) and is started again",
            level="warning",
        )

    def _look_at(self, child: Child) -> str:
        """What keeps a running child from reporting, in words; ends one that hangs."""
        now, silent = time.monotonic(), child.silent_seconds
        if child.unreadable and now - self._unreadable_at > RESTARTS_SECONDS:
            self._unreadable_at = now
            self._context.note(
                f"The {child.name} said what cannot be read (line {child.unreadable} of that kind):"
                f" {child.last_unreadable}",
                level="warning",
            )
            child.unreadable = 0
        if silent < SILENT_SECONDS:
            return ""
        if now - self._looked_at < LOOK_SECONDS:
            return self._context.hindrance
        self._looked_at = now
        if child is self._applier and (work := self._work_on_target()):
            return f"The target works on one statement of the applier for {work}"
        if silent > HANGING_SECONDS:
            self._context.note(
                f"The {child.name} has said nothing for {silent:.0f} s and is ended",
                level="warning",
            )
            child.kill()
        return f"The {child.name} has said nothing for {silent:.0f} s"

    def _work_on_target(self) -> str:
        """For how long the target has been at a statement of the applier, and what that waits for.

        Empty where it is at none, or cannot be asked: what the applier waits for does not come.
        """
        try:
            with connect(self._context.target, read_only=True, statement_timeout=5) as target:
                found = run(target, "applier_sessions")
        except (ConnectionFailedError, psycopg.Error):
            return ""
        if not found:
            return ""
        event, seconds = found[0]
        return f"{seconds:.0f} s" + (f" ({event})" if event else "")

    def _listen(self, report: Report) -> None:
        match report:
            case ReceiverReport():
                self._context.receiver = report
            case ApplierReport():
                self._context.applier = report
            case ChunksSeen():
                known = set(self._context.state.chunks_dropped)
                fresh = tuple(chunk for chunk in report.dropped if chunk not in known)
                if fresh:
                    self._context.tell(ChunksDropped(chunks=fresh))

            case ChangesSkipped():
                told = {change.change for change in self._context.state.skipped}
                for change in report.changes:
                    if change.change not in told:
                        self._context.tell(ChangeSkipped(change=change))

    def stop(self) -> None:
        """Stop both; what they did is safe."""
        for child in (self._applier, self._receiver):
            if child is not None:
                child.stop()
        self._applier = self._receiver = None


class CatchingUp:
    """The applier of tables that catch up with replay behind a copy of their own."""

    def __init__(self, child: Child) -> None:
        self.child = child

    def restart(self, child: Child) -> None:
        """Another one has taken its place; it goes on from what the target keeps."""
        self.child = child

    @property
    def applied_lsn(self) -> int:
        """Where it stands; 0 where it has not told yet."""
        report = self.child.last
        return report.applied_lsn if isinstance(report, ApplierReport) else 0

    @property
    def held(self) -> str:
        """The command by which it holds just now."""
        report = self.child.last
        return report.held if isinstance(report, ApplierReport) else ""

    def tell(self, words: str) -> None:
        """Tell it to go until an LSN, or to go on: see lmtui.replay.hold."""
        self.child.tell(words)

    def stop(self) -> None:
        """Stop it; what it did is kept."""
        self.child.stop()
