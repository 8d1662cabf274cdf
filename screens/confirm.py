"""Asking once more, where it can be undone: what will run, and two buttons."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.base import Modal


class ConfirmScreen(Modal[bool]):
    """The focus is on going back, so that enter alone does nothing."""

    CSS_PATH = "confirm.tcss"
    AUTO_FOCUS = "#back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="confirm.back"),
        Binding("f8", "go", "Go on", show=False),
        Binding("left,right", "app.focus_next", "Other button", show=False),
        Binding("up", "scroll(-1)", "Scroll", show=False),
        Binding("down", "scroll(1)", "Scroll", show=False),
    ]

    def __init__(self, title: str, words: Content, verb: str) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._verb = verb

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            with VerticalScroll(id="shown", can_focus=False):
                yield Static(self._words)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(
                    Content(f"{self._verb} (f8)"), id="go", compact=True, variant="primary"
                )

    def action_scroll(self, by: int) -> None:
        """Show more of what will run."""
        self.query_one("#shown").scroll_relative(y=by, animate=False)

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Do it."""
        self.dismiss(True)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Do nothing."""
        self.dismiss(False)
