"""What the checks say of the tables that are to become hypertables."""

from typing import TYPE_CHECKING

from lmtui.errors import LmtuiError
from lmtui.events import Finding
from screens.findings import FindingsScreen

if TYPE_CHECKING:
    from screens.app import LmtuiApp

TOPIC = "hypertables"


def are_checked(app: "LmtuiApp") -> bool:
    """Whether the last checks were of what is marked now, and found nothing to be said of it."""
    same = app.findings is not None and app.divisions.checked == app.plan.hypertables
    return same and _calm(app.findings or ())


def _calm(findings: tuple[Finding, ...]) -> bool:
    return all(one.severity in ("ok", "info") for one in findings if one.topic == TOPIC)


class PlannedScreen(FindingsScreen):
    """Checks what was marked; where nothing is to be said of it, the review is next at once."""

    STEP = "Hypertables"
    TOPICS = frozenset({TOPIC})
    HELP = (
        "The tables that were marked are checked as they are on the source, and the target for "
        "TimescaleDB. esc goes back to the marks. " + (FindingsScreen.HELP or "")
    )

    def on_mount(self) -> None:
        if self.lmtui.divisions.checked != self.lmtui.plan.hypertables:
            self.lmtui.findings = None
        super().on_mount()

    def _ended(self, answer: tuple[Finding, ...] | LmtuiError) -> None:
        super()._ended(answer)
        if self.is_current and not isinstance(answer, LmtuiError) and _calm(answer):
            self.action_next()

    def action_next(self) -> None:
        """On to the review, from which esc comes back to the marks."""
        from screens.review import ReviewScreen

        self.app.switch_screen(ReviewScreen())
