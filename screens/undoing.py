"""Putting back what remedies changed, before a migration was begun."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from lmtui.errors import LmtuiError
from lmtui.humane import count_noun
from lmtui.ledger import Entry
from screens.base import Modal
from screens.text import BAD, MUTED, fit, line, lines, sentences
from screens.widgets.listing import Listing


class UndoingScreen(Modal[None]):
    """Shows every change with the statement that puts it back."""

    CSS_PATH = "undoing.tcss"
    AUTO_FOCUS = "#back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="undo.back"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry] = ()
        self._busy = True

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Put back what was changed")
            yield Static(id="counted", markup=False)
            yield Listing[Entry](
                self._draw, lambda entry: entry.id, empty="Reading ...", id="entries"
            )
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Put all back"), id="go", compact=True, variant="primary")

    def _draw(self, entry: Entry, width: int) -> Content:
        words = entry.undo or entry.what
        return line((f"{entry.side:<7}", MUTED), fit(words, width - 7, self.lmtui.glyphs))

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#go", Button).disabled = True
        self.ask(self.lmtui.client.changes, self._read)

    def _read(self, answer: Sequence[Entry] | LmtuiError) -> None:
        self._busy = False
        if isinstance(answer, LmtuiError):
            self._refuse(answer)
            return
        self._entries = answer
        words = "Nothing is left to be put back."
        self.query_one("#entries", Listing).show(answer, empty=words)
        self.query_one("#go", Button).disabled = not answer
        if answer:
            words = f"{count_noun(len(answer), 'change')}, the latest first:"
        self.query_one("#counted", Static).update(line((words, MUTED)))

    def _refuse(self, error: LmtuiError) -> None:
        sign = self.lmtui.glyphs.failed
        rows = [line((f"{sign} {error.title}", f"bold {BAD}"))]
        rest = sentences(error.detail, error.hint)
        self.query_one("#refusal", Static).update(lines([*rows, line(rest)] if rest else rows))

    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if self._busy:
            return
        self._busy = True
        client = self.lmtui.client
        source, target = self.lmtui.endpoints()
        self.query_one("#counted", Static).update(line(("Putting back ...", MUTED)))
        self.ask(lambda: client.unmend(source, target), self._done)

    def _done(self, answer: tuple[str, ...] | LmtuiError) -> None:
        self._busy = False
        self.lmtui.findings = None
        if isinstance(answer, LmtuiError):
            self._refuse(answer)
            return
        self.lmtui.mended = False
        self.lmtui.restarting = frozenset()
        self.lmtui.tell(f"{count_noun(len(answer), 'change')} put back")
        self.dismiss()

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Close it."""
        self.dismiss()
