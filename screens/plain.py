"""The last resort of terminals that show ASCII only: what is still beyond it is replaced."""

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# What the engine's words have; whatever else is not ASCII comes from a database.
_NEAR = {"…": "~", "—": "-", "\u2013": "-", "→": ">", "·": ".", "✓": "+", "✗": "x"}


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
