"""Where the data is, and where it shall go."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Input, Static

from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from screens.base import Frame
from screens.server_text import one_database, one_server, seen_text
from screens.steps import StepRail
from screens.text import BAD, GOOD, MUTED, WARN, line, lines
from screens.widgets.uri_input import UriInput

if TYPE_CHECKING:
    from lmtui.look import Seen

PLACEHOLDER = "postgres://user@host:5432/database"
WORDS = {
    "": "Move a live database to TimescaleDB. Nothing changes before you say start.",
    "again": "Nothing was begun yet. What you chose is still there; the passwords are not.",
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
        Binding("f5", "test", "Test", id="connections.test"),
        Binding("f4", "fields", "Fields", id="connections.fields"),
        Binding("f3", "known", "Known", id="connections.known"),
        Binding("escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("tab", "app.focus_next", "Other field", show=True),
        Binding("shift+tab", "app.focus_previous", "Other field", show=False),
    ]

    def __init__(self, *, purpose: str = "", then: Callable[[], Frame[None]] | None = None) -> None:
        super().__init__()
        self._purpose = purpose
        self._then = then
        self._drafts: dict[tuple[str, str], dict[str, str]] = {}

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield StepRail("Connections")
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
        return None if action == "back" and not self._purpose else ""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._keep(str(event.input.id), event.value)

    def _keep(self, side: str, value: str) -> None:
        """Keep what was typed; what is known of another server is no longer so."""
        app = self.lmtui
        before = app.source_text if side == "source" else app.target_text
        if side == "source":
            app.source_text = value
        else:
            app.target_text = value
        if value != before:
            app.findings = None
            app.seen.pop(side, None)
            app.divisions.candidates = None
            self.query_one(StepRail).redraw()
            self.query_one(f"#{side}-words", Static).update(Content(""))

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
        seen = self.lmtui.seen.get(side)
        if seen is not None:
            words.update(seen_text(seen, self.app.size.width - 8, glyphs))
        else:
            words.update(line((f"{glyphs.ok} ", GOOD), (endpoint.label, MUTED)))
        return endpoint

    @property
    def _side(self) -> str:
        """The side whose field has the focus."""
        return "target" if self.query_one("#target", UriInput).has_focus else "source"

    def action_test(self) -> None:
        """Connect to both, and say what is there."""
        for side in ("source", "target"):
            endpoint = self._judge(side)
            if endpoint is not None:
                words = line(("Connecting to ", MUTED), (endpoint.label, MUTED), (" ...", MUTED))
                self.query_one(f"#{side}-words", Static).update(words)
                self.ask(partial(self.lmtui.client.look, endpoint), partial(self._tested, endpoint))

    def _tested(self, endpoint: Endpoint, answer: "Seen | LmtuiError") -> None:
        side = endpoint.side
        if self._endpoint(side) != endpoint:
            # Something else was typed meanwhile.
            return
        if isinstance(answer, LmtuiError):
            rows = [line((f"{self.lmtui.glyphs.failed} {answer.title}", BAD))]
            rows += [line((f"  {part}", MUTED)) for part in (answer.detail, answer.hint) if part]
            self.query_one(f"#{side}-words", Static).update(lines(rows))
            return
        self.lmtui.seen[side] = answer
        self.query_one(StepRail).redraw()
        self._judge(side)
        seen = self.lmtui.seen
        if len(seen) < 2:
            return
        words, glyphs = self.query_one("#target-words", Static), self.lmtui.glyphs
        if one_database(seen["source"], seen["target"]):
            words.update(line((f"{glyphs.failed} This is the source's database", BAD)))
        elif one_server(seen["source"], seen["target"]):
            same = "! The same server as the source's: it carries both loads"
            there = seen_text(seen["target"], self.app.size.width - 8, glyphs)
            words.update(lines([there, line((same, WARN))]))

    def _endpoint(self, side: str) -> Endpoint | None:
        try:
            return Endpoint.parse(side, self.query_one(f"#{side}", UriInput).value)
        except LmtuiError:
            return None

    def action_fields(self) -> None:
        """Give the connection string field by field."""
        from screens.by_fields import ByFieldsScreen

        side = self._side
        endpoint = self._endpoint(side)
        field = self.query_one(f"#{side}", UriInput)
        if endpoint is None and field.value.strip():
            self.lmtui.tell("What is typed cannot be read; clear it to begin by fields.")
            return
        parameters = endpoint.parameters if endpoint is not None else {}
        # What was typed there belongs to this connection string only.
        draft = self._drafts.setdefault((side, field.value), {})
        self.app.push_screen(ByFieldsScreen(side, parameters, draft), partial(self._given, side))

    def action_known(self) -> None:
        """Choose from what this machine knows."""
        from lmtui.known import known
        from screens.knowing import KnowingScreen

        side = self._side
        environment = self.lmtui.environment
        found = known(environment, Path(environment.get("HOME", "/")))
        self.app.push_screen(KnowingScreen(side, found), partial(self._given, side))

    def _given(self, side: str, text: str | None) -> None:
        if text:
            field = self.query_one(f"#{side}", UriInput)
            self._keep(side, text)
            field.value = text
            field.focus()
            self._judge(side)

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
