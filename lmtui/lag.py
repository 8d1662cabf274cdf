"""How far the target is behind, how fast it comes nearer, and in words. Pure.

"Caught up" has hysteresis: it must hold for a while, and is lost only when the lag is much larger.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from lmtui.replay.lsn import format_lsn
from lmtui.sample import Applied, ReplaySample

WINDOW_SECONDS = 10.0
CAUGHT_UP_SECONDS = 3.0
CAUGHT_UP_BYTES = 512_000
HOLD_SECONDS = 3.0
LOST_SECONDS = 30.0
STILL_SECONDS = 5.0


@dataclass(frozen=True)
class Reading:
    """One look at all three places. LSNs in bytes; `applied_at` and `source_now` are UTC."""

    at: float
    source_lsn: int
    received_lsn: int
    applied_lsn: int
    applied_at: datetime
    source_now: datetime
    applied: Applied
    waiting: str = ""


class LagTracker:
    """Turns readings into lags, rates and a verdict."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()
        self._below_since: float | None = None
        self.caught_up = False

    def take(self, reading: Reading) -> ReplaySample:
        """Add a reading and return what it means."""
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
            return "caught up", ""
        if net > 0 or lag <= CAUGHT_UP_BYTES:
            return "catching up", ""
        if self._rate("applied_lsn") == 0 and self._rate("received_lsn") == 0:
            if self._span()[2] < STILL_SECONDS:
                return "catching up", ""
            return "stalled", "Nothing was received or applied for a while"
        return "falling behind", "The source writes faster than the target applies"

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
