"""What receiver and applier tell the supervisor: one line of JSON each, on their stdout."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from lmtui.refused import Refused
from lmtui.replay.facts import RangesFacts, kept_text
from lmtui.replay.ranges import spans_text


class ReceiverReport(msgspec.Struct, frozen=True, kw_only=True, tag="receiver"):
    """Where the receiver stands. `waiting` says why it does not receive, in words."""

    received_lsn: int
    flushed_lsn: int
    spool_bytes: int
    free_bytes: int
    waiting: str = ""


class RangesText(msgspec.Struct, frozen=True, kw_only=True):
    """For each hypertable, its time that replay has written to, and what it has kept of it."""

    touched: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class ApplierReport(msgspec.Struct, frozen=True, kw_only=True, tag="applier"):
    """Where the applier stands. `waiting` says what it retries, in words.

    `marker` was committed on the target; `watched` was only read, behind the end. `after_end`
    counts the changes that came behind it. `held` is the command by which nothing is applied.
    `ranges` are in words: what was written to, and kept. `open_rows` are applied in a transaction
    that is not committed yet. `copied` were in a table's own copy already.
    """

    applied_lsn: int
    committed_at: int
    insert: int
    update: int
    delete: int
    truncate: int
    transactions: int
    waiting: str = ""
    marker: str = ""
    watched: str = ""
    after_end: int = 0
    held: str = ""
    ranges: RangesText = RangesText()
    skipped: int = 0
    copied: int = 0
    open_rows: int = 0


class ChunksSeen(msgspec.Struct, frozen=True, kw_only=True, tag="chunks"):
    """Chunks that were dropped on the source."""

    dropped: tuple[str, ...]


class ChangesSkipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped"):
    """Changes that were passed over, as wanted, and committed as such; told again at each start."""

    changes: tuple[Refused, ...]


class Halted(msgspec.Struct, frozen=True, kw_only=True, tag="halted"):
    """The process cannot go on; nothing was passed over. It ends after this line."""

    title: str
    detail: str
    hint: str = ""
    sqlstate: str = ""
    refused: Refused | None = None


Report = ReceiverReport | ApplierReport | ChunksSeen | ChangesSkipped | Halted

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)


def send(report: Report) -> None:
    """Write one report to stdout."""
    sys.stdout.buffer.write(_encoder.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def send_skipped(skipped: Sequence[Refused]) -> None:
    """Write what was passed over to stdout, if there is any."""
    if skipped:
        send(ChangesSkipped(changes=tuple(skipped)))


def read(line: bytes) -> Report:
    """Read one report."""
    return _decoder.decode(line)


class HasRanges(Protocol):
    """What knows what became of each hypertable's time."""

    @property
    def ranges(self) -> list[RangesFacts]: ...


def ranges_text(router: HasRanges | None) -> RangesText:
    """Ranges in words, a hypertable each."""
    known = sorted(router.ranges if router else (), key=lambda fact: (fact.schema, fact.name))
    return RangesText(
        touched=tuple(
            f"{fact.schema}.{fact.name}: {spans_text(fact.touched, fact.data_type)}"
            for fact in known
            if fact.touched
        ),
        kept=tuple(f"{fact.schema}.{fact.name}: {kept_text(fact)}" for fact in known if fact.kept),
    )


def moment(microseconds: int) -> datetime:
    """A commit time as a datetime (UTC)."""
    from datetime import UTC, timedelta

    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
