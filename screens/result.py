"""The end: what is proven, what it cost, what comes next."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import DataTable, Static

from lmtui.events import Proof, TableVerdict
from lmtui.humane import count_text, duration_text
from lmtui.phases import Phase
from lmtui.state import State
from screens import standing
from screens.base import Frame
from screens.glyphs import Glyphs
from screens.text import (
    BAD,
    GOOD,
    MUTED,
    STRONG,
    WARN,
    Part,
    count_noun,
    fit,
    line,
    lines,
    phase_rail,
)
from screens.widgets.section import Section, Strip

OTHER_COLUMNS = 46


def headline(state: State, glyphs: Glyphs) -> Content:
    """The verdict in one sentence."""
    proof = state.proof
    if state.phase is Phase.CLEANED_UP and state.proven is None:
        return line((f"{glyphs.ok} Given up and cleaned up", f"bold {GOOD}"))
    if state.proven:
        tables = count_text(len(proof.tables)) if proof else "all"
        words = f"{glyphs.ok} Proven: {tables} relations are equal on both sides"
        return line((words, f"bold {GOOD}"))
    if proof is None:
        return line((f"{glyphs.failed} Not proven: nothing was compared", f"bold {BAD}"))
    differ = sum(not table.equal for table in proof.tables)
    if differ:
        words = f"{count_noun(differ, 'relation')} of {count_text(len(proof.tables))} "
        words += "differs" if differ == 1 else "differ"
    elif proof.sequence_mismatches:
        words = f"{count_noun(len(proof.sequence_mismatches), 'sequence')} differ"
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
    if directory:
        rows.append(_labelled("report", f"{directory}/report.md", width, glyphs))
    if state.phase is not Phase.CLEANED_UP:
        next_step: tuple[Part, ...] = (
            (("lmtui clean", STRONG)),
            " takes the slot and the rest away.",
        )
        if state.proven is False:
            next_step = (
                "look at the report, then ",
                ("lmtui validate", STRONG),
                " compares again.",
            )
        rows.append(line(("next ", MUTED), *next_step))
    return lines(rows)


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
    if proof.inventory:
        names = "; ".join(proof.inventory)
        rows.append(_labelled("inventory differs", names, width, glyphs, WARN))
    left_out = ", ".join(proof.not_compared) or "nothing"
    rows.append(
        _labelled("not compared", left_out, width, glyphs, WARN if proof.not_compared else "")
    )
    return rows


def _labelled(label: str, words: str, width: int, glyphs: Glyphs, style: str = "") -> Content:
    return line((f"{label} ", MUTED), (fit(words, width - len(label) - 1, glyphs), style))


def ordered(proof: Proof) -> list[TableVerdict]:
    """What differs first, then by name."""
    return sorted(proof.tables, key=lambda t: (t.equal, t.schema, t.name))


class ResultScreen(Frame[None]):
    """The proof, table by table."""

    CSS_PATH = "result.tcss"
    HELP = (
        "Equal means: the same number of rows and the same checksum over all of them on both "
        "sides. What was not compared is named. The same is kept in the report."
    )
    AUTO_FOCUS = "#proof"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the target", id="result.copy"),
        Binding("l", "log", "Log", id="panel.log"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: Proof | None = None

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield Strip(
            lambda w, _: standing.header(self.state, app.clock(), w, app.glyphs), id="header"
        )
        yield Strip(lambda _w, _h: phase_rail(self.state, app.glyphs), id="rail")
        yield Static(id="headline", markup=False)
        yield Section("Facts", lambda w, _: facts(self.state, w, app.directory, app.glyphs))
        yield DataTable[Text | Content](id="proof", cursor_type="row", zebra_stripes=False)

    def show(self) -> None:
        super().show()
        self.query_one("#headline", Static).update(headline(self.state, self.lmtui.glyphs))
        for section in self.query(Section):
            section.redraw()
        proof = self.state.proof
        if proof is not self._shown:
            self._shown = proof
            self._fill(proof)

    def _fill(self, proof: Proof | None) -> None:
        table = self.query_one("#proof", DataTable)
        table.clear(columns=True)
        table.set_class(proof is None, "-empty")
        if proof is None:
            return
        glyphs = self.lmtui.glyphs
        room = max(self.app.size.width - OTHER_COLUMNS, 20)
        table.add_column(Text("Relation"), width=room)
        table.add_column(Text("Source rows", justify="right"), width=12)
        table.add_column(Text("Target rows", justify="right"), width=12)
        table.add_column(Text("Equal"), width=11)
        for verdict in ordered(proof):
            name = fit(f"{verdict.schema}.{verdict.name}", room, glyphs)
            equal = f"{glyphs.ok} equal" if verdict.equal else f"{glyphs.failed} differs"
            table.add_row(
                Text(name),
                Text(count_text(verdict.source_rows), justify="right"),
                Text(count_text(verdict.target_rows), justify="right"),
                Content.styled(equal, GOOD if verdict.equal else f"bold {BAD}"),
            )

    def action_copy(self) -> None:
        """Copy where the database is now, without secrets."""
        if self.state.endpoints is not None:
            self.lmtui.copy_text(self.state.endpoints.target)

    def action_log(self) -> None:
        """All events."""
        from screens.events_log import EventsScreen

        self.app.push_screen(EventsScreen())
