"""Putting everything back: what will be, the name that must be typed, and what was."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from lmtui.errors import LmtuiError
from lmtui.humane import count_noun
from lmtui.ledger import Entry
from lmtui.state import State
from screens import standing
from screens.base import Modal
from screens.glyphs import Glyphs
from screens.text import BAD, MUTED, fit, line, lines, sentences
from screens.widgets.field import Field
from screens.widgets.listing import Listing

# As the ledger calls the fence.
READ_ONLY = "database made read-only"
RELOAD = "SELECT pg_reload_conf()"


def remains(state: State, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Side and words of everything that will be taken away or put back, in that order."""
    said = f"replication slot {state.slot}"
    ours = [("source", f"drop the {said}")] if state.slot else []
    rest = [
        entry
        for entry in entries
        # A reload goes with the settings that it puts in force.
        if not (ours and entry.what == said) and entry.undo.strip(" ;") != RELOAD
    ]
    return [*ours, *((entry.side, f"put back: {entry.what}") for entry in rest)]


def consequences(state: State) -> Content:
    """What cleaning means now."""
    if state.phase in standing.ENDED:
        words = "The migration is complete: the data on the target stay, and are not touched."
    else:
        words = "This gives the migration up: it cannot be resumed. What was copied stays there."
    return lines([line(words), line(("The work directory with its report stays.", MUTED))])


class CleaningScreen(Modal[None]):
    """Asks for the source database's name, then cleans in a thread."""

    CSS_PATH = "cleaning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", id="clean.back")]

    def __init__(self) -> None:
        super().__init__()
        self._busy = "Reading what was changed..."
        self._error: LmtuiError | None = None

    @property
    def database(self) -> str:
        """The name that must be typed."""
        return self.state.endpoints.source_database if self.state.endpoints else ""

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog -grave") as dialog:
            dialog.border_title = Content("Clean up")
            yield Static(consequences(self.state), markup=False, id="consequences")
            yield Static(id="counted", markup=False)
            yield Listing[tuple[str, str]](
                self._draw, lambda row: row, empty="Reading...", id="remains"
            )
            with HorizontalGroup(classes="ask"):
                yield Static(line("Type ", (self.database, "bold $text-accent"), " to confirm: "))
                yield Field(id="name", compact=True)
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Clean up"), id="go", compact=True, variant="warning")

    def _draw(self, row: tuple[str, str], width: int) -> Content:
        glyphs: Glyphs = self.lmtui.glyphs
        side, words = row
        return line((f"{side:<7}", MUTED), fit(words, width - 7, glyphs))

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name", Input).focus()
        self.ask(self.lmtui.client.changes, self._read)

    def _read(self, answer: Sequence[Entry] | LmtuiError) -> None:
        self._busy = ""
        if isinstance(answer, LmtuiError):
            self._error = answer
        else:
            rows = remains(self.state, answer)
            nothing = "Nothing is left to be put back."
            self.query_one("#remains", Listing).show(rows, empty=nothing)
            words = f"{count_noun(len(rows), 'thing')} on both sides:" if rows else ""
            if any(entry.what == READ_ONLY for entry in answer):
                words = f"{words} (the source takes writes again)"
            self.query_one("#counted", Static).update(line((words, MUTED)))
        self.show()

    def show(self) -> None:
        super().show()
        reason = self._reason()
        self.query_one("#go", Button).disabled = bool(reason)
        words = self.query_one("#refusal", Static)
        if self._error is not None:
            rest = sentences(self._error.detail, self._error.hint)
            sign = self.lmtui.glyphs.failed
            words.update(line((f"{sign} {self._error.title}. ", f"bold {BAD}"), rest))
        else:
            words.update(line((reason, MUTED)))

    def _reason(self) -> str:
        """Why the button is closed; empty where it is open."""
        if self._busy:
            return self._busy
        if self.lmtui.alive:
            ending = self.state.phase in standing.ENDED
            return "The supervisor is ending ..." if ending else "Stop the supervisor first."
        typed = self.query_one("#name", Input).value
        if not typed:
            return "Nothing happens before the name is typed."
        return "" if typed == self.database else "This is not the name of the source database."

    @on(Input.Changed)
    def _typed(self) -> None:
        self._error = None
        self.show()

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if self._reason():
            return
        self._busy, self._error = "Cleaning up both sides...", None
        client = self.lmtui.client
        source, target = self.lmtui.endpoints()
        self.ask(lambda: client.clean(source, target), self._cleaned)
        self.show()

    def _cleaned(self, answer: tuple[str, ...] | LmtuiError) -> None:
        self._busy = ""
        if isinstance(answer, LmtuiError):
            self._error = answer
            self.show()
        else:
            self.lmtui.tell("Nothing of lmtui is left on either side.")
            self.dismiss()
            self.lmtui.look()

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Close it; what runs already ends by itself."""
        self.dismiss()
