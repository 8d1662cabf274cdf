"""Waiting for the supervisor to answer, or saying why it did not start."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from screens.base import Modal
from screens.text import BAD, MUTED, line, lines


class StartingScreen(Modal[None]):
    """Starts, or resumes, in a thread; goes away by itself when that is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "back", "Back", id="starting.back"),
        Binding("y", "copy", "Copy", id="starting.copy"),
    ]

    class Started(Message):
        """The supervisor answers, or did not start."""

        def __init__(self, error: LmtuiError | None) -> None:
            super().__init__()
            self.error = error

    def __init__(self) -> None:
        super().__init__()
        self._error: LmtuiError | None = None

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Start")
            yield Static(Content("Starting the supervisor..."), id="words")

    def on_mount(self) -> None:
        super().on_mount()
        self._start(*self.lmtui.endpoints())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._error is not None if action in {"back", "copy"} else True

    @work(thread=True, group="start", exit_on_error=False)
    def _start(self, source: Endpoint, target: Endpoint) -> None:
        try:
            self.lmtui.client.start(source, target, self.lmtui.plan)
        except LmtuiError as error:
            self.post_message(self.Started(error))
        else:
            self.post_message(self.Started(None))

    @on(Started)
    def _ended(self, message: Started) -> None:
        words = self.query_one("#words", Static)
        self._error = message.error
        if message.error is not None:
            error = message.error
            rows = [line((f"{self.lmtui.glyphs.failed} {error.title}", f"bold {BAD}"))]
            rows += [line(part) for part in (error.detail, error.hint) if part]
            rows.append(line(("esc goes back, y copies this", MUTED)))
            words.update(lines(rows))
            self.refresh_bindings()
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
