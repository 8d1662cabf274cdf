"""The proof as lines: what differs first, then what was not compared, then what is equal. Pure."""

from typing import NamedTuple

from textual.content import Content

from lmtui.events import Proof, TableVerdict
from lmtui.humane import count_text, duration_text
from screens.glyphs import Glyphs
from screens.text import BAD, GOOD, MUTED, STRONG, WARN, Part, fit, flat, line, lines, spread

VIEWS = ("everything", "what differs", "what was not compared")
_ORDER = ("differs", "sequence", "inventory", "not compared", "going back", "equal")
_VIEWED = (_ORDER, ("differs", "sequence", "inventory"), ("not compared",))


class ProofLine(NamedTuple):
    """One relation, or one difference in words. `kind` is one of the order's."""

    kind: str
    words: str
    verdict: TableVerdict | None = None


def proof_lines(proof: Proof, view: int = 0, going_back: tuple[str, ...] = ()) -> list[ProofLine]:
    """All lines of a view, in order."""
    found = [
        ProofLine("equal" if t.equal else "differs", f"{t.schema}.{t.name}", t)
        for t in sorted(proof.tables, key=lambda t: (t.schema, t.name))
    ]
    found += [ProofLine("sequence", words) for words in proof.sequence_mismatches]
    found += [ProofLine("inventory", words) for words in proof.inventory]
    found += [ProofLine("not compared", words) for words in proof.not_compared]
    found += [ProofLine("going back", words) for words in going_back]
    chosen = [entry for entry in found if entry.kind in _VIEWED[view]]
    return sorted(chosen, key=lambda entry: _ORDER.index(entry.kind))


def draw_proof(entry: ProofLine, width: int, glyphs: Glyphs) -> Content:
    """One line: sign, name, rows on both sides, verdict."""
    sign, style = {
        "equal": (glyphs.ok, GOOD),
        "not compared": (glyphs.warning, WARN),
        "inventory": (glyphs.warning, WARN),
        "going back": (glyphs.dot, MUTED),
    }.get(entry.kind, (glyphs.failed, BAD))
    verdict = entry.verdict
    right: list[Part] = [(f"{entry.kind:>14}", style)]
    if verdict is not None:
        rows = f"{count_text(verdict.source_rows):>15}{count_text(verdict.target_rows):>15}"
        right = [rows, (f"{entry.kind:>14}", style)]
    room = width - line(*right).cell_length - 3
    return spread([(f"{sign} ", style), fit(entry.words, room, glyphs)], right, width)


def heading(width: int) -> Content:
    """The names of the columns, above the figures."""
    return spread(["  Relation"], [f"{'source rows':>15}{'target rows':>15}{'':>14}"], width)


def detail(entry: ProofLine) -> Content:
    """Everything about one line."""
    verdict = entry.verdict
    if verdict is None:
        return line((f"{entry.kind.capitalize()}: ", MUTED), flat(entry.words))
    words = f"{verdict.kind}, compared in {duration_text(verdict.seconds)}"
    rows = [line((entry.words, STRONG), (f"  {words}", MUTED))]
    for side, count, checksum in (
        ("source", verdict.source_rows, verdict.source_checksum),
        ("target", verdict.target_rows, verdict.target_checksum),
    ):
        rows.append(
            line(
                (f"{side}  ", MUTED), f"{count_text(count)} rows", ("  checksum ", MUTED), checksum
            )
        )
    if verdict.note:
        rows.append(line(flat(verdict.note)))
    return lines(rows)
