"""What preflight found: blockers first, each with what to do about it."""

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
from screens.base import Frame
from screens.glyphs import Glyphs
from screens.steps import step_rail
from screens.text import (
    BAD,
    GOOD,
    MUTED,
    SEVERITIES,
    SEVERITY_LABELS,
    STRONG,
    line,
    lines,
    severity_sign,
)

STANDING = frozenset({"blocker", "failed"})


def by_severity(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings in groups, the worst first; an unknown severity comes last."""
    known = [*SEVERITIES, *sorted({f.severity for f in findings} - set(SEVERITIES))]
    groups = [(s, [f for f in findings if f.severity == s]) for s in known]
    return [(severity, group) for severity, group in groups if group]


def refusal(findings: Sequence[Finding] | None) -> str:
    """Why the next step is closed; empty where it is open."""
    if findings is None:
        return "the checks have not ended"
    standing = sum(finding.severity in STANDING for finding in findings)
    return f"{count_noun(standing, 'blocker')} must be solved first" if standing else ""


def detail_text(finding: Finding, glyphs: Glyphs) -> Content:
    """Everything about one finding."""
    sign, style = severity_sign(finding.severity, glyphs)
    rows = [line((f"{sign} ", style), (finding.title, STRONG), (f"  ({finding.side})", MUTED))]
    if finding.detail:
        rows.append(line(finding.detail))
    if finding.remedy:
        rows += [line(""), line(("What to do", MUTED), ("   y copies it", MUTED))]
        rows.append(line((finding.remedy, "$text-accent")))
    return lines(rows)


class FindingsScreen(Frame[None]):
    """Runs the checks, shows what they found, and opens the way on when no blocker stands."""

    CSS_PATH = "findings.tcss"
    HELP = (
        "The checks read both servers in read-only sessions. A blocker closes the way on; a "
        "warning does not. Remedies are not applied by themselves: y copies the statement."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,f8", "next", "Next", id="wizard.next", key_display="n/f8"),
        Binding("p,f7,escape", "back", "Back", id="wizard.back", key_display="esc"),
        Binding("r,f5", "check", "Check again", id="findings.check", key_display="r"),
        Binding("y", "copy", "Copy remedy", id="findings.copy"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._error: LmtuiError | None = None
        self._checking = False

    def body(self) -> ComposeResult:
        yield Static(step_rail("Findings", self.lmtui.glyphs), classes="header")
        yield Static(id="summary", markup=False)
        with Container(id="both"):
            yield OptionList(id="list", markup=False, compact=True)
            with VerticalScroll(id="detail", classes="section", can_focus=False):
                yield Static(id="words", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        if self.lmtui.findings is None:
            self.action_check()
        else:
            self._fill(self.lmtui.findings)

    def closed(self, action: str) -> str | None:
        checking = "the checks are running" if self._checking else ""
        match action:
            case "next":
                return checking or refusal(self.lmtui.findings)
            case "check":
                return checking
            case "copy":
                finding = self._selected()
                return "" if finding is not None and finding.remedy else "nothing is to be done"
        return ""

    def action_check(self) -> None:
        """Run the checks, again where they ran before."""
        app = self.lmtui
        try:
            source, target = app.endpoints()
        except LmtuiError as error:
            self._ended(error)
            return
        self._checking, self._error = True, None
        self.lmtui.findings = None
        self._say(line(("Checking both servers, read-only", STRONG), (" ...", MUTED)))
        self.ask(lambda: app.client.check(source, target, app.plan.plugin), self._ended)
        self.show()

    def _ended(self, answer: tuple[Finding, ...] | LmtuiError) -> None:
        self._checking = False
        self._error = answer if isinstance(answer, LmtuiError) else None
        self.lmtui.findings = None if isinstance(answer, LmtuiError) else answer
        self._fill(self.lmtui.findings or ())

    def _fill(self, findings: tuple[Finding, ...]) -> None:
        glyphs = self.lmtui.glyphs
        options = self.query_one("#list", OptionList)
        options.clear_options()
        for severity, group in by_severity(findings):
            label = SEVERITY_LABELS.get(severity, severity)
            options.add_option(Option(line((f"{label} ({len(group)})", MUTED)), disabled=True))
            sign, style = severity_sign(severity, glyphs)
            for finding in group:
                place = findings.index(finding)
                options.add_option(
                    Option(line((f" {sign} ", style), finding.title), id=f"f{place}")
                )
        self._summarise(findings)
        if findings:
            options.highlighted = 1
            options.focus()
        self._describe()

    def _summarise(self, findings: tuple[Finding, ...]) -> None:
        glyphs = self.lmtui.glyphs
        if self._error is not None:
            self._say(line((f"{glyphs.failed} {self._error.title}", f"bold {BAD}")))
        elif reason := refusal(findings):
            self._say(line((f"{glyphs.failed} Not ready: {reason}.", f"bold {BAD}")))
        else:
            warnings = sum(finding.severity == "warning" for finding in findings)
            more = f" {count_noun(warnings, 'warning')} to read." if warnings else ""
            self._say(line((f"{glyphs.ok} Nothing stands in the way.", f"bold {GOOD}"), more))

    def _say(self, words: Content) -> None:
        self.query_one("#summary", Static).update(words)

    def _selected(self) -> Finding | None:
        findings = self.lmtui.findings
        option = self.query_one("#list", OptionList).highlighted_option
        if findings is None or option is None or option.id is None:
            return None
        place = int(option.id[1:])
        return findings[place] if place < len(findings) else None

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

    def action_next(self) -> None:
        """On to the review."""
        from screens.review import ReviewScreen

        self.app.push_screen(ReviewScreen())

    def action_back(self) -> None:
        """Back to the connections; what was typed is still there."""
        self.dismiss()
