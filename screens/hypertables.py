"""Which of the source's plain tables become hypertables, by which column, in what chunks."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from lmtui.errors import LmtuiError
from lmtui.humane import bytes_text, count_text
from lmtui.hypertables.wanted import Candidate, Wanted, statement
from screens.base import Frame
from screens.division_text import details, heads, row
from screens.divisions import Divisions, against, key_of, listed
from screens.own_interval import OwnInterval
from screens.sifted import Sifted
from screens.standing import Banner
from screens.steps import StepRail
from screens.text import sentences
from screens.widgets.listing import Listing

EMPTY = "No table has a column to divide it by"
CHANGE = Binding.Group("Set")


class HypertablesScreen(Sifted):
    """Marks tables; what is marked is in the plan at once. Nothing is marked by default."""

    CSS_PATH: ClassVar[list[str]] = ["sifted.tcss", "hypertables.tcss"]  # type: ignore[assignment]
    NOUN = ("table", "tables")
    HELP = (
        "What is marked becomes a hypertable on the target, while it is still empty; the source "
        "stays as it is. left and right change the column, i the size of its chunks, e takes one "
        "that you type. A good chunk is a fraction of the memory, and there are hundreds of them, "
        "not thousands. J and K scroll what is said of a table. enter goes on. What is not marked "
        "is moved as the plain table that it is."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="hypertables.mark"),
        Binding("c,right,l", "column(1)", "Column", group=CHANGE, id="hypertables.column"),
        Binding("left,h", "column(-1)", "Column", show=False),
        Binding("i", "interval", "Chunks", group=CHANGE, id="hypertables.interval"),
        Binding("e", "own", "Own chunks", group=CHANGE, id="hypertables.own"),
        Binding("y", "copy", "Copy", id="hypertables.copy"),
        Binding("r,f5", "read", "Read", id="hypertables.read", key_display="r"),
        Binding("n,f8", "next", "Next", id="wizard.next", key_display="n"),
        Binding("p,f7", "back", "Back", show=False),
        Binding("J,shift+down", "scroll(1)", "Scroll", show=False),
        Binding("K,shift+up", "scroll(-1)", "Scroll", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._reading = False
        self._failed = False
        self._taken: tuple[Wanted, ...] | None = None
        self._marked: dict[tuple[str, str], Wanted] = {}
        self._items: list[Candidate] = []
        self._marked_items: list[Candidate] = []
        self._refusal = ""

    def body(self) -> ComposeResult:
        yield StepRail("Hypertables")
        yield Static(id="columns", markup=False)
        yield from self.listing()
        yield OwnInterval(self.lmtui.glyphs)
        with VerticalScroll(id="preview", classes="section", can_focus=False):
            yield Static(id="words", markup=False)

    @property
    def divisions(self) -> Divisions:
        """What was read and chosen so far."""
        return self.lmtui.divisions

    def on_mount(self) -> None:
        for wanted in self.lmtui.plan.hypertables:
            self.divisions.remember(wanted)
        super().on_mount()
        if self.divisions.candidates is None:
            self.action_read()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        # Another source was named meanwhile.
        if self.divisions.candidates is None and not self._reading and not self._failed:
            self.action_read()

    def action_read(self) -> None:
        """Read the source's tables, again where they were read before."""
        app = self.lmtui
        app.trouble = None
        try:
            source, _ = app.endpoints()
        except LmtuiError as error:
            self._read(error)
            return
        self._reading, self._failed = True, False
        target = app.seen.get("target")
        version = (target.timescaledb or target.available.get("timescaledb", "")) if target else ""
        self.ask(lambda: app.client.candidates(source, version), self._read)
        self.show()

    def _read(self, answer: "tuple[Candidate, ...] | LmtuiError") -> None:
        self._reading, self._failed = False, isinstance(answer, LmtuiError)
        if isinstance(answer, LmtuiError):
            rest = sentences(answer.detail, answer.hint, "r tries again.")
            self.lmtui.trouble = Banner("failed", answer.title, rest)
        else:
            self.divisions.candidates = answer
        self._taken = None
        self.show()

    def show(self) -> None:
        wanted = self.lmtui.plan.hypertables
        if wanted is not self._taken:
            self._taken = wanted
            self._marked = {key_of(one): one for one in wanted}
            read = self.divisions.candidates
            self._items = [] if read is None else listed(read, wanted)
            found = (item for item in self._items if key_of(item) in self._marked)
            self._marked_items = list(found)
            self._refusal = self._standing()
        over = heads(self._width) if self._items else ""
        self.query_one("#columns", Static).update(over)
        super().show()

    @property
    def _width(self) -> int:
        """Cells of a line: the bar beside a long list has room besides."""
        return self.app.size.width - 3

    def items(self) -> Sequence[Candidate]:
        return self._items

    def key(self, item: Candidate) -> tuple[str, str]:
        return key_of(item)

    def text(self, item: Candidate) -> str:
        return f"{item.schema}.{item.name} {' '.join(item.columns)}"

    def draw(self, item: Candidate, width: int) -> Content:
        marked = key_of(item) in self._marked
        wanted = self.divisions.wanted(item)
        return row(item, wanted, self._width, self.lmtui.glyphs, marked=marked)

    def nothing(self) -> str:
        if self._reading:
            return "Reading the source's tables ..."
        return "The tables could not be read." if self._failed else EMPTY

    def status(self) -> str:
        if self._reading:
            return ", being read ..."
        if not self._marked:
            return ", none marked: all stay plain tables" if self._items else ""
        size = sum(item.bytes for item in self._marked_items)
        return f", {count_text(len(self._marked))} marked, {bytes_text(size)}"

    @property
    def current(self) -> Candidate | None:
        """What the cursor is on."""
        found = self.query_one("#listing", Listing).current
        return found if isinstance(found, Candidate) else None

    @on(Listing.Moved)
    def _moved(self) -> None:
        item = self.current
        preview = self.query_one("#preview")
        preview.set_class(item is None, "-nothing")
        if item is not None:
            wanted = self.divisions.wanted(item)
            preview.border_title = Content(f"{item.schema}.{item.name}")
            # Frame, padding, and the bar beside what is long.
            room = self.app.size.width - 5
            words = details(item, wanted, room, self.lmtui.glyphs)
            self.query_one("#words", Static).update(words)
            preview.scroll_home(animate=False)
        # Which keys work depends on the table.
        Frame.show(self)

    @property
    def typing(self) -> bool:
        return super().typing or self.query_one(OwnInterval).is_open

    def closed(self, action: str) -> str | None:
        item, name = self.current, action.partition("(")[0]
        if name == "read":
            return "the tables are being read" if self._reading else ""
        if name == "next":
            # What was not read cannot be judged here; the checks before the start do that.
            busy = self._reading and self._marked
            return "the tables are being read" if busy else self._refusal
        if name not in ("mark", "column", "interval", "own", "copy"):
            return ""
        if item is None:
            return None
        if name == "column":
            return "" if len(item.columns) > 1 else "there is one column only"
        found = against(item, self.divisions.wanted(item))
        if name == "mark" and found and key_of(item) not in self._marked:
            return found[0]
        return ""

    def _standing(self) -> str:
        """What is marked and cannot be done closes the way on; nothing else does."""
        if self.divisions.candidates is not None:
            for item in self._marked_items:
                wanted = self._marked[key_of(item)]
                if found := against(item, wanted):
                    return f"{item.schema}.{item.name} by {wanted.column}: {found[0]}"
        return ""

    def _plan(self, hypertables: Sequence[Wanted]) -> None:
        self.lmtui.plan = replace(self.lmtui.plan, hypertables=tuple(hypertables))
        self.show()

    def _changed(self, wanted: Wanted) -> None:
        """A choice was made for a table; where it is marked, it is in the plan at once."""
        self.divisions.remember(wanted)
        if key_of(wanted) in self._marked:
            self._plan(list({**self._marked, key_of(wanted): wanted}.values()))
        else:
            self.show()

    def action_mark(self) -> None:
        """Mark it, or take the mark away; then the next one."""
        item = self.current
        if item is not None:
            key = key_of(item)
            marks = {**self._marked, key: self.divisions.wanted(item)}
            if key in self._marked:
                del marks[key]
            self.query_one("#listing", Listing).action_move(1)
            self._plan(list(marks.values()))

    def action_column(self, by: int) -> None:
        """Divide it by another column."""
        if self.current is not None:
            self._changed(self.divisions.stepped_column(self.current, by))

    def action_interval(self) -> None:
        """The next larger chunks."""
        if self.current is not None:
            self._changed(self.divisions.stepped_interval(self.current))

    def action_own(self) -> None:
        """Type how large the chunks shall be."""
        if self.current is not None:
            self.query_one(OwnInterval).open(self.current, self.divisions.wanted(self.current))
            self.refresh_bindings()

    @on(OwnInterval.Left)
    def _own_left(self, event: OwnInterval.Left) -> None:
        self.refresh_bindings()
        self.query_one("#listing", Listing).focus()
        if event.wanted is not None:
            self.divisions.keep_own(event.wanted)
            self._changed(event.wanted)

    def action_scroll(self, by: int) -> None:
        """Show more of what is said of the table."""
        self.query_one("#preview").scroll_relative(y=by, animate=False)

    def action_copy(self) -> None:
        """Copy the statement of the table under the cursor."""
        if self.current is not None:
            self.lmtui.copy_text(f"{statement(self.divisions.wanted(self.current))};")

    @on(Listing.Chosen)
    def action_next(self) -> None:
        """On to the review, by way of the checks where what is marked was not checked yet."""
        from screens.planned import PlannedScreen, are_checked
        from screens.review import ReviewScreen

        if why := self.closed("next"):
            self.lmtui.tell(f"Next: not now, {why}")
            return
        self.lmtui.trouble = None
        self.app.push_screen(ReviewScreen() if are_checked(self.lmtui) else PlannedScreen())

    def action_back(self) -> None:
        """Back; what was chosen is still there."""
        self.lmtui.trouble = None
        super().action_back()
