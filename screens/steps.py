"""The steps before a migration starts, as a rail."""

from textual.content import Content

from screens.glyphs import Glyphs
from screens.text import GOOD, MUTED, line

STEPS = ("Connections", "Alignment", "Identity", "Tuning", "Review")


def step_rail(now: str, glyphs: Glyphs) -> Content:
    """The steps with their sign."""
    at = STEPS.index(now)
    parts = []
    for place, step in enumerate(STEPS):
        if place < at:
            parts.append(line((f"{glyphs.ok} ", GOOD), (step, MUTED)))
        elif place == at:
            parts.append(line((f"{glyphs.running} {step}", "bold $text-primary")))
        else:
            parts.append(line((f"{glyphs.pending} {step}", MUTED)))
    return line(("lmtui", "bold $text-primary"), "   ", Content("   ").join(parts))
