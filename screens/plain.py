"""What every line goes through for terminals that show less: ASCII only, or no colour."""

from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.color import Color as TerminalColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

# What the engine's words have; whatever else is not ASCII comes from a database.
_NEAR = {"…": "~", "—": "-", "\u2013": "-", "→": ">", "·": ".", "✓": "+", "✗": "x", "•": "*"}


def plain(text: str) -> str:
    """`text` in ASCII, as many cells wide: a sign of two cells becomes two."""
    if text.isascii():
        return text
    return "".join(
        c if c.isascii() else _NEAR.get(c, "?" * get_character_cell_size(c)) for c in text
    )


class PlainText(LineFilter):
    """Draws every line in ASCII. What is copied is not changed by it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, in ASCII."""
        return [
            segment if segment.text.isascii() else segment._replace(text=plain(segment.text))
            for segment in segments
        ]


class ReverseForColour(LineFilter):
    """Takes colours away, and reverses what stood out by its background: a cursor must be seen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, without colours."""
        return [
            Segment(text, None if style is None else _without_colour(style), control)
            for text, style, control in segments
        ]


_NO_COLOURS = Style.from_color(TerminalColor.default(), TerminalColor.default())


@lru_cache(4096)
def _without_colour(style: Style) -> Style:
    filled = style.bgcolor is not None and not style.bgcolor.is_default
    return style + _NO_COLOURS + Style(reverse=filled or bool(style.reverse))
