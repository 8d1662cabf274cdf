"""A screen around one long list: a filter that is typed, an order that is chosen."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual._path import CSSPathType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, Static

from lmtui.humane import count_noun, count_text
from screens.base import Frame
from screens.text import MUTED, line
from screens.widgets.banner import BannerLine
from screens.widgets.field import Field
from screens.widgets.listing import Listing


class FilterField(Field):
    """The field of a filter: enter and the arrows go to the list, escape gives the filter up."""

    async def on_key(self, event: Key) -> None:
        """Leave the field by the keys that a list knows."""
        screen = self.screen
        if isinstance(screen, Sifted) and event.key in ("enter", "down", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                self.value = ""
            screen.leave_filter()
        else:
            await super().on_key(event)


class Sifted(Frame[None]):
    """Subclasses give the list's items in `items` and draw one in `draw`."""

    CSS_PATH: ClassVar[CSSPathType | None] = "sifted.tcss"
    AUTO_FOCUS = "#listing"
    NOUN: ClassVar[tuple[str, str]] = ("entry", "entries")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="list.filter", key_display="/"),
        Binding("escape,q", "back", "Back", id="list.back", key_display="esc"),
    ]

    def listing(self, empty: str = "") -> ComposeResult:
        """The list with its filter and the line that counts it."""
        yield BannerLine(self.lmtui.glyphs)
        yield Listing[Any](self.draw, self.key, empty=empty, id="listing")
        with HorizontalGroup(id="sieve"):
            yield Static(line(("Filter ", MUTED)), id="sieve-label")
            yield FilterField(id="filter", compact=True, placeholder="type a part of it")
        yield Static(id="counted", markup=False)

    def items(self) -> Sequence[Any]:
        """All there is, in order."""
        return ()

    def draw(self, item: Any, width: int) -> Content:
        """One item as one line."""
        raise NotImplementedError

    def key(self, item: Any) -> object:
        """What tells an item from the others."""
        return item

    def text(self, item: Any) -> str:
        """What the filter looks at."""
        return self.draw(item, 1000).plain

    def nothing(self) -> str | None:
        """What is said where there are no items at all; None for what the list was made with."""
        return None

    def status(self) -> str:
        """What is said beside the number of items."""
        return ""

    @property
    def typing(self) -> bool:
        """Whether a field has the keys of the screen."""
        return self.query_one("#sieve").has_class("-typing")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # What is shown and does not work while one types would mislead.
        if self.is_mounted and self.typing:
            return False
        return super().check_action(action, parameters)

    @property
    def sought(self) -> str:
        """What the filter asks for, in lower case."""
        return self.query_one("#filter", Input).value.strip().lower()

    def show(self) -> None:
        super().show()
        self.query_one(BannerLine).show(self.lmtui.trouble)
        self.sift()

    def sift(self, *, follow: bool = False) -> None:
        """List what the filter lets through."""
        items, sought = self.items(), self.sought
        found = [i for i in items if sought in self.text(i).lower()] if sought else items
        listing = self.query_one("#listing", Listing)
        empty = f"Nothing has {sought} in it." if sought and items else self.nothing()
        listing.show(found, empty=empty, follow=follow)
        one, many = self.NOUN
        words = count_noun(len(items), one, many)
        if sought:
            words = f"{count_text(len(found))} of {words} with {sought}"
        more = self.status()
        self.query_one("#counted", Static).update(line((words, MUTED), (more, MUTED)))
        self.query_one("#sieve").set_class(bool(sought), "-open")

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self.sift()

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#sieve").set_class(True, "-typing")
        self.refresh_bindings()
        self.query_one("#filter", Input).focus()

    def leave_filter(self) -> None:
        """Back to the list."""
        self.query_one("#sieve").set_class(False, "-typing")
        self.refresh_bindings()
        self.query_one("#listing", Listing).focus()

    def action_back(self) -> None:
        """Give the filter up first, then close."""
        if self.sought:
            self.query_one("#filter", Input).value = ""
        else:
            self.dismiss()
