"""How far the target is behind, how fast it comes nearer, and in words. Pure.

"Caught up" has hysteresis: it must hold for a while, and is lost only when the lag is much larger.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from lmtui.humane import bytes_text, count_text
from lmtui.replay.lsn import format_lsn
from lmtui.sample import Applied, ReplaySample

WINDOW_SECONDS = 10.0
CAUGHT_UP_SECONDS = 3.0
CAUGHT_UP_BYTES = 512_000
HOLD_SECONDS = 3.0
LOST_SECONDS = 30.0
STILL_SECONDS = 5.0
INSIDE_SECONDS = 3.0


@dataclass(frozen=True)
class Reading:
    """One look at all three places. LSNs in bytes; `applied_at` and `source_now` are UTC.

    `sent_lsn` is how far the source has read its log for us. `open_rows` are applied on the target
    and not committed. `open_since` says since when a transaction writes on the source.
    """

    at: float
    source_lsn: int
    received_lsn: int
    applied_lsn: int
    applied_at: datetime
    source_now: datetime
    applied: Applied
    waiting: str = ""
    sent_lsn: int = 0
    spool_bytes: int = 0
    open_rows: int = 0
    open_since: str = ""


class LagTracker:
    """Turns readings into lags, rates and a verdict."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()
        self._below_since: float | None = None
        self._spool_at_commit = 0
        self.caught_up = False

    def take(self, reading: Reading) -> ReplaySample:
        """Add a reading and return what it means."""
        if not self._readings or reading.received_lsn != self._readings[-1].received_lsn:
            self._spool_at_commit = reading.spool_bytes
        self._readings.append(reading)
        while self._readings[0].at < reading.at - WINDOW_SECONDS and len(self._readings) > 2:
            self._readings.popleft()
        lag = max(0, reading.source_lsn - reading.applied_lsn)
        seconds = max(0.0, (reading.source_now - reading.applied_at).total_seconds())
        wal_rate = self._rate("source_lsn")
        replay_rate = self._rate("applied_lsn")
        net = replay_rate - wal_rate
        self._judge(reading.at, lag, seconds)
        verdict, why = self._verdict(lag, net, reading.waiting)
        return ReplaySample(
            source_lsn=format_lsn(reading.source_lsn),
            received_lsn=format_lsn(reading.received_lsn),
            applied_lsn=format_lsn(reading.applied_lsn),
            lag_bytes=lag,
            receive_lag_bytes=max(0, reading.source_lsn - reading.received_lsn),
            apply_lag_bytes=max(0, reading.received_lsn - reading.applied_lsn),
            lag_seconds=seconds,
            source_wal_rate=wal_rate,
            target_replay_rate=replay_rate,
            rows_per_second=self._row_rate(),
            eta_seconds=0.0 if self.caught_up else (lag / net if net > 0 else None),
            verdict=verdict,
            why=why,
            applied=reading.applied,
        )

    def _judge(self, at: float, lag: int, seconds: float) -> None:
        if seconds <= CAUGHT_UP_SECONDS and lag <= max(CAUGHT_UP_BYTES, self._rate("applied_lsn")):
            if self._below_since is None:
                self._below_since = at
            if at - self._below_since >= HOLD_SECONDS:
                self.caught_up = True
        else:
            self._below_since = None
            if seconds > LOST_SECONDS:
                self.caught_up = False

    def _verdict(self, lag: int, net: float, waiting: str) -> tuple[str, str]:
        if waiting:
            return "stalled", waiting
        if self.caught_up:
            return "caught up", self._inside_transaction()
        if net > 0 or lag <= CAUGHT_UP_BYTES:
            return "catching up", ""
        if work := self._inside_transaction():
            return "catching up", work
        if self._rate("applied_lsn") == 0 and self._rate("received_lsn") == 0:
            if self._span()[2] < STILL_SECONDS:
                return "catching up", ""
            open_since = self._readings[-1].open_since
            more = f"; a transaction is open on the source since {open_since}" if open_since else ""
            return "stalled", f"Nothing was received or applied for a while{more}"
        return "falling behind", "The source writes faster than the target applies"

    def _inside_transaction(self) -> str:
        """What goes on where no transaction comes to its end, in words; empty where nothing does.

        A position moves at commits alone, and a transaction is sent when it has ended.
        """
        last = self._readings[-1]
        first = next(r for r in self._readings if r.at >= last.at - INSIDE_SECONDS)
        if first.applied_lsn != last.applied_lsn:
            return ""
        words: list[str] = []
        receiving = first.received_lsn == last.received_lsn
        if receiving and last.spool_bytes > first.spool_bytes:
            size = bytes_text(last.spool_bytes - self._spool_at_commit)
            words.append(f"receiving a large transaction, {size} so far")
        if last.open_rows > 0 and last.open_rows != first.open_rows:
            one = "" if words else " a large transaction"
            words.append(f"applying{one}, {count_text(last.open_rows)} changes so far")
        if receiving and not words and last.sent_lsn > first.sent_lsn:
            left = bytes_text(max(0, last.source_lsn - last.sent_lsn))
            words.append(f"the source reads its log for what to send, {left} to go")
        text = "; ".join(words)
        return text[:1].upper() + text[1:]

    def _span(self) -> tuple[Reading, Reading, float]:
        first, last = self._readings[0], self._readings[-1]
        return first, last, last.at - first.at

    def _rate(self, name: str) -> float:
        first, last, seconds = self._span()
        grown = float(getattr(last, name) - getattr(first, name))
        return max(0.0, grown / seconds) if seconds > 0 else 0.0

    def _row_rate(self) -> float:
        first, last, seconds = self._span()
        if seconds <= 0:
            return 0.0
        return max(0.0, (_rows(last.applied) - _rows(first.applied)) / seconds)


def _rows(applied: Applied) -> int:
    return applied.insert + applied.update + applied.delete
