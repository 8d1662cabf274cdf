"""Every statement and command of the migration, in order, before it begins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from screens.sifted import Sifted
from screens.text import MUTED, fit, line, lines, padded
from screens.widgets.listing import Listing

if TYPE_CHECKING:
    from lmtui.forecast import Command


class CommandsScreen(Sifted):
    """What stands for many of its kind is written with dots."""

    NOUN = ("command", "commands")
    HELP = (
        "What depends on the source's contents, such as the names of its sequences, stands once "
        "for all of its kind, with dots. Connection strings go through the environment only."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy all", id="commands.copy"),
    ]

    def __init__(self, commands: "Sequence[Command]") -> None:
        super().__init__()
        self._commands = commands

    def body(self) -> ComposeResult:
        yield Static(line(("What will run, in order", "bold $text-primary")), classes="header")
        yield from self.listing()
        yield Static(id="detail", markup=False)

    def items(self) -> "Sequence[Command]":
        return self._commands

    def draw(self, item: "Command", width: int) -> Content:
        room = width - 8
        return line((padded(item.where, 8), MUTED), fit(item.text, room, self.lmtui.glyphs))

    def text(self, item: "Command") -> str:
        return f"{item.where} {item.text} {item.why}"

    @on(Listing.Moved)
    def _moved(self) -> None:
        item = self.query_one("#listing", Listing).current
        if item is not None:
            words = lines([line((f"{item.why}:", MUTED)), line(item.text)])
            self.query_one("#detail", Static).update(words)

    def action_copy(self) -> None:
        """Copy all of them."""
        rows = (f"-- {c.where}: {c.why}\n{c.text}" for c in self._commands)
        self.lmtui.copy_text("\n".join(rows))
