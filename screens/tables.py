"""Every table of the initial copy: how far it is, filtered and in the order that is asked for."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from lmtui.control import Reply, Resync
from lmtui.errors import BlockedError, LmtuiError
from lmtui.humane import bytes_text, count_text
from lmtui.phases import Phase
from lmtui.sample import TableCopy
from screens.glyphs import Glyphs
from screens.sifted import Sifted
from screens.text import GOOD, MUTED, STRONG, Part, fit, line, lines, spread

LOOK_SECONDS = 2.0
REPLAYING = (Phase.CATCH_UP, Phase.REPLICATE)
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


def resync_text(name: str) -> Content:
    """What copying a table anew means."""
    return lines(
        [
            line((name, STRONG), " is emptied on the target and copied again, as of a new point."),
            line("Of a chunk, all of its hypertable is. Replay goes on for the other tables."),
            line("What comes for it meanwhile waits on disk here, and is applied behind the copy."),
            line(("The cutover waits until that is done.", MUTED)),
        ]
    )


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
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tables: tuple[TableCopy, ...] = ()
        self._order = 0
        self._wanted = ("", "")
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
        words = f", {count_text(done)} done, in the order of their {ORDERS[self._order]}"
        if anew := len(self.state.sync.under_way):
            why = self.state.sync.problem
            words += f"; {count_text(anew)} {'NOT copied anew' if why else 'copied anew just now'}"
        return words

    def closed(self, action: str) -> str | None:
        if action != "resync":
            return super().closed(action)
        if not self.lmtui.alive:
            return "no supervisor works on the migration"
        return "" if self.state.phase in REPLAYING else "replay does not run"

    def action_resync(self) -> None:
        """Copy the table under the cursor anew, once that is confirmed."""
        from screens.confirm import ConfirmScreen

        table = self._current()
        if table is not None:
            name = f"{table.schema}.{table.name}"
            self._wanted = (table.schema, table.name)
            self.app.push_screen(
                ConfirmScreen(f"Copy {name} anew", resync_text(name), "Copy anew"), self._confirmed
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
            self.lmtui.tell("It is copied anew; the log says when replay has it back")

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
