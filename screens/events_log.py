"""The log: the whole journal, oldest first, by level and by words."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from lmtui.events import Record
from screens.events_text import event_text
from screens.glyphs import Glyphs
from screens.sifted import Sifted
from screens.text import MUTED, fit, flat, line, severity_sign
from screens.widgets.listing import Listing

LEVELS = ("everything", "warnings and failures", "failures")
_WEIGHT = {"warning": 1, "failed": 2, "blocker": 2}
STAMP = "%Y-%m-%d %H:%M:%S"


class LogLine(NamedTuple):
    """One event in words."""

    record: Record
    level: str
    words: str


def log_line(record: Record) -> LogLine:
    """The event as the log shows it."""
    level, words = event_text(record.event)
    return LogLine(record, level, flat(words))


def record_line(entry: LogLine, glyphs: Glyphs) -> str:
    """One event as plain text: time (UTC), sign, words."""
    sign, _ = severity_sign(entry.level, glyphs)
    return f"{entry.record.at:{STAMP}}  {sign} {entry.words}"


class EventsScreen(Sifted):
    """Follows the events as they come, as long as the cursor stands on the newest."""

    HELP = (
        "Times are UTC. The cursor on the last line follows what comes; elsewhere it stays. The "
        "supervisor's own log, pgcopydb's and the wizard's are files in the work directory."
    )
    NOUN = ("event", "events")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "level(0)", "All", id="log.all"),
        Binding("2", "level(1)", "Warnings", id="log.warnings"),
        Binding("3", "level(2)", "Failures", id="log.failures"),
        Binding("y", "copy", "Copy line", id="log.copy"),
        Binding("l", "back", "Back", id="log.back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[LogLine] = []
        self._seen = 0
        self._level = 0

    def body(self) -> ComposeResult:
        directory = self.lmtui.directory
        where = f"   files: {directory}/logs" if directory else ""
        yield Static(
            line(("Log", "bold $text-primary"), ("  UTC", MUTED), (where, MUTED)),
            classes="header",
        )
        yield from self.listing()
        yield Static(id="detail", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#listing", Listing).action_last()

    def show(self) -> None:
        new = [r for r in self.lmtui.client.records() if r.seq > self._seen]
        if new:
            self._seen = new[-1].seq
            self._lines += [log_line(record) for record in new]
        super().show()

    def sift(self, *, follow: bool = True) -> None:
        super().sift(follow=follow)

    def items(self) -> Sequence[LogLine]:
        if self._level == 0:
            return self._lines[:]
        return [entry for entry in self._lines if _WEIGHT.get(entry.level, 0) >= self._level]

    def key(self, item: LogLine) -> object:
        return item.record.seq

    def text(self, item: LogLine) -> str:
        return f"{item.record.at:{STAMP}} {item.words}"

    def draw(self, item: LogLine, width: int) -> Content:
        sign, style = severity_sign(item.level, self.lmtui.glyphs)
        words = fit(item.words, width - 24, self.lmtui.glyphs)
        return line((f"{item.record.at:{STAMP}}  ", MUTED), (f"{sign} ", style), words)

    def nothing(self) -> str:
        return f"No {LEVELS[self._level]} so far." if self._level else "No event yet."

    def status(self) -> str:
        return f": {LEVELS[self._level]}" if self._level else ""

    @on(Listing.Moved)
    def _moved(self) -> None:
        """What does not fit on its line is said below."""
        entry = self.query_one("#listing", Listing).current
        detail = self.query_one("#detail", Static)
        room = self.app.size.width - 26
        whole = isinstance(entry, LogLine) and Content(entry.words).cell_length > room
        detail.display = whole
        if whole and isinstance(entry, LogLine):
            detail.update(Content(entry.words))

    def action_level(self, level: int) -> None:
        """Show this level and what is graver."""
        self._level = level
        self.sift()

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        entry = self.query_one("#listing", Listing).current
        if isinstance(entry, LogLine):
            self.lmtui.copy_text(record_line(entry, self.lmtui.glyphs))
