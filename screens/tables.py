"""Every table of the initial copy: how far it is, filtered and in the order that is asked for."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from lmtui.errors import LmtuiError
from lmtui.humane import bytes_text, count_text
from lmtui.sample import TableCopy
from screens.glyphs import Glyphs
from screens.sifted import Sifted
from screens.text import GOOD, MUTED, Part, fit, line, spread

LOOK_SECONDS = 2.0
ORDERS = ("progress", "size", "name")
_STATES = {"copying": 0, "waiting": 1, "done": 2}


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


def table_line(table: TableCopy, width: int, glyphs: Glyphs) -> Content:
    """Sign, name, state, size and share."""
    sign, style = {
        "copying": (glyphs.running, "$text-primary"),
        "done": (glyphs.ok, GOOD),
    }.get(table.state, (glyphs.pending, MUTED))
    share = 1.0 if table.state == "done" else table.bytes_done / max(table.bytes_total, 1)
    size = bytes_text(table.bytes_total)
    if table.state == "copying":
        size = f"{bytes_text(table.bytes_done)} of {size}"
    percent = "" if table.state == "waiting" else f"{min(share, 1.0):4.0%}"
    right: list[Part] = [(table.state, MUTED), f"{size:>24}", f"{percent:>6}"]
    room = width - line(*right).cell_length - 4
    name = fit(f"{table.schema}.{table.name}", room, glyphs)
    return spread([(f"{sign} ", style), name], right, width)


class TablesScreen(Sifted):
    """Reads the copy's own catalog every other second while it is open."""

    HELP = (
        "Bytes are the table's size on the source's disk. A table is done when pgcopydb has marked "
        "every part of it done; its rows are compared with the source at the cutover."
    )
    NOUN = ("table", "tables")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "order", "Order", id="tables.order"),
        Binding("y", "copy", "Copy name", id="tables.copy"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tables: tuple[TableCopy, ...] = ()
        self._order = 0
        self._looking = False

    def body(self) -> ComposeResult:
        yield Static(line(("Tables of the initial copy", "bold $text-primary")), classes="header")
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

    def items(self) -> Sequence[TableCopy]:
        sample = self.state.sample
        now = sample.copy.tables if sample else ()
        return ordered(joined(self._tables, now), ORDERS[self._order])

    def text(self, item: TableCopy) -> str:
        return f"{item.schema}.{item.name} {item.state}"

    def key(self, item: TableCopy) -> object:
        return item.schema, item.name

    def draw(self, item: TableCopy, width: int) -> Content:
        return table_line(item, width, self.lmtui.glyphs)

    def status(self) -> str:
        done = sum(table.state == "done" for table in self._tables)
        return f", {count_text(done)} done, in the order of their {ORDERS[self._order]}"

    def action_order(self) -> None:
        """The next order."""
        self._order = (self._order + 1) % len(ORDERS)
        self.show()

    def action_copy(self) -> None:
        """Copy the name under the cursor."""
        from screens.widgets.listing import Listing

        table = self.query_one("#listing", Listing).current
        if isinstance(table, TableCopy):
            self.lmtui.copy_text(f"{table.schema}.{table.name}")
