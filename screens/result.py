"""The end: what is proven, what it cost, what comes next."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual._path import CSSPathType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from lmtui.events import Proof
from lmtui.going_back import lacking, steps
from lmtui.humane import count_noun, count_text, duration_text
from lmtui.phases import Phase
from lmtui.state import State
from screens import standing
from screens.glyphs import Glyphs
from screens.proof import VIEWS, ProofLine, detail, draw_proof, heading, proof_lines
from screens.sifted import FilterField, Sifted
from screens.text import (
    BAD,
    GOOD,
    MUTED,
    STRONG,
    WARN,
    Part,
    fit,
    line,
    lines,
    phase_rail,
)
from screens.widgets.listing import Listing
from screens.widgets.section import Section, Strip


def headline(state: State, glyphs: Glyphs) -> Content:
    """The verdict in one sentence."""
    proof = state.proof
    if state.phase is Phase.CLEANED_UP and state.proven is None:
        return line((f"{glyphs.ok} Given up and cleaned up", f"bold {GOOD}"))
    if state.proven:
        number = len(proof.tables) if proof else 0
        equal = "is" if number == 1 else "are"
        words = f"{glyphs.ok} Proven: {count_noun(number, 'relation')} {equal} equal on both sides"
        return line((words, f"bold {GOOD}"))
    if proof is None:
        return line((f"{glyphs.failed} Not proven: nothing was compared", f"bold {BAD}"))
    differ = sum(not table.equal for table in proof.tables)
    skipped = f"{count_noun(proof.changes_skipped, 'change')} skipped"
    if proof.equal and not proof.changes_after_end and proof.changes_skipped:
        words = f"{glyphs.warning} Equal in all that was compared, not called proven: {skipped}"
        return line((words, f"bold {WARN}"))
    if differ:
        words = f"{count_noun(differ, 'relation')} of {count_text(len(proof.tables))} "
        words += "differs" if differ == 1 else "differ"
    elif proof.sequence_mismatches:
        behind = len(proof.sequence_mismatches)
        words = f"{count_noun(behind, 'sequence')} {'differs' if behind == 1 else 'differ'}"
    elif proof.changes_after_end:
        words = "the source was written to after the end"
    else:
        words = "the drain was not proven"
    return line((f"{glyphs.failed} Not proven: {words}", f"bold {BAD}"))


def facts(state: State, width: int, directory: str, glyphs: Glyphs) -> Content:
    """Downtime, drain, what was not compared, and the way on."""
    rows: list[Content] = []
    cost: list[Part] = [("downtime ", MUTED), (duration_text(state.downtime_seconds), STRONG)]
    if state.drain is not None:
        cost += [("   drained to ", MUTED), state.drain.end_lsn]
    if state.proof is not None:
        cost += [("   compared ", MUTED), f"{state.proof.at:%Y-%m-%d %H:%M:%S} UTC"]
    if state.proven is not None:
        rows.append(line(*cost))
    rows += _proof_rows(state.proof, width, glyphs)
    if state.removed:
        rows.append(_labelled("removed", ", ".join(state.removed), width, glyphs))
    if state.endpoints is not None and state.proven is not None:
        label = "your database is now" if state.proven else "the target is"
        rows.append(_labelled(label, state.endpoints.target, width, glyphs))
    if going_back_lines(state):
        words = "the steps are listed below; lmtui going-back looks again"
        rows.append(_labelled("going back", words, width, glyphs))
    if directory:
        rows.append(_labelled("report", f"{directory}/report.md", width, glyphs))
    if state.phase is Phase.CLEANED_UP:
        rows.append(line((f"{glyphs.ok} ", GOOD), "Nothing of lmtui is left on either side."))
    else:
        next_step: tuple[Part, ...] = (
            "point the application there (y copies it), then ",
            ("x", STRONG),
            " cleans up.",
        )
        if state.proven is False:
            next_step = (
                "look at the report, then ",
                ("lmtui validate", STRONG),
                " compares again.",
            )
        rows.append(line(("next ", MUTED), *next_step))
    return lines(rows)


def going_back_lines(state: State) -> tuple[str, ...]:
    """What going back takes, where the source was kept ready and is not cleaned up."""
    back, ends = state.going_back, state.endpoints
    if back is None or ends is None or state.phase is not Phase.COMPLETE:
        return ()
    return (*steps(back, ends.source, ends.target), *lacking(back))


def _proof_rows(proof: Proof | None, width: int, glyphs: Glyphs) -> list[Content]:
    if proof is None:
        return []
    rows = []
    checked = f"{count_text(proof.sequences_checked)} checked"
    if proof.sequence_mismatches:
        names = ", ".join(proof.sequence_mismatches)
        rows.append(_labelled(f"sequences {checked}, differ:", names, width, glyphs, BAD))
    elif proof.sequences_checked:
        rows.append(line(("sequences ", MUTED), f"{checked}, none behind"))
    if proof.changes_after_end:
        words = count_noun(proof.changes_after_end, "change")
        rows.append(_labelled("written to the source after the end", words, width, glyphs, BAD))
    if proof.changes_skipped:
        words = count_noun(proof.changes_skipped, "change")
        rows.append(_labelled("skipped in the replay", words, width, glyphs, WARN))
    if proof.inventory:
        words = count_noun(len(proof.inventory), "difference")
        rows.append(_labelled("inventory", words, width, glyphs, WARN))
    left_out = ", ".join(proof.not_compared) or "nothing"
    rows.append(
        _labelled("not compared", left_out, width, glyphs, WARN if proof.not_compared else "")
    )
    return rows


def _labelled(label: str, words: str, width: int, glyphs: Glyphs, style: str = "") -> Content:
    return line((f"{label} ", MUTED), (fit(words, width - len(label) - 1, glyphs), style))


class ResultScreen(Sifted):
    """The proof, relation by relation, and the way out."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["sifted.tcss", "result.tcss"]
    NOUN = ("line of the proof", "lines of the proof")
    HELP = (
        "Equal means: the same number of rows and the same checksum over all of them on both "
        "sides. What differs comes first, then what was not compared. The same is kept in the "
        "report. Cleaning up drops the slot and puts back what lmtui changed on both sides."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the target", id="result.copy"),
        Binding("v", "view", "View", id="result.view"),
        Binding("x", "clean", "Clean up", id="panel.clean"),
        Binding("l", "log", "Log", id="panel.log"),
        Binding("d", "put_away", "Dismiss", id="panel.dismiss"),
        Binding("escape", "everything", "Show all", id="result.all", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = 0

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield Strip(
            lambda w, _: standing.header(self.state, app.clock(), w, app.glyphs), id="header"
        )
        yield Strip(lambda _w, _h: phase_rail(self.state, app.glyphs), id="rail")
        yield Static(id="headline", markup=False)
        yield Section("Facts", lambda w, _: facts(self.state, w, app.directory, app.glyphs))
        yield Strip(lambda w, _: heading(w) if self.state.proof else line(""), id="columns")
        yield from self.listing("Nothing was compared.")
        yield Static(id="detail", markup=False, classes="section")

    def show(self) -> None:
        super().show()
        self.query_one("#headline", Static).update(headline(self.state, self.lmtui.glyphs))
        self.set_class(self.state.proof is None, "-no-proof")
        for section in self.query(Section):
            section.redraw()

    def closed(self, action: str) -> str | None:
        app = self.lmtui
        match action:
            case "clean":
                return None if app.state.phase is Phase.CLEANED_UP else ""
            case "view" | "filter":
                return "" if app.state.proof is not None else None
            case "back":
                return None
            case "copy":
                known = app.state.endpoints is not None and app.state.proven is not None
                return "" if known else None
            case "put_away":
                return "" if app.trouble is not None and app.trouble.dismissable else None
        return ""

    def items(self) -> Sequence[ProofLine]:
        proof = self.state.proof
        if proof is None:
            return ()
        return proof_lines(proof, self._view, going_back_lines(self.state))

    def key(self, item: ProofLine) -> object:
        return item.kind, item.words

    def text(self, item: ProofLine) -> str:
        return f"{item.words} {item.kind}"

    def draw(self, item: ProofLine, width: int) -> Content:
        return draw_proof(item, width, self.lmtui.glyphs)

    def status(self) -> str:
        return f": {VIEWS[self._view]}" if self._view else ""

    @on(Listing.Moved)
    def _moved(self) -> None:
        if self.query_one("#detail", Static).display:
            self._describe()

    @on(Listing.Chosen)
    def _open(self) -> None:
        self.set_class(not self.has_class("-detail"), "-detail")
        self._describe()

    def _describe(self) -> None:
        entry = self.query_one("#listing", Listing).current
        if isinstance(entry, ProofLine):
            self.query_one("#detail", Static).update(detail(entry))

    def action_view(self) -> None:
        """Everything, what differs, what was not compared."""
        self._view = (self._view + 1) % len(VIEWS)
        self.sift()

    def action_copy(self) -> None:
        """Copy where the database is now, without secrets."""
        if self.state.endpoints is not None:
            self.lmtui.copy_text(f"postgres://{self.state.endpoints.target}")

    def action_clean(self) -> None:
        """Ask, then put everything back."""
        self.lmtui.clean()

    def action_put_away(self) -> None:
        """Take away a banner that was read."""
        self.lmtui.dismiss_banner()

    def action_log(self) -> None:
        """All events."""
        from screens.events_log import EventsScreen

        self.app.push_screen(EventsScreen())

    def action_everything(self) -> None:
        """Without filter, view and detail."""
        self.query_one("#filter", FilterField).value = ""
        self._view = 0
        self.remove_class("-detail")
        self.sift()
