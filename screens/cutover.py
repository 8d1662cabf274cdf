"""The cutover's gates, its fence, and the name that must be typed."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from lmtui.control import Cutover, Reply
from lmtui.errors import LmtuiError
from screens import gates, standing
from screens.base import Modal
from screens.text import BAD, MUTED, line, lines, sentences
from screens.widgets.choice import Choice
from screens.widgets.field import Field

# Before the dialog is laid out: 76 cells less its frame and its padding.
GATES_WIDTH = 70
FENCES = {
    "none": "Writers are not kept off; what they still write fails the proof.",
    "readonly": "The source becomes read-only, its other sessions are ended.",
    "terminate": "As readonly, and nobody else may connect to it any more.",
}


class CutoverScreen(Modal[None]):
    """Asks for the source database's name before anything is done."""

    CSS_PATH = "cutover.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Cancel", id="cutover.back"),
        Binding("up", "scroll(-1)", "More gates", key_display="up/down", id="cutover.gates"),
        Binding("down", "scroll(1)", "More gates", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asking = False
        self._refused: tuple[str, str] | None = None

    @property
    def database(self) -> str:
        """The name that must be typed."""
        return self.state.endpoints.source_database if self.state.endpoints else ""

    def body(self) -> ComposeResult:
        glyphs = self.lmtui.glyphs
        with Vertical(classes="dialog -grave") as dialog:
            dialog.border_title = Content(f"Cut over {self.database}")
            yield Static(id="verdict", markup=False)
            with VerticalScroll(id="gates", can_focus=False):
                yield Static(id="gates-words", markup=False)
            yield Static(id="forecast", markup=False)
            yield Choice("fence", tuple(FENCES), self.lmtui.plan.fence, glyphs, width=8, id="fence")
            yield Static(id="fence-words", markup=False, classes="note")
            with HorizontalGroup(id="confirm"):
                yield Static(id="ask", markup=False)
                yield Field(id="name", compact=True)
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Cut over"), id="go", compact=True, variant="warning")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#ask", Static).update(
            line("Type ", (self.database, "bold $text-accent"), " to confirm: ")
        )
        self.query_one("#name", Input).focus()

    def show(self) -> None:
        super().show()
        app = self.lmtui
        width = self.query_one("#gates").size.width or GATES_WIDTH
        verdict = gates.verdict_text(app.state, app.alive, app.glyphs)
        grid = gates.grid_text(app.state, width, app.glyphs)
        self.query_one("#verdict", Static).update(lines([verdict, grid]))
        closed = gates.open_text(app.state, width, app.glyphs)
        self.query_one("#gates-words", Static).update(closed)
        self.query_one("#forecast", Static).update(gates.steps_text(app.state))
        fence = self.query_one(Choice).value
        self.query_one("#fence-words", Static).update(Content(f"  {FENCES[fence]}"))
        reason = self._reason()
        self.query_one("#go", Button).disabled = bool(reason)
        words = self.query_one("#refusal", Static)
        if self._refused is not None:
            title, rest = self._refused
            words.update(line((f"{app.glyphs.failed} {title} ", f"bold {BAD}"), rest))
        else:
            words.update(line((reason or "enter begins the cutover.", MUTED)))

    def _reason(self) -> str:
        """Why the button is closed; empty where it is open."""
        if self._asking:
            return "Asking the supervisor..."
        typed, waived = self._typed()
        refusal = standing.cutover_refusal(self.state, self.lmtui.alive, waived)
        if refusal:
            return f"Not possible: {refusal}"
        if not typed:
            return "Nothing happens before the name is typed. tab goes to the fence."
        if typed != self.database:
            return "This is not the name of the source database."
        return ""

    def _typed(self) -> tuple[str, tuple[str, ...]]:
        """The name, and behind the word `waive` the codes of blockers."""
        name, _, codes = self.query_one("#name", Input).value.partition(" waive ")
        return name, tuple(codes.split())

    @on(Input.Changed)
    @on(Choice.Changed)
    def _changed(self) -> None:
        self._refused = None
        self.show()

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if self._reason():
            return
        self._asking, self._refused = True, None
        request = Cutover(
            confirm=self._typed()[0],
            waive=self._typed()[1],
            fence=self.query_one(Choice).value,
            timeout_seconds=self.lmtui.plan.cutover_timeout,
        )
        self.ask(lambda: self.lmtui.client.request(request), self._told)
        self.show()

    def _told(self, answer: Reply | LmtuiError) -> None:
        self._asking = False
        if isinstance(answer, LmtuiError) or not answer.ok:
            self._refused = (answer.title, sentences(answer.detail, answer.hint))
            self.show()
        else:
            self.lmtui.look()
            self.dismiss()

    def action_scroll(self, by: int) -> None:
        """Show more of what stands in the way, wherever the focus is."""
        self.query_one("#gates").scroll_relative(y=by, animate=False)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Close it; nothing was done."""
        self.dismiss()
