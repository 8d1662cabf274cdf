"""The log of events: the latest of the journal, oldest first."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Log, Static

from lmtui.events import Record
from screens.base import Frame
from screens.events_text import event_text
from screens.glyphs import Glyphs
from screens.text import MUTED, flat, line, severity_sign


def record_line(record: Record, glyphs: Glyphs) -> str:
    """One event as plain text: time (UTC), sign, words."""
    level, words = event_text(record.event)
    sign, _ = severity_sign(level, glyphs)
    return f"{record.at:%Y-%m-%d %H:%M:%S}  {sign} {flat(words)}"


class EventsScreen(Frame[None]):
    """Follows the events as they come."""

    CSS_PATH = "events_log.tcss"
    HELP = "Times are UTC. The supervisor's own log and pgcopydb's are in the work directory."
    AUTO_FOCUS = "#log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l,q", "back", "Back", id="log.back", key_display="esc"),
        Binding("end", "end", "Newest", id="log.end"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen = 0

    def body(self) -> ComposeResult:
        directory = self.lmtui.directory
        where = f"   full logs: {directory}/logs" if directory else ""
        yield Static(
            line(("Events", "bold $text-primary"), ("  UTC", MUTED), (where, MUTED)),
            classes="header",
        )
        yield Log(id="log", max_lines=2000)

    def show(self) -> None:
        super().show()
        new = [record for record in self.state.recent if record.seq > self._seen]
        if new:
            self._seen = new[-1].seq
            glyphs = self.lmtui.glyphs
            self.query_one(Log).write_lines([record_line(record, glyphs) for record in new])

    def action_end(self) -> None:
        """To the newest."""
        self.query_one(Log).scroll_end(animate=False)

    def action_back(self) -> None:
        """Back to the panel."""
        self.dismiss()
