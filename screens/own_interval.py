"""A field for an interval of one's own; what is wrong with it is said while it is typed."""

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import HorizontalGroup, VerticalGroup
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static

from lmtui.hypertables.wanted import Candidate, Wanted
from screens.divisions import read_interval
from screens.glyphs import Glyphs
from screens.text import BAD, MUTED, line
from screens.widgets.field import Field


class OwnInterval(VerticalGroup):
    """Hidden until `open`; enter takes what was typed, escape leaves all as it was."""

    DEFAULT_CSS = """
    OwnInterval {
        padding: 0 1;
        display: none;

        &.-open { display: block; }
        #own-label { width: auto; }
        #own { width: 1fr; background: $panel; }
        #own-words { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    class Left(Message):
        """The field was left; `wanted` is what was taken, None where nothing was."""

        def __init__(self, wanted: Wanted | None) -> None:
            super().__init__()
            self.wanted = wanted

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._item: Candidate | None = None
        self._wanted: Wanted | None = None

    def compose(self) -> ComposeResult:
        with HorizontalGroup():
            yield Static(line(("Chunks of ", MUTED)), id="own-label")
            yield Field(id="own", compact=True)
        yield Static(id="own-words", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether it is typed in."""
        return self._item is not None

    def open(self, item: Candidate, wanted: Wanted) -> None:
        """Ask for the chunks of this table."""
        self._item, self._wanted = item, wanted
        self.set_class(True, "-open")
        field = self.query_one("#own", Input)
        field.value = wanted.interval
        field.cursor_position = len(field.value)
        field.focus()
        self._judge()

    def _read(self) -> tuple[str, str]:
        """The interval as PostgreSQL reads it, and what is wrong with it; one is empty."""
        item, wanted = self._item, self._wanted
        if item is None or wanted is None:
            return "", ""
        whole = wanted.column in item.integers
        type_ = item.types.get(wanted.column, "")
        return read_interval(self.query_one("#own", Input).value, type_=type_, whole=whole)

    @on(Input.Changed, "#own")
    def _judge(self) -> None:
        interval, wrong = self._read()
        words = line((f"{self._glyphs.failed} {wrong}", BAD))
        if not wrong:
            words = line((f"enter takes {interval}, esc leaves it as it was", MUTED))
        self.query_one("#own-words", Static).update(words)

    @on(Input.Submitted, "#own")
    def _take(self) -> None:
        interval, wrong = self._read()
        if self._wanted is not None and not wrong:
            self._leave(replace(self._wanted, interval=interval))

    def on_key(self, event: Key) -> None:
        """Escape gives it up."""
        if event.key == "escape":
            event.stop()
            self._leave(None)

    def _leave(self, wanted: Wanted | None) -> None:
        self._item = self._wanted = None
        self.set_class(False, "-open")
        self.post_message(self.Left(wanted))
