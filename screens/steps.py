"""The steps before a migration starts, as a rail."""

from typing import TYPE_CHECKING, cast

from textual.content import Content

from screens.glyphs import Glyphs
from screens.text import GOOD, MUTED, line
from screens.widgets.section import Strip

if TYPE_CHECKING:
    from screens.app import LmtuiApp

STEPS = ("Connections", "Alignment", "Identity", "Tuning", "Hypertables", "Review")
TIMESCALEDB = "timescaledb"


def may_divide(app: "LmtuiApp") -> bool:
    """Whether plain tables can become hypertables: the source has none, the target can.

    Where the command line asks for some, the step is there to look at them.
    """
    source, target = app.seen.get("source"), app.seen.get("target")
    plain = source is not None and not source.timescaledb
    there = target is not None and bool(target.timescaledb or TIMESCALEDB in target.available)
    return (plain and there) or bool(app.plan.hypertables)


def step_rail(now: str, glyphs: Glyphs, width: int, *, divides: bool) -> Content:
    """The steps with their sign, and the program's name where there is room for it."""
    steps = [step for step in STEPS if divides or step != "Hypertables"]
    at = steps.index(now)
    parts = []
    for place, step in enumerate(steps):
        if place < at:
            parts.append(line((f"{glyphs.ok} ", GOOD), (step, MUTED)))
        elif place == at:
            parts.append(line((f"{glyphs.running} {step}", "bold $text-primary")))
        else:
            parts.append(line((f"{glyphs.pending} {step}", MUTED)))
    rail = Content("   ").join(parts)
    named = line(("lmtui", "bold $text-primary"), "   ", rail)
    return named if named.cell_length <= width else rail


class StepRail(Strip):
    """The rail of a screen; whether there is a step for hypertables is seen on the way."""

    def __init__(self, now: str) -> None:
        super().__init__(self._rail, id="rail")
        self.add_class("header")
        self._now = now

    def _rail(self, width: int, _height: int) -> Content:
        app = cast("LmtuiApp", self.app)
        divides = self._now == "Hypertables" or may_divide(app)
        return step_rail(self._now, app.glyphs, width, divides=divides)
