"""The lag over time, drawn from zero, so that a level lag looks level and a small one small."""

from collections.abc import Sequence
from itertools import pairwise

from textual.content import Content
from textual.widget import Widget

from lmtui.humane import bytes_text, duration_text
from lmtui.state import LagPoint
from screens.glyphs import Glyphs
from screens.text import MUTED, line, lines, spread

# A lag below this is drawn as a small one, however level it is.
FLOOR = 64 * 1024
# As wide as the longest size, 1023.9 GiB, and a gap.
LABEL = 12


def buckets(values: Sequence[int], width: int) -> list[int]:
    """Bring `values` to at most `width` columns; a column shows the highest of its values."""
    if len(values) <= width:
        return list(values)
    edges = [place * len(values) // width for place in range(width + 1)]
    return [max(values[a:b]) for a, b in pairwise(edges)]


def chart(
    points: Sequence[LagPoint], width: int, height: int, glyphs: Glyphs, *, ended: bool = False
) -> Content:
    """`height` lines: columns rise from zero to the highest lag shown; the last line is time.

    Where the measuring has `ended`, the last column is of that moment, not of now.
    """
    room, rows = width - LABEL, height - 1
    # One point is not yet a course.
    if len(points) < 2 or room < 10 or rows < 1:
        return line(("The course of the lag is drawn from here on.", MUTED))
    values = buckets([point.lag_bytes for point in points], room)
    peak = max([*values, FLOOR])
    steps = len(glyphs.levels) - 1
    heights = [_cells(value, peak, rows * steps) for value in values]
    pad = " " * (room - len(values))
    drawn = []
    for row in range(rows - 1, -1, -1):
        cells = "".join(glyphs.levels[min(max(h - row * steps, 0), steps)] for h in heights)
        label = bytes_text(peak) if row == rows - 1 else ("0" if row == 0 else "")
        drawn.append(line((f"{label:>{LABEL - 2}}  {pad}", MUTED), (cells, "$chart")))
    span = (points[-1].at - points[0].at).total_seconds()
    ago = f"{duration_text(span)} {'earlier' if ended else 'ago'}" if span else ""
    last = f"{points[-1].at:%H:%M:%S} UTC" if ended else "now"
    start = min(LABEL + len(pad), width - len(ago) - len(last) - 2)
    what = f"{'behind':>{LABEL - 2}}  " if start >= LABEL else ""
    ago = what + " " * (start - len(what)) + ago
    drawn.append(spread([(ago, MUTED)], [(last, MUTED)], width))
    return lines(drawn)


def _cells(value: int, peak: int, full: int) -> int:
    """Any lag above zero shows at least the lowest mark."""
    return 0 if value <= 0 else max(1, round(value / peak * full))


class LagChart(Widget):
    """The chart as a widget; `show` gives it new points."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._points: Sequence[LagPoint] = ()
        self._ended = False

    def show(self, points: Sequence[LagPoint], *, ended: bool = False) -> None:
        """Draw these points from now on; nothing is measured any more where it has `ended`."""
        self._points, self._ended = points, ended
        self.refresh()

    def render(self) -> Content:
        """Draw for the size of this moment."""
        width, height = self.content_size
        return chart(self._points, width, height, self._glyphs, ended=self._ended)
