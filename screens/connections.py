"""Where the data is, and where it shall go."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Input, Static

from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from screens.base import Frame
from screens.steps import step_rail
from screens.text import BAD, GOOD, MUTED, line, lines
from screens.widgets.uri_input import UriInput

PLACEHOLDER = "postgres://user@host:5432/database"
WORDS = {
    "": "Move a live database to TimescaleDB. Nothing changes before you say start.",
    "resume": "This migration was stopped. Its passwords are not kept: give both sides once more.",
    "clean": "To put everything back, both sides are needed. Passwords are not kept.",
}


class ConnectionsScreen(Frame[None]):
    """Two connection strings. With a `purpose`, they are only asked for to open `then`."""

    CSS_PATH = "connections.tcss"
    HELP = (
        "Give a URI or a keyword/value string, as for psql. A password may stand in it, or be "
        "left to ~/.pgpass, PGPASSFILE or a service file. It is handed to the supervisor in its "
        "environment and never written to disk."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "next", "Next", id="wizard.next", key_display="enter/f8"),
        Binding("escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("tab", "app.focus_next", "Other field", show=True),
        Binding("shift+tab", "app.focus_previous", "Other field", show=False),
    ]

    def __init__(self, *, purpose: str = "", then: Callable[[], Frame[None]] | None = None) -> None:
        super().__init__()
        self._purpose = purpose
        self._then = then

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield Static(step_rail("Connections", app.glyphs), classes="header")
        words = WORDS[self._purpose]
        with VerticalGroup(id="fields"):
            yield Static(Content(words), id="intro")
            yield from self._field("source", "Source", "the database to move", app.source_text)
            yield from self._field("target", "Target", "an empty database", app.target_text)
            yield Static(
                Content("Passwords are never shown, logged or written to disk."), classes="note"
            )

    def _field(self, side: str, label: str, words: str, value: str) -> ComposeResult:
        with VerticalGroup(classes="field framed") as group:
            group.border_title = Content(label)
            group.border_subtitle = Content(words)
            yield UriInput(value, placeholder=PLACEHOLDER, id=side)
            yield Static(id=f"{side}-words", classes="words", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        # The first paint does not wait for what reads connection strings.
        self.call_after_refresh(self._judge_both)
        empty = not self.lmtui.source_text
        self.query_one("#source" if empty else "#target", UriInput).focus()

    def _judge_both(self) -> None:
        for side in ("source", "target"):
            if self.query_one(f"#{side}", UriInput).value:
                self._judge(side)

    def closed(self, action: str) -> str | None:
        return None if action == "back" and self._then is None else ""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.id == "source":
            changed = self.lmtui.source_text != event.value
            self.lmtui.source_text = event.value
        else:
            changed = self.lmtui.target_text != event.value
            self.lmtui.target_text = event.value
        if changed:
            self.lmtui.findings = None
            self.query_one(f"#{event.input.id}-words", Static).update(Content(""))

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        if event.value:
            self._judge(str(event.input.id))

    @on(Input.Submitted, "#source")
    def _source_entered(self) -> None:
        if self._judge("source") is not None:
            self.query_one("#target", UriInput).focus()

    @on(Input.Submitted, "#target")
    def _target_entered(self) -> None:
        self.action_next()

    def _judge(self, side: str) -> Endpoint | None:
        """Say at the field what is wrong with it, or what it was read as."""
        words = self.query_one(f"#{side}-words", Static)
        glyphs = self.lmtui.glyphs
        text = self.query_one(f"#{side}", UriInput).value
        if not text.strip():
            words.update(line((f"{glyphs.failed} Type where the {side} is", BAD)))
            return None
        try:
            endpoint = Endpoint.parse(side, text)
            other = self.lmtui.source_text
            if side == "target" and other and endpoint.label == _label("source", other):
                raise LmtuiError("The target is the source", hint="They must be two databases.")
        except LmtuiError as error:
            rows = [line((f"{glyphs.failed} {error.title}", BAD))]
            rows += [line((f"  {part}", MUTED)) for part in (error.detail, error.hint) if part]
            words.update(lines(rows))
            return None
        words.update(line((f"{glyphs.ok} ", GOOD), (endpoint.label, MUTED)))
        return endpoint

    def action_next(self) -> None:
        """Go on where both can be read, else to the first field that cannot."""
        judged = [(side, self._judge(side)) for side in ("source", "target")]
        for side, endpoint in judged:
            if endpoint is None:
                self.query_one(f"#{side}", UriInput).focus()
                return
        if self._then is not None:
            self.app.switch_screen(self._then())
        else:
            from screens.topics import AlignmentScreen

            self.app.push_screen(AlignmentScreen())

    def action_back(self) -> None:
        """Back to the panel."""
        self.dismiss()


def _label(side: str, text: str) -> str:
    try:
        return Endpoint.parse(side, text).label
    except LmtuiError:
        return ""
