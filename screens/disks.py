"""What grows on the disks, and when there is no more room: read off the latest minutes. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from lmtui.humane import duration_text
from lmtui.state import LagPoint, State
from screens.text import BAD, MUTED, WARN, Part, line

WINDOW_SECONDS = 300.0
# A course of less says nothing: a checkpoint alone makes a step.
SPAN_SECONDS = 30.0
AN_HOUR, A_DAY = 3600.0, 86_400.0
# What is further away is nothing to watch yet.
FAR_SECONDS = 3 * A_DAY


class Growth(NamedTuple):
    """Bytes a second by which the slot's WAL and the spool have grown."""

    retained: float
    spool: float


def growth(points: Sequence[LagPoint]) -> Growth | None:
    """How fast both grow; None where too little was measured."""
    if not points:
        return None
    last = points[-1]
    within = [p for p in points if (last.at - p.at).total_seconds() <= WINDOW_SECONDS]
    first = within[0]
    seconds = (last.at - first.at).total_seconds()
    if seconds < SPAN_SECONDS:
        return None
    return Growth(
        (last.retained_bytes - first.retained_bytes) / seconds,
        (last.spool_bytes - first.spool_bytes) / seconds,
    )


def forecasts(state: State) -> list[tuple[str, float]]:
    """What is full, and in how many seconds, the soonest first; nothing where nothing grows."""
    found: list[tuple[str, float]] = []
    grows = growth(state.lag_history)
    if grows is None or state.sample is None:
        return found
    source, spool = state.sample.source, state.sample.spool
    if grows.retained > 0 and source.safe_wal_size is not None:
        found.append(("the slot's limit", max(source.safe_wal_size, 0) / grows.retained))
    if grows.spool > 0 and spool.free_bytes:
        found.append(("the disk here", spool.free_bytes / grows.spool))
    near = [one for one in found if one[1] < FAR_SECONDS]
    return sorted(near, key=lambda one: one[1])


def forecast_line(state: State) -> Content | None:
    """At this rate, what is reached when; None where nothing grows."""
    found = forecasts(state)
    if not found:
        return None
    parts: list[Part] = [("full at this rate", MUTED)]
    for name, seconds in found:
        style = BAD if seconds < AN_HOUR else WARN if seconds < A_DAY else ""
        words = f"in {duration_text(_round(seconds))}" if seconds >= 1 else "now"
        parts += [(f"   {name} ", MUTED), (words, style)]
    return line(*parts)


def _round(seconds: float) -> float:
    """A forecast is not known to the second."""
    return round(seconds / 60) * 60 if seconds > 120 else seconds
