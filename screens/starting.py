"""Waiting for the supervisor to answer, or saying why it did not start."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from lmtui.errors import LmtuiError
from screens.base import Modal
from screens.text import BAD, MUTED, line, lines


class StartingScreen(Modal[None]):
    """Starts, or resumes, in a thread; goes away by itself when that is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "back", "Back", id="starting.back"),
        Binding("y", "copy", "Copy", id="starting.copy"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._error: LmtuiError | None = None

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Start")
            yield Static(Content("Starting the supervisor..."), id="words")

    def on_mount(self) -> None:
        super().on_mount()
        app = self.lmtui
        source, target = app.endpoints()
        self.ask(lambda: app.client.start(source, target, app.plan), self._ended)

    def closed(self, action: str) -> str | None:
        return None if self._error is None else ""

    def _ended(self, answer: LmtuiError | None) -> None:
        words = self.query_one("#words", Static)
        self._error = error = answer
        if error is not None:
            rows = [line((f"{self.lmtui.glyphs.failed} {error.title}", f"bold {BAD}"))]
            rows += [line(part) for part in (error.detail, error.hint) if part]
            rows.append(line(("esc goes back, y copies this", MUTED)))
            words.update(lines(rows))
            self.show()
        elif self.state.exists:
            self.lmtui.show_base()
        else:
            words.update(Content("Started. Waiting for its first event..."))
        self.lmtui.look()

    def action_copy(self) -> None:
        """Copy what went wrong."""
        self.lmtui.copy_text(str(self._error))

    def action_back(self) -> None:
        """Back to where it was started from."""
        self.dismiss()
