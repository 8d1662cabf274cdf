"""The thread that compares both sides while replay goes on, until the cutover."""

import queue
import threading
import time
from collections.abc import Callable

import psycopg

from lmtui.cutover.drain import drain_once
from lmtui.cutover.sequences import sequences_behind
from lmtui.database import server_error
from lmtui.errors import BlockedError, LmtuiError
from lmtui.events import Rehearsed
from lmtui.migration.context import Context, StoppedError
from lmtui.migration.replication import Replication
from lmtui.migration.resyncs import tables_of
from lmtui.phases import Phase
from lmtui.validation.ahead import Ahead, Round
from lmtui.validation.kept import Kept
from lmtui.validation.point import PointMissedError, Replay
from lmtui.validation.repair import NotByRowsError

PERIOD_SECONDS = 10.0
# What fails is tried again, but ever more seldom: each attempt holds replay for a moment.
MOST_PERIODS = 32
# An event of a round that brought nothing new is written this often.
TELL_SECONDS = 600.0
STOPPED = "Both sides are not compared while tables are copied anew or a cutover is under way"
_REPLAYING = (Phase.CATCH_UP, Phase.REPLICATE)

Ask = Callable[[Ahead], None]


class Verifier:
    """Compares round by round while the target keeps up; does what is asked for in between."""

    def __init__(self, context: Context, replication: Replication) -> None:
        self._context = context
        self._stop = threading.Event()
        self._asked: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._told: tuple[int, int, tuple[str, ...]] | None = None
        self._told_at = 0.0
        self._trouble = ""
        self._failures = 0
        self._tried = False
        self._asking = threading.Lock()
        self._unanswered = False
        skip = [_qualified(name) for name in context.plan.skip_table_data]
        self._ahead = Ahead(
            context.source,
            context.target,
            Replay(
                slot=context.state.slot,
                plugin=context.state.plugin,
                tell=replication.tell_applier,
                report=lambda: context.applier,
                check=self._check,
            ),
            skip,
            Kept.load(context.directory),
        )
        self._thread = threading.Thread(target=self._run, name="verifier", daemon=True)

    def start(self) -> None:
        """Begin to compare."""
        self._thread.start()

    def stop(self) -> None:
        """Give up what is under way, and close the connections; says where it was asked for."""
        with self._asking:
            self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        # Whoever waits for the answer must not wait for ever.
        if self._unanswered or not self._asked.empty():
            self._context.note(f"Not done: {STOPPED}", level="warning")

    def verify(self) -> None:
        """Compare all that has changed, as soon as may be; told by an event."""
        self._ask(lambda ahead: self._tell(ahead.round(quick=True), always=True))

    def rehearse(self) -> None:
        """Time the drain and the comparison; told by an event."""
        self._ask(self._rehearse)

    def _rehearse(self, ahead: Ahead) -> None:
        context, sample = self._context, self._context.state.sample
        drain = drain_once(context.source, context.target, context.state.slot, self._check)
        first = ahead.round(quick=True)
        again = ahead.round(quick=True)
        began = time.monotonic()
        sequences_behind(context.source, context.target)
        sequences = time.monotonic() - began
        self._tell(again, always=True)
        context.tell(
            Rehearsed(
                drain=drain, lag_bytes=sample.replay.lag_bytes if sample else 0,
                first_comparison=first.event.seconds, second_comparison=again.event.seconds,
                sequences=round(sequences, 3), parts=again.event.units,
                parts_again=again.due, rows_again=again.event.rows,
                different=again.event.different,
            )
        )  # fmt: skip

    def repair(self, relation: tuple[str, str]) -> None:
        """Copy the rows of a relation that differ, and compare again; told by events."""

        def mend(ahead: Ahead) -> None:
            name = ".".join(relation)
            try:
                count = ahead.repair(relation)
            except NotByRowsError as error:
                tables = tables_of(self._context, [relation])
                # The error names the partition at which that was seen.
                words = f"The rows of {name} cannot be repaired one by one, all are copied anew"
                self._context.note(f"{words}: {error.title}. {error.detail}", level="warning")
                self._context.resyncs.put((tables, "to repair it"))
                return
            self._context.ledger.record(
                side="target",
                what=f"{count} rows of {name} copied from the source, by the operator's consent",
                undo="",
                until="told",
            )
            self._context.note(f"{count} rows of {name} were copied from the source")
            self._tell(ahead.round(quick=True), always=True)

        self._ask(mend)

    def _ask(self, ask: Ask) -> None:
        with self._asking:
            if self._stop.is_set():
                raise BlockedError(STOPPED, hint="Ask again when that is done.")
            self._asked.put(ask)

    def _check(self) -> None:
        if self._stop.is_set() or self._context.stopping.is_set():
            raise StoppedError("Stopped")

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._work()
            except StoppedError:
                return
            self._stop.wait(0.2)

    def _work(self) -> None:
        began = time.monotonic()
        asked: Ask | None = None
        pause = PERIOD_SECONDS * min(2**self._failures, MOST_PERIODS)
        while asked is None and time.monotonic() - began < pause:
            self._check()
            try:
                asked = self._asked.get(timeout=0.2)
            except queue.Empty:
                if not self._tried and self._context.caught_up:
                    break
        if asked is None and not (
            self._context.caught_up and self._context.state.phase in _REPLAYING
        ):
            return
        self._tried = True
        try:
            if asked is not None:
                asked(self._ahead)
            else:
                self._tell(self._ahead.round())
            self._trouble, self._failures = "", 0
        except PointMissedError as error:
            self._failures += 1
            # An attempt of our own is simply made again.
            if asked is not None:
                self._context.note(f"Not done: {error}", level="warning")
        except (LmtuiError, psycopg.Error) as error:
            if isinstance(error, StoppedError):
                self._unanswered = asked is not None
                raise
            if isinstance(error, psycopg.Error):
                error = server_error("A server refused", error)
            self._failures += 1
            words = "Not done" if asked is not None else "The comparison ahead is not made"
            if asked is not None or str(error) != self._trouble:
                self._context.note(f"{words}: {error}", level="warning")
            self._trouble = str(error)

    def _tell(self, found: Round, *, always: bool = False) -> None:
        found.kept.save(self._context.directory)
        event = found.event
        now = (event.units, event.compared, event.different)
        if always or now != self._told or time.monotonic() - self._told_at > TELL_SECONDS:
            self._told, self._told_at = now, time.monotonic()
            self._context.tell(event)


def _qualified(name: str) -> tuple[str, str]:
    schema, _, table = name.rpartition(".")
    return schema or "public", table
