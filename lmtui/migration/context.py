"""What all phases of a migration share."""

import threading
import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

from lmtui.control import Cutover
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.events import AnyEvent, Noted, Problem
from lmtui.hooks import Hook
from lmtui.journal import Journal
from lmtui.ledger import Ledger
from lmtui.plan import Plan
from lmtui.replay.change import Relation
from lmtui.replay.reports import ApplierReport, ReceiverReport
from lmtui.state import State
from lmtui.workdir import WorkDirectory

if TYPE_CHECKING:
    from lmtui.migration.verifier import Verifier
    from lmtui.tablesync.copy import TableCopies


class StoppedError(LmtuiError):
    """The operator asked the migration to stop."""


@dataclass
class Context:
    """The migration that a supervisor works on, and what its threads tell each other.

    `resyncs` are tables that are to be copied anew, with the reason. `hindrance` is what keeps
    receiver or applier from their work without them knowing, in words. `snapshot_taken_at` is the
    monotonic time of the snapshot that is held on the source, and `copying` the tables that are
    copied by themselves just now.
    """

    directory: WorkDirectory
    source: Endpoint
    target: Endpoint
    plan: Plan
    journal: Journal
    ledger: Ledger
    stopping: threading.Event = field(default_factory=threading.Event)
    cutover_cancelled: threading.Event = field(default_factory=threading.Event)
    unfence: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    cutover: Cutover | None = None
    receiver: ReceiverReport | None = None
    applier: ApplierReport | None = None
    hindrance: str = ""
    caught_up: bool = False
    resyncs: "SimpleQueue[tuple[tuple[Relation, ...], str]]" = field(default_factory=SimpleQueue)
    snapshot_taken_at: float | None = None
    copying: "TableCopies | None" = None
    hook: Hook | None = None
    verifier: "Verifier | None" = None

    @property
    def snapshot_age(self) -> float | None:
        """For how many seconds the snapshot is held, where one is."""
        taken_at = self.snapshot_taken_at
        return None if taken_at is None else round(time.monotonic() - taken_at, 1)

    @property
    def state(self) -> State:
        """The state as the journal has it."""
        return self.journal.state

    def tell(self, event: AnyEvent) -> None:
        """Write an event."""
        self.journal.append(event)
        if self.hook is not None:
            self.hook.hear(event)

    def note(self, text: str, *, level: str = "info") -> None:
        """Write a remark for the operator."""
        self.tell(Noted(level=level, text=text))

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than until the stop. Raises StoppedError then."""
        if self.stopping.wait(seconds):
            raise StoppedError("Stopped", hint="lmtui resume goes on from here.")

    def check_stop(self) -> None:
        """Raise StoppedError where a stop was asked for."""
        self.wait(0)


def problem_of(error: LmtuiError) -> Problem:
    """An error as the journal keeps it."""
    return Problem(title=error.title, detail=error.detail, hint=error.hint, refused=error.refused)
