"""The change at which replay stands, all of it, and its LSN to be typed before it is skipped."""

from textwrap import wrap
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from lmtui.errors import LmtuiError
from lmtui.refused import Refused
from screens.base import Modal
from screens.glyphs import Glyphs
from screens.text import BAD, MUTED, STRONG, line, lines, sentences
from screens.widgets.field import Field

# Before the dialog is laid out: 76 cells less its frame and its padding.
WIDTH = 70
LABEL = 12


def change_text(refused: Refused, width: int) -> Content:
    """What the change is, and why it cannot be applied, in the server's own words."""
    rows = [line((f"{refused.kind} {refused.relation}", STRONG), (f" at {refused.change}", MUTED))]
    for label, words in (
        ("Row", refused.key),
        ("Refused", refused.why),
        ("New values", refused.values),
        ("Statement", refused.statement),
    ):
        told = [row for part in words.splitlines() for row in wrap(part, max(width - LABEL, 10))]
        for number, row in enumerate(told):
            rows.append(line((("" if number else label).ljust(LABEL), MUTED), row))
    return lines(rows)


def consequences(glyphs: Glyphs) -> Content:
    """What skipping means."""
    return lines(
        [
            line("It is passed over for good, and only it; replay goes on behind it."),
            line("If its cause is gone by then, it is applied and not skipped."),
            line(
                (f"{glyphs.warning} ", BAD),
                "Ledger and report keep it: the migration is not called proven.",
            ),
        ]
    )


class SkipScreen(Modal[bool]):
    """Asks for the LSN of the change; nothing is touched before. True where it is to be skipped."""

    CSS_PATH = "skipping.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="skip.back"),
        Binding("up", "scroll(-1)", "Scroll", show=False),
        Binding("down", "scroll(1)", "Scroll", show=False),
    ]

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self._change = refused
        self._asking = False
        self._refusal = ""

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog -grave") as dialog:
            dialog.border_title = Content("Skip one change")
            with VerticalScroll(id="change", can_focus=False):
                yield Static(id="change-words", markup=False)
            yield Static(consequences(self.lmtui.glyphs), id="means", markup=False)
            with HorizontalGroup(classes="ask"):
                name = (self._change.change, "bold $text-accent")
                yield Static(line("Type ", name, " to skip it: "))
                yield Field(id="name", compact=True)
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Skip"), id="go", compact=True, variant="warning")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name", Input).focus()

    def show(self) -> None:
        super().show()
        # One cell is the scroll bar's, which is there only where the change is long.
        width = (self.query_one("#change").size.width or WIDTH) - 1
        self.query_one("#change-words", Static).update(change_text(self._change, width))
        reason = self._reason()
        self.query_one("#go", Button).disabled = bool(reason)
        words = line((self._refusal, BAD)) if self._refusal else line((reason, MUTED))
        self.query_one("#refusal", Static).update(words)

    def _reason(self) -> str:
        """Why the button is closed; empty where it is open."""
        if self._asking:
            return "Writing it down..."
        typed = self.query_one("#name", Input).value.strip()
        if not typed:
            return "Nothing happens before the LSN is typed."
        return "" if typed == self._change.change else "This is not the LSN of the change."

    def action_scroll(self, by: int) -> None:
        """Show more of the change."""
        self.query_one("#change").scroll_relative(y=by, animate=False)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._refusal = ""
        self.show()

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if self._reason():
            return
        self._asking = True
        typed = self.query_one("#name", Input).value.strip()
        self.ask(lambda: self.lmtui.client.skip(typed), self._allowed)
        self.show()

    def _allowed(self, answer: Refused | LmtuiError) -> None:
        self._asking = False
        if isinstance(answer, LmtuiError):
            self._refusal = sentences(answer.title, answer.detail, answer.hint)
            self.show()
        else:
            self.dismiss(True)

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Close it; nothing was done."""
        self.dismiss(False)
