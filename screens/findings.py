"""What preflight found, step by step: blockers first, each with what to do about it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lmtui.errors import LmtuiError
from lmtui.events import Finding
from lmtui.humane import count_noun
from lmtui.ledger import Entry
from screens.base import WIDE, Frame
from screens.checked import by_severity, detail_text, refusal
from screens.steps import StepRail
from screens.text import BAD, GOOD, MUTED, SEVERITY_LABELS, STRONG, fit, line, lines, severity_sign

# While a server is being restarted, it is looked at again by itself.
RESTART_SECONDS = 5.0
FIX = " (a fixes)"


class FindingsScreen(Frame[None]):
    """Shows the findings of its topics, and opens the way on when no blocker of them stands.

    The checks run once, on whichever step finds none; `r` runs them again.
    """

    CSS_PATH = "findings.tcss"
    STEP: ClassVar[str] = ""
    TOPICS: ClassVar[frozenset[str]] = frozenset()
    HELP = (
        "The checks read both servers in read-only sessions. A blocker closes the way on; a "
        "warning does not. a shows the exact SQL of what lmtui can change, and applies it when "
        "you say so; every change is written down first, and u puts it back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,f8", "next", "Next", id="wizard.next", key_display="n/f8"),
        Binding("p,f7,escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("r,f5", "check", "Recheck", id="findings.check", key_display="r"),
        Binding("a", "apply", "Fix", id="findings.apply"),
        Binding("A", "apply_all", "Fix all", id="findings.apply-all", key_display="A"),
        Binding("u", "undo", "Undo", id="findings.undo"),
        Binding("y", "copy", "Copy", id="findings.copy"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._error: LmtuiError | None = None
        self._checking = False
        self._shown: tuple[Finding, ...] | None = None

    def body(self) -> ComposeResult:
        yield StepRail(self.STEP)
        yield Static(id="summary", markup=False)
        yield from self.above()
        with Container(id="both"):
            yield OptionList(id="list", markup=False, compact=True)
            with VerticalScroll(id="detail", classes="section", can_focus=False):
                yield Static(id="words", markup=False)

    def above(self) -> ComposeResult:
        """What a step shows over its findings."""
        yield from ()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(RESTART_SECONDS, self._look_for_restart)
        self.ask(self.lmtui.client.changes, self._changed)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        # When it is first shown; later, something may have been mended on another screen.
        if not self._checking and self.lmtui.findings is None and self._error is None:
            self.action_check()
        elif self.lmtui.findings is not self._shown:
            self._fill()

    def show(self) -> None:
        super().show()
        self.query_one(StepRail).redraw()

    def mine(self) -> tuple[Finding, ...]:
        """The findings of this step."""
        found = self.lmtui.findings or ()
        return tuple(f for f in found if f.topic in self.TOPICS)

    def closed(self, action: str) -> str | None:
        checking = "the checks are running" if self._checking else ""
        selected = self._selected()
        match action:
            case "next":
                found = None if self.lmtui.findings is None else self.mine()
                return checking or refusal(found)
            case "check":
                return checking
            case "copy":
                there = selected is not None and selected.remedy
                return "" if there else "nothing is to be done"
            case "apply":
                if checking:
                    return checking
                if selected is not None and selected.fixes:
                    return ""
                return "lmtui cannot change this by itself" if selected else None
            case "apply_all":
                return "" if any(f.fixes for f in self.mine()) else None
            case "undo":
                return "" if self.lmtui.mended else None
        return ""

    def _changed(self, answer: Sequence[Entry] | LmtuiError) -> None:
        self.lmtui.mended = not isinstance(answer, LmtuiError) and bool(answer)
        self.show()

    def action_check(self) -> None:
        """Run the checks, again where they ran before."""
        app = self.lmtui
        try:
            source, target = app.endpoints()
        except LmtuiError as error:
            self._ended(error)
            return
        self._checking, self._error = True, None
        app.findings, app.divisions.checked = None, app.plan.hypertables
        self._say(line(("Checking both servers, read-only", STRONG), (" ...", MUTED)))
        self.ask(lambda: app.client.check(source, target, app.plan), self._ended)
        self.show()

    def _ended(self, answer: tuple[Finding, ...] | LmtuiError) -> None:
        self._checking = False
        self._error = answer if isinstance(answer, LmtuiError) else None
        self.lmtui.findings = None if isinstance(answer, LmtuiError) else answer
        if not isinstance(answer, LmtuiError):
            # What was changed and is not yet in force is waited for.
            self.lmtui.restarting &= {f.id for f in answer if f.severity not in ("ok", "info")}
        self._fill()

    def _look_for_restart(self) -> None:
        if self.lmtui.restarting and self.is_current and not self._checking:
            self.action_check()

    def _fill(self) -> None:
        glyphs = self.lmtui.glyphs
        self._shown = self.lmtui.findings
        findings = self.mine()
        options = self.query_one("#list", OptionList)
        stood = options.highlighted_option
        options.clear_options()
        for severity, group in by_severity(findings):
            label = SEVERITY_LABELS.get(severity, severity)
            options.add_option(Option(line((f"{label} ({len(group)})", MUTED)), disabled=True))
            sign, style = severity_sign(severity, glyphs)
            for finding in group:
                fix = FIX if finding.fixes else ""
                title = fit(finding.title, self._list_width() - 6 - len(fix), glyphs)
                words = line((f" {sign} ", style), title, fix)
                options.add_option(Option(words, id=finding.id))
        self._summarise(findings)
        if findings:
            ids = {finding.id for finding in findings}
            again = stood is not None and stood.id in ids
            place = options.get_option_index(stood.id) if again and stood and stood.id else 1
            options.highlighted = place
            options.focus()
        self._describe()

    def _list_width(self) -> int:
        """Cells of a line of the list, known before it is laid out."""
        whole = self.app.size.width
        return (whole // 2 if whole >= WIDE else whole) - 2

    def _summarise(self, findings: Sequence[Finding]) -> None:
        glyphs = self.lmtui.glyphs
        if self._error is not None:
            self._say(line((f"{glyphs.failed} {self._error.title}", f"bold {BAD}")))
        elif self.lmtui.restarting:
            words = "Waiting for the restart of the server; it is looked at again by itself."
            self._say(line((f"{glyphs.warning} {words}", "bold $text-warning")))
        elif reason := refusal(findings):
            self._say(line((f"{glyphs.failed} Not ready: {reason}.", f"bold {BAD}")))
        else:
            warnings = sum(finding.severity == "warning" for finding in findings)
            more = f" {count_noun(warnings, 'warning')} to read." if warnings else ""
            self._say(line((f"{glyphs.ok} Nothing stands in the way.", f"bold {GOOD}"), more))

    def _say(self, words: Content) -> None:
        self.query_one("#summary", Static).update(words)

    def _selected(self) -> Finding | None:
        option = self.query_one("#list", OptionList).highlighted_option
        if option is None or option.id is None:
            return None
        return next((f for f in self.mine() if f.id == option.id), None)

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._describe()

    def _describe(self) -> None:
        words = self.query_one("#words", Static)
        finding = self._selected()
        self.set_class(finding is None, "-nothing")
        self.set_class(self._error is not None, "-error")
        if finding is not None:
            words.update(detail_text(finding, self.lmtui.glyphs))
        elif self._error is not None:
            parts = (self._error.detail, self._error.hint, "Press r to try again, esc to go back.")
            words.update(lines(line(part) for part in parts if part))
        self.query_one("#detail").scroll_home(animate=False)
        self.show()

    def action_copy(self) -> None:
        """Copy the remedy of the finding under the cursor."""
        finding = self._selected()
        if finding is not None:
            self.lmtui.copy_text(finding.remedy)

    @on(OptionList.OptionSelected)
    def action_apply(self) -> None:
        """Show what can be done about the finding under the cursor."""
        finding = self._selected()
        if finding is not None and finding.fixes:
            self._open([finding])

    def action_apply_all(self) -> None:
        """Show everything that can be done in this step."""
        self._open([finding for finding in self.mine() if finding.fixes])

    def _open(self, findings: list[Finding]) -> None:
        from screens.remedies import RemediesScreen

        self.app.push_screen(RemediesScreen(findings))

    def action_undo(self) -> None:
        """Put back what was changed here."""
        from screens.undoing import UndoingScreen

        self.app.push_screen(UndoingScreen())

    def action_next(self) -> None:
        """On to the next step."""
        raise NotImplementedError

    def action_back(self) -> None:
        """Back; what was typed is still there."""
        self.dismiss()
