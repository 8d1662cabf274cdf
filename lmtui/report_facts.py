"""What the report of a migration holds."""

from datetime import datetime

import msgspec

from lmtui import events as e
from lmtui.going_back import GoingBack
from lmtui.refused import Refused
from lmtui.sample import Applied


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One stay in a phase, from `at` (UTC), stops included."""

    phase: str
    at: datetime
    seconds: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the cutover. `status` is running, done or failed."""

    name: str
    status: str
    seconds: float
    detail: str = ""


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said on the way."""

    at: datetime
    text: str


class SkippedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that the operator allowed to be skipped, and what became of it.

    `outcome` is skipped; applied, where the drain proved it and its cause was gone; else open.
    """

    at: datetime
    outcome: str
    change: Refused


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The initial copy. Bytes of the source's disk; `seconds` is None where it did not end."""

    tables: int
    indexes: int
    bytes: int
    seconds: float | None


class ProofReport(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of both sides. `verdict` is equal or different."""

    verdict: str
    at: datetime
    seconds: float
    changes_after_end: int
    writers_after_end: tuple[str, ...]
    changes_skipped: int
    rows: tuple[e.RowDifference, ...]
    compared: tuple[e.TableVerdict, ...]
    sequences_checked: int
    sequence_mismatches: tuple[str, ...]
    inventory: tuple[str, ...]
    not_compared: tuple[str, ...]


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A cutover that came to no proven end and went back to replay; `proof` where it compared.

    `read_only_seconds` is for how long its fence kept writers from the source, None where that was
    kept.
    """

    at: datetime
    reasons: tuple[str, ...]
    read_only_seconds: float | None
    proof: ProofReport | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger: what lmtui changed, what was there before, and how it goes back.

    `put_back` says whether it has.
    """

    id: int
    at: datetime | None
    side: str
    what: str
    before: str
    undo: str
    until: str
    put_back: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A migration as its journal tells it. None where something has not come to pass."""

    id: str
    lmtui_version: str
    endpoints: e.Endpoints | None
    plugin: str
    slot: str
    phase: str
    status: str
    problem: e.Problem | None
    proven: bool | None
    started_at: datetime | None
    ended_at: datetime | None
    downtime_seconds: float | None
    drain_seconds: float | None
    end_lsn: str | None
    applied_lsn: str | None
    fence: str | None
    confirmed_by: str
    accepted_unproven: bool
    waived: tuple[str, ...]
    rows_per_second: float | None
    rehearsal: e.Rehearsed | None
    ahead: tuple[e.VerifiedAhead, ...]
    phases: tuple[Span, ...]
    copy: Copied | None
    replay: Applied | None
    steps: tuple[Step, ...]
    proof: ProofReport | None
    given_back: tuple[GivenBack, ...]
    findings: tuple[e.Finding, ...]
    drift: tuple[str, ...]
    chunks_dropped: tuple[str, ...]
    skipped: tuple[SkippedChange, ...]
    touched: tuple[str, ...]
    kept: tuple[str, ...]
    jobs_paused: tuple[str, ...]
    warnings: tuple[Dated, ...]
    stops: tuple[Dated, ...]
    removed: tuple[str, ...]
    going_back: GoingBack | None
    left_to_do: tuple[str, ...]
    ledger: tuple[Change, ...]
