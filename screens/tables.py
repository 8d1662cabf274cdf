"""Every table of the initial copy: how far it is, filtered and in the order that is asked for."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from lmtui.control import Reply, Resync
from lmtui.errors import BlockedError, LmtuiError
from lmtui.humane import bytes_text, count_text
from lmtui.sample import TableCopy
from lmtui.sync_state import Synchronised
from screens.base import WIDTH
from screens.glyphs import Glyphs
from screens.sifted import Sifted
from screens.standing import resync_refusal
from screens.sync_text import anew_text, resync_text
from screens.text import BAD, GOOD, MUTED, Part, fit, line, spread

LOOK_SECONDS = 2.0
ORDERS = ("progress", "size", "name")
ANEW, NOT_WHOLE = "copied anew", "not whole"
_STATES = {NOT_WHOLE: 0, ANEW: 0, "copying": 0, "waiting": 1, "done": 2}


def ordered(tables: Sequence[TableCopy], order: str) -> list[TableCopy]:
    """In flight first; or the largest first; or by name."""
    by_name = sorted(tables, key=lambda table: (table.schema, table.name))
    if order == "size":
        return sorted(by_name, key=lambda table: -table.bytes_total)
    if order == "progress":
        return sorted(by_name, key=lambda t: (_STATES.get(t.state, 1), -t.bytes_total))
    return by_name


def joined(tables: Sequence[TableCopy], now: Sequence[TableCopy]) -> list[TableCopy]:
    """All tables, those in flight as the latest sample has them."""
    fresh = {(table.schema, table.name): table for table in now}
    return [
        fresh.get((table.schema, table.name), table) if table.state != "done" else table
        for table in tables
    ]


def marked(tables: Sequence[TableCopy], sync: Synchronised) -> Sequence[TableCopy]:
    """The same, with those marked that are copied anew, or could not be."""
    if not sync.under_way:
        return tables
    anew = {*sync.under_way, *(".".join(name) for name in sync.under_way)}
    state = ANEW if sync.problem is None else NOT_WHOLE
    return [
        replace(table, state=state)
        if (table.schema, table.name) in anew or table.hypertable in anew
        else table
        for table in tables
    ]


def table_line(table: TableCopy, width: int, glyphs: Glyphs) -> Content:
    """Sign, name, state, size and share."""
    sign, style = {
        "copying": (glyphs.running, "$text-primary"),
        "done": (glyphs.ok, GOOD),
        ANEW: (glyphs.running, "$text-primary"),
        NOT_WHOLE: (glyphs.failed, BAD),
    }.get(table.state, (glyphs.pending, MUTED))
    share = 1.0 if table.state == "done" else table.bytes_done / max(table.bytes_total, 1)
    size = bytes_text(table.bytes_total)
    if table.state == "copying":
        size = f"{bytes_text(table.bytes_done)} of {size}"
    told = table.state in ("copying", "done")
    percent = f"{min(share, 1.0):4.0%}" if told else ""
    right: list[Part] = [(table.state, MUTED), f"{size:>24}", f"{percent:>6}"]
    room = width - line(*right).cell_length - 4
    name = fit(f"{table.schema}.{table.name}", room, glyphs)
    return spread([(f"{sign} ", style), name], right, width)


class TablesScreen(Sifted):
    """Reads the copy's own catalog every other second while it is open."""

    HELP = (
        "Bytes are the table's size on the source's disk. A table is done when pgcopydb has marked "
        "every part of it done; its rows are compared with the source at the cutover. While replay "
        "runs, r copies the table under the cursor anew."
    )
    NOUN = ("table", "tables")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "order", "Order", id="tables.order"),
        Binding("y", "copy", "Copy name", id="tables.copy"),
        Binding("r", "resync", "Copy anew", id="tables.resync"),
        Binding("d", "put_away", "Dismiss", id="panel.dismiss"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tables: tuple[TableCopy, ...] = ()
        self._order = 0
        self._wanted = ("", "")
        self._looking = False

    def body(self) -> ComposeResult:
        yield Static(line(("Tables of the initial copy", "bold $text-primary")), classes="header")
        yield Static(id="anew", markup=False)
        yield from self.listing("Reading...")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(LOOK_SECONDS, self._look)
        self._look()

    def _look(self) -> None:
        if not self._looking and self.is_current:
            self._looking = True
            self.ask(self.lmtui.client.tables, self._seen)

    def _seen(self, answer: Sequence[TableCopy] | LmtuiError) -> None:
        self._looking = False
        if isinstance(answer, LmtuiError):
            self.lmtui.fail(answer)
        else:
            self._tables = tuple(answer)
        self.show()

    def show(self) -> None:
        super().show()
        anew = self.query_one("#anew", Static)
        width = (self.size.width or WIDTH) - 2
        words = anew_text(self.state.sync, width, self.lmtui.glyphs)
        anew.display = bool(words.plain)
        anew.update(words)

    def items(self) -> Sequence[TableCopy]:
        sample = self.state.sample
        now = sample.copy.tables if sample else ()
        tables = marked(joined(self._tables, now), self.state.sync)
        return ordered(tables, ORDERS[self._order])

    def text(self, item: TableCopy) -> str:
        return f"{item.schema}.{item.name} {item.state}"

    def key(self, item: TableCopy) -> object:
        return item.schema, item.name

    def draw(self, item: TableCopy, width: int) -> Content:
        return table_line(item, width, self.lmtui.glyphs)

    def status(self) -> str:
        tables = marked(self._tables, self.state.sync)
        done = sum(table.state == "done" for table in tables)
        return f", {count_text(done)} done, in the order of their {ORDERS[self._order]}"

    def closed(self, action: str) -> str | None:
        match action:
            case "resync":
                return resync_refusal(self.state, self.lmtui.alive)
            case "put_away":
                trouble = self.lmtui.trouble
                return "" if trouble is not None and trouble.dismissable else None
        return super().closed(action)

    def action_resync(self) -> None:
        """Copy the table under the cursor anew, once that is confirmed."""
        from screens.confirm import ConfirmScreen

        table = self._current()
        if table is None:
            return
        name = f"{table.schema}.{table.name}"
        if table.state == ANEW:
            self.lmtui.tell(f"{name} is copied anew already")
            return
        self._wanted = (table.schema, table.name)
        self.app.push_screen(
            ConfirmScreen("Copy a table anew", resync_text(name, table.hypertable), "Copy anew"),
            self._confirmed,
        )

    def _confirmed(self, go: bool | None) -> None:
        if go:
            request = Resync(tables=(self._wanted,))
            self.ask(lambda: self.lmtui.client.request(request), self._told)

    def _told(self, answer: Reply | LmtuiError) -> None:
        if isinstance(answer, LmtuiError):
            self.lmtui.fail(answer)
        elif not answer.ok:
            self.lmtui.fail(BlockedError(answer.title, answer.detail, answer.hint))
        else:
            self.lmtui.look()
            self.lmtui.tell("It is to be copied anew; the log says when replay has it back")

    def action_put_away(self) -> None:
        """Take away a banner that was read."""
        self.lmtui.dismiss_banner()

    def action_order(self) -> None:
        """The next order."""
        self._order = (self._order + 1) % len(ORDERS)
        self.show()

    def action_copy(self) -> None:
        """Copy the name under the cursor."""
        if (table := self._current()) is not None:
            self.lmtui.copy_text(f"{table.schema}.{table.name}")

    def _current(self) -> TableCopy | None:
        from screens.widgets.listing import Listing

        table = self.query_one("#listing", Listing).current
        return table if isinstance(table, TableCopy) else None
