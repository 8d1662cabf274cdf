"""The lag at a steady load: how long after its commit a row is on the target, in seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

from lmtui.database import Connection

_TRANSACTIONS_A_SECOND = 50
_POLL_SECONDS = 0.005
# The first of them see processes that are only just starting.
_WARM_UP_SECONDS = 2.0
_DRAIN_SECONDS = 20.0


@dataclass(frozen=True)
class Lag:
    """The lag of an engine at a load of `rate` rows a second, which the source did reach."""

    engine: str
    rate: float
    median: float
    p99: float
    worst: float
    outcome: str = ""

    def line(self) -> str:
        """It in one line."""
        if self.outcome:
            return f"  {self.engine:22}{self.rate:9,.0f} rows/s  {self.outcome}"
        return (
            f"  {self.engine:22}{self.rate:9,.0f} rows/s   lag: median {self.median:.2f} s,"
            f" p99 {self.p99:.2f} s, worst {self.worst:.2f} s"
        )


@dataclass
class _Beats:
    """When each numbered row was committed on the source, and first seen on the target."""

    committed: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)


def measure(
    engine: str,
    source: Connection,
    target: Connection,
    rows: Callable[[int, int], str],
    rate: int,
    seconds: float,
) -> Lag:
    """Write rows at a rate while the target is watched. `rows` inserts those from one to another.

    The lag is seen by a numbered row in each transaction of the load.
    """
    beats = _Beats()
    watcher = threading.Thread(target=_watch, args=(target, beats))
    watcher.start()
    began = time.monotonic()
    try:
        reached = _write(source, beats, rows, rate, seconds + _WARM_UP_SECONDS)
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline and len(beats.seen) < len(beats.committed):
            time.sleep(_POLL_SECONDS)
    finally:
        beats.ended.set()
        watcher.join()
    late = len(beats.committed) - len(beats.seen)
    if late:
        outcome = (
            f"{late} of {len(beats.committed)} transactions not there {_DRAIN_SECONDS:.0f} s later"
        )
        return Lag(engine, reached, 0.0, 0.0, 0.0, outcome)
    # The target may show a row before its committer has heard of the commit.
    lags = [
        max(0.0, beats.seen[number] - at)
        for number, at in beats.committed.items()
        if at > began + _WARM_UP_SECONDS
    ]
    return Lag(engine, reached, median(lags), quantiles(lags, n=100)[-1], max(lags))


def _write(
    source: Connection, beats: _Beats, rows: Callable[[int, int], str], rate: int, seconds: float
) -> float:
    size = max(1, rate // _TRANSACTIONS_A_SECOND)
    began = time.monotonic()
    number = 0
    while (now := time.monotonic()) < began + seconds:
        due = began + number / _TRANSACTIONS_A_SECOND
        if due > now:
            time.sleep(due - now)
        low = number * size + 1
        number += 1
        # One message of several statements is one transaction.
        source.execute(f"{rows(low, low + size - 1)}; insert into beat values ({number})")  # noqa: S608
        beats.committed[number] = time.monotonic()
    return number * size / (time.monotonic() - began)


def _watch(target: Connection, beats: _Beats) -> None:
    last = 0
    while not beats.ended.wait(_POLL_SECONDS):
        found = target.execute("select id from beat where id > %s", (last,)).fetchall()
        now = time.monotonic()
        for (number,) in found:
            beats.seen[number] = now
            last = max(last, number)
