"""Small pieces of text: cutting to a width, severities, phases, lines of many parts.

Whatever comes from a database goes into a `Content` as plain text; it is never markup.
"""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from textual.content import Content

from lmtui.phases import Phase, Status
from lmtui.state import State
from screens.glyphs import Glyphs

Part = str | Content | tuple[str, str]

MUTED = "$muted"
GOOD = "$text-success"
WARN = "$text-warning"
BAD = "$text-error"
STRONG = "bold"

PHASE_LABELS = {
    Phase.PREPARE: "Prepare",
    Phase.SCHEMA: "Schema",
    Phase.COPY: "Copy",
    Phase.CATCH_UP: "Catch up",
    Phase.REPLICATE: "Replicate",
    Phase.CUT_OVER: "Cut over",
    Phase.VALIDATE: "Validate",
}
_RAIL_PHASE = {
    Phase.PLANNING: Phase.PREPARE,
    Phase.PREFLIGHT: Phase.PREPARE,
    Phase.FINALIZE: Phase.VALIDATE,
    Phase.COMPLETE: Phase.VALIDATE,
    Phase.CLEANED_UP: Phase.VALIDATE,
}

SEVERITIES = ("blocker", "failed", "warning", "info", "ok")
SEVERITY_LABELS = {
    "blocker": "Blockers",
    "failed": "Checks that could not run",
    "warning": "Warnings",
    "info": "Good to know",
    "ok": "In order",
}


def line(*parts: Part) -> Content:
    """One line of literal text and (text, style) pairs."""
    return Content.assemble(*parts)


def lines(rows: Iterable[Content]) -> Content:
    """Rows below each other."""
    return Content("\n").join(rows)


def flat(text: str) -> str:
    """`text` on one line: what servers say may have several."""
    return " ".join(text.splitlines())


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """Cut `text` to one line of `width` cells, with a sign where something is missing."""
    text = flat(text)
    content = Content(text)
    if content.cell_length <= width:
        return text
    return content.truncate(max(width - 1, 0)).plain.rstrip() + glyphs.ellipsis


def padded(text: str, width: int) -> str:
    """`text` with blanks up to `width` cells, for what stands in columns."""
    return text + " " * max(width - Content(text).cell_length, 0)


def spread(left: Sequence[Part], right: Sequence[Part], width: int) -> Content:
    """`left` at the left edge, `right` at the right one."""
    start, end = line(*left), line(*right)
    gap = max(width - start.cell_length - end.cell_length, 1)
    return line(start, " " * gap, end)


def hanging(sign: tuple[str, str], words: str, style: str, width: int) -> list[Content]:
    """`words` wrapped to `width`, every row indented behind the sign."""
    rows = wrap(words, max(width - 2, 10)) or [""]
    signs = [sign, *[(" ", "")] * (len(rows) - 1)]
    return [line(start, " ", (row, style)) for start, row in zip(signs, rows, strict=True)]


def sentences(*parts: str) -> str:
    """Join what is said by several, with the full stops that servers leave out."""
    said = [part.strip() for part in parts if part.strip()]
    return " ".join(part if part[-1] in ".!?:" else f"{part}." for part in said)


def severity_sign(severity: str, glyphs: Glyphs) -> tuple[str, str]:
    """The sign and the style of a severity (of findings, gates, notes and steps)."""
    match severity:
        case "blocker" | "failed":
            return glyphs.failed, BAD
        case "warning":
            return glyphs.warning, WARN
        case "ok" | "done":
            return glyphs.ok, GOOD
        case "running":
            return glyphs.running, "$text-primary"
        case _:
            return glyphs.pending, MUTED


def phase_name(phase: Phase) -> str:
    """The phase in words."""
    return PHASE_LABELS.get(phase, phase.value.replace("_", " ").capitalize())


def phase_rail(state: State, glyphs: Glyphs) -> Content:
    """All phases with their sign: done, now, failed, to come."""
    order = list(PHASE_LABELS)
    finished = state.phase in {Phase.COMPLETE, Phase.CLEANED_UP} and state.proven is not False
    now = _RAIL_PHASE.get(state.phase, state.phase)
    at = len(order) if finished else order.index(now)
    parts: list[Content] = []
    for place, phase in enumerate(order):
        label = PHASE_LABELS[phase]
        if place < at:
            parts.append(line((f"{glyphs.ok} ", GOOD), (label, MUTED)))
        elif place > at:
            parts.append(line((f"{glyphs.pending} {label}", MUTED)))
        elif state.status is Status.FAILED or state.proven is False:
            parts.append(line((f"{glyphs.failed} {label}", f"bold {BAD}")))
        elif state.status is Status.STOPPED:
            parts.append(line((f"{glyphs.warning} {label}", f"bold {WARN}")))
        else:
            parts.append(line((f"{glyphs.running} {label}", "bold $text-primary")))
    return Content("  ").join(parts)


def bar(done: float, width: int, glyphs: Glyphs) -> Content:
    """A bar of `width` cells, `done` (0 to 1) of it full."""
    full = min(width, max(0, round(done * width)))
    return line(
        (glyphs.bar_done * full, "$text-primary"), (glyphs.bar_left * (width - full), MUTED)
    )
