"""Choosing a connection that this machine knows already."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from lmtui.known import Known
from screens.base import Modal
from screens.text import MUTED, fit, line, padded
from screens.widgets.listing import Listing
from screens.widgets.uri_input import masked


class KnowingScreen(Modal[str]):
    """Gives the connection string of what was chosen, or nothing."""

    CSS_PATH = "knowing.tcss"
    AUTO_FOCUS = "#known"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", id="known.back")]

    def __init__(self, side: str, known: Sequence[Known]) -> None:
        super().__init__()
        self._side = side
        self._known = known

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Connections known here: the {self._side} is")
            yield Listing[Known](self._draw, lambda one: one, id="known")
            words = "enter takes it, esc goes back. Passwords stay where they are."
            yield Static(line((words, MUTED)))

    def _draw(self, one: Known, width: int) -> Content:
        words = fit(masked(one.text), width - 29, self.lmtui.glyphs)
        return line((padded(fit(one.origin, 27, self.lmtui.glyphs), 29), MUTED), words)

    def on_mount(self) -> None:
        super().on_mount()
        empty = "None: no service file, no password file, nothing in the environment."
        self.query_one("#known", Listing).show(self._known, empty=empty)

    @on(Listing.Chosen)
    def _take(self) -> None:
        one = self.query_one("#known", Listing).current
        self.dismiss(one.text if isinstance(one, Known) else "")

    def action_back(self) -> None:
        """Keep what was typed."""
        self.dismiss("")
