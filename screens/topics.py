"""The three steps of preflight: what must fit together, what names rows, what must be tuned."""

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from lmtui.errors import LmtuiError
from lmtui.events import Finding
from screens.checked import aligned_text
from screens.findings import FindingsScreen
from screens.planned import PlannedScreen
from screens.steps import may_divide
from screens.text import MUTED, line
from screens.widgets.section import Section

if TYPE_CHECKING:
    from lmtui.look import Seen


class AlignmentScreen(FindingsScreen):
    """Versions and extensions side by side, then what is to be said of them."""

    STEP = "Alignment"
    TOPICS = frozenset({"connection", "provider", "versions", "extensions", "target"})
    HELP = (
        "Every extension of the source must be on the target, or be to be had there. TimescaleDB "
        "must have the same version on both sides. " + (FindingsScreen.HELP or "")
    )

    def above(self) -> ComposeResult:
        with VerticalScroll(id="sides", can_focus=False):
            yield Section("Both sides", self._draw, id="aligned")

    def _draw(self, width: int, _height: int) -> Content:
        seen = self.lmtui.seen
        if "source" not in seen or "target" not in seen:
            return line(("Looking at both sides ...", MUTED))
        return aligned_text(seen["source"], seen["target"], width, self.lmtui.glyphs, self.mine())

    def on_mount(self) -> None:
        super().on_mount()
        app = self.lmtui
        for endpoint in app.endpoints():
            if endpoint.side not in app.seen:
                self.ask(partial(app.client.look, endpoint), self._seen)

    def _seen(self, answer: "Seen | LmtuiError") -> None:
        # Where it cannot be looked at, the findings say why.
        if not isinstance(answer, LmtuiError):
            self.lmtui.seen[answer.side] = answer
        self.show()

    def show(self) -> None:
        super().show()
        self.query_one("#aligned", Section).redraw()

    def action_next(self) -> None:
        """On to the replica identities."""
        self.app.push_screen(IdentityScreen())


class IdentityScreen(FindingsScreen):
    """Tables whose updates and deletes cannot name their rows."""

    STEP = "Identity"
    TOPICS = frozenset({"identity"})
    HELP = (
        "Replay must know which row an update or a delete is about: by its primary key, by a "
        "unique index, or by the whole old row (FULL). a lists the tables, each with its ways. "
        + (FindingsScreen.HELP or "")
    )

    def action_next(self) -> None:
        """On to the tuning."""
        self.app.push_screen(TuningScreen())


class TuningScreen(FindingsScreen):
    """Everything else, on both servers and on this host."""

    STEP = "Tuning"

    def mine(self) -> tuple[Finding, ...]:
        """What no other step shows: a blocker must not be lost between them."""
        others = AlignmentScreen.TOPICS | IdentityScreen.TOPICS
        if may_divide(self.lmtui):
            others |= PlannedScreen.TOPICS
        return tuple(f for f in self.lmtui.findings or () if f.topic not in others)

    def action_next(self) -> None:
        """On to the hypertables, where there may be some, else to the review."""
        from screens.hypertables import HypertablesScreen
        from screens.review import ReviewScreen

        self.app.push_screen(HypertablesScreen() if may_divide(self.lmtui) else ReviewScreen())
