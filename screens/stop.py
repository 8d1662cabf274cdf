"""Stopping a migration: asked for by typing, because the slot goes on to cost the source."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from lmtui.control import Reply, Stop
from lmtui.errors import LmtuiError
from lmtui.phases import Phase
from lmtui.state import State
from screens.base import Modal
from screens.text import BAD, MUTED, line, lines, sentences
from screens.widgets.field import Field

WORD = "stop"


def consequences(state: State) -> Content:
    """What stopping costs."""
    rows = [
        line("The supervisor ends in order; r, or lmtui resume, goes on later."),
        line("Until then the slot keeps WAL on the source: watch its disk."),
    ]
    if state.phase in {Phase.PREPARE, Phase.SCHEMA, Phase.COPY}:
        rows.append(line("The snapshot is given up. What is copied by then stays; the rest is"))
        rows.append(line("copied by another one."))
    rows += [line(""), line(("To only leave this screen, use ctrl+q instead.", MUTED))]
    return lines(rows)


class StopScreen(Modal[None]):
    """Asks for the word before the supervisor is asked to stop."""

    CSS_PATH = "stop.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", id="stop.back")]

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog -grave") as dialog:
            dialog.border_title = Content("Stop the migration")
            yield Static(consequences(self.state), markup=False)
            with HorizontalGroup(classes="ask"):
                yield Static(line("Type ", (WORD, "bold $text-accent"), " to confirm: "))
                yield Field(id="word", compact=True)
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Stop"), id="go", compact=True, disabled=True)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#go", Button).disabled = event.value.strip() != WORD

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if self.query_one(Input).value.strip() == WORD:
            self.ask(lambda: self.lmtui.client.request(Stop()), self._told)

    def _told(self, answer: Reply | LmtuiError) -> None:
        if isinstance(answer, LmtuiError) or not answer.ok:
            rest = sentences(answer.title, answer.detail, answer.hint)
            self.query_one("#refusal", Static).update(line((rest, BAD)))
        else:
            self.lmtui.look()
            self.dismiss()

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Close it; nothing was done."""
        self.dismiss()
