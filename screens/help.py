"""The keys of the screen below, and what its words mean."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from screens.base import Frame, Modal
from screens.text import MUTED, line, lines


def keys_text(screen: Screen[object]) -> Content:
    """One line per key that works there, closed ones included."""
    rows, said = [], set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.show or binding.description in said:
            continue
        said.add(binding.description)
        key = binding.key_display or binding.key
        why = screen.closed(binding.action) if isinstance(screen, Frame) else ""
        closed = "" if active.enabled else f"   not now: {why}"
        rows.append(
            line((f"{key:<12}", "bold $text-primary"), binding.description, (closed, MUTED))
        )
    rows.append(line((f"{'ctrl+p':<12}", "bold $text-primary"), "All commands"))
    return lines(rows)


class HelpScreen(Modal[None]):
    """Closes with any of the usual keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "back", "Close", id="help.back"),
    ]

    def __init__(self, keys: Content, words: str) -> None:
        super().__init__()
        self._lines = keys
        self._words = words

    @classmethod
    def of(cls, screen: Screen[object]) -> "HelpScreen":
        """The help for `screen`."""
        words = (screen.HELP or "") if isinstance(screen, Frame) else ""
        focused = screen.focused
        if focused is not None and focused.HELP:
            words = f"{words}\n\n{focused.HELP}"
        return cls(keys_text(screen), words)

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content("Help")
            yield Static(self._lines)
            if self._words:
                yield Static(Content(f"\n{self._words}"))
            yield Static(
                line(
                    "\nLeaving with ctrl+q never stops a migration. ",
                    ("esc closes this.", MUTED),
                )
            )

    def action_back(self) -> None:
        """Close it."""
        self.dismiss()
