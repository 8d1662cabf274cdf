"""What lmtui can do about findings: the ways of each, the exact SQL, and applying it."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from lmtui.errors import LmtuiError
from lmtui.events import Finding
from lmtui.humane import count_noun
from lmtui.remedies.remedy import ALTERNATIVE, NAMED, RESTART, Remedy
from screens.base import Answered
from screens.sifted import Sifted
from screens.text import MUTED, WARN, fit, line, lines
from screens.widgets.listing import Listing

# The one finding whose tables may also be left as they are, on purpose.
IDENTITY = "identity.missing"
LEAVE = "Leave it as it is: only inserts are replayed; an update or a delete stops the replay"


class Choice(NamedTuple):
    """One thing to mend, and its ways; the first is the best. `leave` allows to do nothing."""

    finding: str
    ways: tuple[Remedy, ...]
    leave: bool = False

    @property
    def name(self) -> str:
        """What is mended, in the remedy's own words."""
        return self.ways[0].name


def choices(findings: Sequence[Finding]) -> list[Choice]:
    """The remedies of the findings; a remedy's alternatives follow it."""
    found: list[Choice] = []
    for finding in findings:
        groups: list[list[Remedy]] = []
        for fix in finding.fixes:
            if fix.kind == ALTERNATIVE and groups:
                groups[-1].append(fix)
            else:
                groups.append([fix])
        found += [Choice(finding.id, tuple(group), finding.id == IDENTITY) for group in groups]
    return found


def preview(way: Remedy | None) -> Content:
    """A way at length: what it does, its statements, and what puts them back."""
    if way is None:
        return line(LEAVE)
    rows = [line((f"On the {way.side}: ", MUTED), way.consent)]
    rows += [line((f"  {statement}", "$text-accent")) for statement in way.statements]
    if way.kind == RESTART:
        rows.append(line(("  In force after the server was restarted.", WARN)))
    if way.undo:
        rows += [line((f"  put back by  {statement}", MUTED)) for statement in way.undo]
    else:
        rows.append(line(("  It cannot be put back.", WARN)))
    return lines(rows)


class RemediesScreen(Sifted):
    """Marks what is to be applied; applies it once it was confirmed."""

    CSS_PATH: ClassVar[list[str]] = ["sifted.tcss", "remedies.tcss"]  # type: ignore[assignment]
    NOUN = ("thing to mend", "things to mend")
    HELP = (
        "left and right change the way, space marks, a applies what is marked, or the line under "
        "the cursor where nothing is. Statements that meet a busy table are tried again. Every "
        "change is written down before it is made: u on the screen before puts it back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="remedies.mark"),
        Binding("m", "mark_all", "All", id="remedies.mark-all"),
        Binding("left,h", "way(-1)", "Way", id="remedies.way", key_display="h/l"),
        Binding("right,l", "way(1)", "Way", show=False),
        Binding("a,enter", "apply", "Apply", id="remedies.apply", key_display="a"),
        Binding("y", "copy", "Copy", id="remedies.copy"),
    ]

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self._choices = choices(findings)
        self._way: dict[tuple[str, str], int] = {}
        self._marked: set[tuple[str, str]] = set()
        self._busy = ""

    def body(self) -> ComposeResult:
        yield Static(line(("What lmtui can do", "bold $text-primary")), classes="header")
        yield from self.listing()
        with VerticalScroll(id="preview", classes="section", can_focus=False):
            yield Static(id="words", markup=False)

    def items(self) -> Sequence[Choice]:
        return self._choices

    def key(self, item: Choice) -> tuple[str, str]:
        return item.finding, item.name

    def text(self, item: Choice) -> str:
        return f"{item.name} {item.finding}"

    def way(self, item: Choice) -> Remedy | None:
        """The chosen way; None for leaving it as it is."""
        place = self._way.get(self.key(item), 0)
        return item.ways[place] if place < len(item.ways) else None

    def draw(self, item: Choice, width: int) -> Content:
        way, glyphs = self.way(item), self.lmtui.glyphs
        mark = "[x] " if self.key(item) in self._marked else "[ ] "
        number = len(item.ways) + item.leave
        place = self._way.get(self.key(item), 0) + 1
        many = f" {glyphs.left} {place}/{number} {glyphs.right}" if number > 1 else ""
        # Names start what is consented to, so they are not said twice.
        words = way.consent if way is not None else f"{item.name}: {LEAVE[0].lower()}{LEAVE[1:]}"
        room = max(width - 4 - len(many), 10)
        fitted = fit(words, room, glyphs)
        pad = " " * max(room - Content(fitted).cell_length, 0)
        return line(mark, fitted, pad, (many, MUTED))

    def status(self) -> str:
        if self._busy:
            return f": {self._busy}"
        return f", {len(self._marked)} marked" if self._marked else ""

    @property
    def current(self) -> Choice | None:
        """What the cursor is on."""
        found = self.query_one("#listing", Listing).current
        return found if isinstance(found, Choice) else None

    def chosen(self) -> list[Choice]:
        """What is marked, else what the cursor is on."""
        marked = [c for c in self._choices if self.key(c) in self._marked]
        return marked or ([self.current] if self.current else [])

    @on(Listing.Moved)
    def _moved(self) -> None:
        if self.current is not None:
            self.query_one("#words", Static).update(preview(self.way(self.current)))
            self.query_one("#preview").scroll_home(animate=False)

    def closed(self, action: str) -> str | None:
        if self._busy:
            return "it is being applied"
        if action.startswith("way"):
            current = self.current
            many = current is not None and len(current.ways) + current.leave > 1
            return "" if many else "there is one way only"
        return ""

    def action_mark(self) -> None:
        """Mark it, or take the mark away; then the next one."""
        if self.current is not None:
            self._marked ^= {self.key(self.current)}
            self.query_one("#listing", Listing).action_move(1)
            self.show()

    def action_mark_all(self) -> None:
        """Mark all but what is heavy or final; where they are marked already, none."""
        easy = {self.key(c) for c in self._choices if c.ways[0].kind != NAMED}
        self._marked = set() if easy <= self._marked else self._marked | easy
        self.show()

    def action_way(self, by: int) -> None:
        """Another way for what the cursor is on."""
        if self.current is not None:
            number = len(self.current.ways) + self.current.leave
            key = self.key(self.current)
            self._way[key] = (self._way.get(key, 0) + by) % number
            self.show()

    def action_copy(self) -> None:
        """Copy the SQL of what would be applied."""
        ways = [way for choice in self.chosen() if (way := self.way(choice)) is not None]
        self.lmtui.copy_text("\n".join(s for way in ways for s in way.statements))

    @on(Listing.Chosen)
    def action_apply(self) -> None:
        """Ask once more, with the exact statements."""
        from screens.confirm import ConfirmScreen

        if self._busy or not self.chosen():
            return
        ways = [self.way(choice) for choice in self.chosen()]
        number = sum(len(way.statements) for way in ways if way is not None)
        words = f"Run {count_noun(number, 'statement')}" if number else "Leave as it is"
        shown = lines(preview(way) for way in ways)
        self.app.push_screen(ConfirmScreen(words, shown, "Apply"), self._confirmed)

    def _confirmed(self, yes: bool | None) -> None:
        if not yes:
            return
        app, taken = self.lmtui, self.chosen()
        left = tuple(choice.name for choice in taken if self.way(choice) is None)
        if left:
            names = dict.fromkeys((*app.plan.inserts_only, *left))
            app.plan = replace(app.plan, inserts_only=tuple(names))
        ways = [way for choice in taken if (way := self.way(choice)) is not None]
        restarts = {c.finding for c in taken if (w := self.way(c)) and w.kind == RESTART}
        if not ways:
            self._applied(0, restarts)
            return
        source, target = app.endpoints()
        self._busy = "applying ..."
        self.show()
        self.ask(
            lambda: app.client.mend(source, target, ways, self._tell),
            lambda answer: self._applied(answer, restarts),
        )

    def _tell(self, words: str) -> None:
        """Called in the worker's thread."""

        def say() -> None:
            self._busy = words
            self.show()

        self.post_message(Answered(say))

    def _applied(self, answer: int | LmtuiError, restarts: set[str]) -> None:
        app = self.lmtui
        self._busy = ""
        app.findings = None
        app.mended = True
        if isinstance(answer, LmtuiError):
            app.fail(answer)
            self.show()
            return
        app.restarting |= frozenset(restarts)
        if answer:
            app.tell(f"{count_noun(answer, 'remedy', 'remedies')} applied; u puts back")
        self.dismiss()

    def action_back(self) -> None:
        """Close it; a banner that was shown here goes with it."""
        self.lmtui.trouble = None
        super().action_back()
