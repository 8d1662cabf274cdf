"""One line with a few values, of which the arrow keys choose one."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.glyphs import Glyphs
from screens.text import MUTED, Part, line


class Choice(Widget, can_focus=True):
    """Shows every value; the chosen one stands between brackets, so that colour is not needed."""

    DEFAULT_CSS = """
    Choice {
        height: 1;
        width: 1fr;
        text-wrap: nowrap;
        &:focus { background: $block-cursor-blurred-background; }
    }
    """
    HELP = "On a choice: left and right, or h and l, choose another value."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Change", key_display="left/right", show=True),
        Binding("right,l,space", "step(1)", "Change", show=False),
    ]

    index = reactive(0)

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, choice: "Choice", value: str) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

        @property
        def control(self) -> "Choice":
            """The widget that it comes from."""
            return self.choice

    def __init__(
        self,
        label: str,
        values: Sequence[str],
        value: str,
        glyphs: Glyphs,
        *,
        width: int = 14,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self._values = tuple(values)
        self._glyphs = glyphs
        self._width = width
        self.set_reactive(Choice.index, self._values.index(value))

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._values[self.index]

    def action_step(self, by: int) -> None:
        """Choose the next one, or the one before; it does not go round."""
        self.index = min(max(self.index + by, 0), len(self._values) - 1)

    def watch_index(self) -> None:
        """Say it."""
        self.post_message(self.Changed(self, self.value))

    def render(self) -> Content:
        """The label, then the values."""
        mark = self._glyphs.right if self.has_focus else " "
        parts: list[Part] = [(f"{mark} {self._label}".ljust(self._width), MUTED)]
        for place, value in enumerate(self._values):
            if place == self.index:
                style = "bold $text-primary" + (" reverse" if self.has_focus else "")
                parts.append((f"[{value}]", style))
            else:
                parts.append((f" {value} ", MUTED))
            parts.append(" ")
        return line(*parts)
