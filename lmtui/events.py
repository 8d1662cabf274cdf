"""What happens in a migration, as facts in the past tense.

Every event is one line of the journal. `Record` is the envelope that orders and dates it.
"""

from datetime import datetime

import msgspec

from lmtui.event import Event as Event
from lmtui.events_cutover import CutoverGivenBack as CutoverGivenBack
from lmtui.events_cutover import CutoverGivenUp as CutoverGivenUp
from lmtui.events_cutover import CutoverRequested as CutoverRequested
from lmtui.events_cutover import CutoverStep as CutoverStep
from lmtui.events_cutover import CutoverTakenBack as CutoverTakenBack
from lmtui.events_cutover import DrainProven as DrainProven
from lmtui.events_cutover import FenceLifted as FenceLifted
from lmtui.events_sync import ForeignKeysChecked as ForeignKeysChecked
from lmtui.events_sync import ForeignKeysLeft as ForeignKeysLeft
from lmtui.events_sync import PointTaken as PointTaken
from lmtui.events_sync import ResyncBegun as ResyncBegun
from lmtui.events_sync import ResyncFailed as ResyncFailed
from lmtui.events_sync import TablesCopied as TablesCopied
from lmtui.events_sync import TablesSetAside as TablesSetAside
from lmtui.events_sync import TablesSynchronised as TablesSynchronised
from lmtui.going_back import GoingBack
from lmtui.phases import Phase, Status
from lmtui.proof import Proof as Proof
from lmtui.proof import RowDifference as RowDifference
from lmtui.proof import TableVerdict as TableVerdict
from lmtui.refused import Problem as Problem
from lmtui.refused import Refused
from lmtui.remedies.remedy import Remedy

FORMAT = 1


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one preflight check found.

    `severity` is blocker, warning, info, ok, or failed (the check itself could not run).
    `remedy` is the exact SQL, or the words where no SQL helps. `fixes` are what lmtui can apply
    itself; the journal keeps a finding without them.
    """

    id: str
    side: str
    severity: str
    title: str
    detail: str = ""
    remedy: str = ""
    topic: str = ""
    fixes: tuple[Remedy, ...] = ()


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Both servers, described without secrets (user@host:port/database)."""

    source: str
    target: str
    source_database: str
    target_database: str
    source_version: str = ""
    target_version: str = ""
    source_timescaledb: str = ""
    target_timescaledb: str = ""


class MigrationPlanned(Event, frozen=True, kw_only=True):
    """A migration was begun in this directory."""

    id: str
    version: str
    endpoints: Endpoints
    slot: str
    plugin: str
    cutover: str


class WorkerStarted(Event, frozen=True, kw_only=True):
    """A supervisor took the lock."""

    pid: int


class WorkerStopped(Event, frozen=True, kw_only=True):
    """The supervisor ended in order."""


class PhaseEntered(Event, frozen=True, kw_only=True):
    """The migration went on to this phase."""

    phase: Phase


class StatusChanged(Event, frozen=True, kw_only=True):
    """How the phase fares changed; `problem` says why it failed or waits."""

    status: Status
    problem: Problem | None = None


class FindingsRecorded(Event, frozen=True, kw_only=True):
    """Preflight ended with these findings."""

    findings: tuple[Finding, ...]


class SlotCreated(Event, frozen=True, kw_only=True):
    """The slot exists and its snapshot is exported. `lsn` is its consistent point.

    `stale` are tables of the target that were copied before, as of a stream that was lost.
    """

    slot: str
    plugin: str
    lsn: str
    snapshot: str
    stale: tuple[tuple[str, str], ...] = ()


class JobsPaused(Event, frozen=True, kw_only=True):
    """Jobs of the source that move or drop chunks are paused until the end."""

    jobs: tuple[str, ...]


class CopyPlanned(Event, frozen=True, kw_only=True):
    """What the initial copy will move. Bytes are the tables' size on the source's disk."""

    tables: int
    indexes: int
    bytes: int


class CopyFinished(Event, frozen=True, kw_only=True):
    """The initial copy ended and its tables are complete."""

    seconds: float


class ReplayStarted(Event, frozen=True, kw_only=True):
    """The applier began to apply what was received since the snapshot."""


class CaughtUp(Event, frozen=True, kw_only=True):
    """The target has caught up with the source."""

    lag_bytes: int
    lag_seconds: float


class FellBehind(Event, frozen=True, kw_only=True):
    """The target no longer keeps up with the source."""

    lag_bytes: int
    lag_seconds: float


class DriftSeen(Event, frozen=True, kw_only=True):
    """The schema is no longer what it was at the snapshot. Blocks the cutover."""

    side: str
    details: tuple[str, ...]


class DriftCleared(Event, frozen=True, kw_only=True):
    """The schema is again what it was at the snapshot."""

    side: str


class ChunksDropped(Event, frozen=True, kw_only=True):
    """Chunks were dropped on the source after the snapshot."""

    chunks: tuple[str, ...]


class SkipAllowed(Event, frozen=True, kw_only=True):
    """The operator wants this one change passed over, should it still not be applicable."""

    change: Refused


class ChangeSkipped(Event, frozen=True, kw_only=True):
    """The target stands behind this change without it, as the operator wanted."""

    change: Refused


class Noted(Event, frozen=True, kw_only=True):
    """Something that the operator should be able to read later. `level` is info or warning."""

    level: str
    text: str


class VerifiedAhead(Event, frozen=True, kw_only=True):
    """Parts of the data were compared at one point (`lsn`) while replay went on.

    Of all `units`, `compared` are equal as of some such point; `different` are named. `pause` is
    for how long replay was held to find the point, in seconds.
    """

    lsn: str
    units: int
    compared: int
    different: tuple[str, ...] = ()
    rows: int = 0
    seconds: float = 0.0
    pause: float = 0.0


class Rehearsed(Event, frozen=True, kw_only=True):
    """All of a cutover but the fence and the finish was done, and timed in seconds.

    `first_comparison` read all that was not known equal, `second_comparison` what had changed
    meanwhile: what is left for the downtime.
    """

    drain: float
    lag_bytes: int
    first_comparison: float
    second_comparison: float
    sequences: float
    parts: int
    parts_again: int
    rows_again: int
    different: tuple[str, ...] = ()

    @property
    def downtime(self) -> float:
        """What a cutover would take now, but for what was not rehearsed."""
        return self.drain + self.second_comparison + self.sequences


class Validated(Event, frozen=True, kw_only=True):
    """Both sides were compared."""

    proof: Proof


class SourceKeptReady(Event, frozen=True, kw_only=True):
    """Where both sides stood when the target was handed over, or what came since."""

    going_back: GoingBack


class Completed(Event, frozen=True, kw_only=True):
    """The migration is at its end. Where that is not proven, the operator has accepted it so."""

    proven: bool
    downtime_seconds: float


class CleanedUp(Event, frozen=True, kw_only=True):
    """Nothing of lmtui is left on either side."""

    removed: tuple[str, ...]


AnyEvent = (
    MigrationPlanned | WorkerStarted | WorkerStopped | PhaseEntered | StatusChanged
    | FindingsRecorded | SlotCreated | JobsPaused | CopyPlanned | CopyFinished | ReplayStarted
    | PointTaken | TablesCopied | TablesSetAside | ResyncBegun | ResyncFailed
    | TablesSynchronised | ForeignKeysLeft | ForeignKeysChecked
    | CaughtUp | FellBehind | DriftSeen | DriftCleared | ChunksDropped | Noted
    | SkipAllowed | ChangeSkipped
    | CutoverRequested | CutoverStep | CutoverGivenUp | CutoverTakenBack | FenceLifted
    | CutoverGivenBack | DrainProven | VerifiedAhead | Rehearsed | Validated | SourceKeptReady
    | Completed | CleanedUp
)  # fmt: skip


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal: `seq` counts from 1 without a gap, `at` is UTC."""

    v: int = FORMAT
    seq: int
    at: datetime
    event: AnyEvent
