"""A list of which only the lines in sight are drawn: ten thousand of them cost what ten do."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

Item = TypeVar("Item")


class Listing(ScrollView, Generic[Item], can_focus=True):
    """Draws `draw(item, width)` for each item in sight; a cursor is moved by the usual keys."""

    DEFAULT_CSS = """
    Listing {
        background: $background;
        scrollbar-size: 1 1;
        text-wrap: nowrap;

        & > .listing--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .listing--blurred {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
        }
    }
    """
    HELP = "In a list: up and down, or k and j; page up and down; g to the first, G to the last."
    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--cursor", "listing--blurred"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    cursor = reactive(0)

    class Moved(Message):
        """The cursor stands on another item."""

    class Chosen(Message):
        """Enter was pressed on an item."""

    def __init__(
        self,
        draw: Callable[[Item, int], Content],
        key: Callable[[Item], object],
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._key = key
        self._empty = empty
        self._items: Sequence[Item] = ()

    @property
    def items(self) -> Sequence[Item]:
        """What is listed now."""
        return self._items

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self.cursor] if self.cursor < len(self._items) else None

    def show(
        self, items: Sequence[Item], *, empty: str | None = None, follow: bool = False
    ) -> None:
        """List these from now on; the cursor stays on its item where that is still there.

        With `follow`, a cursor on the last item stays on the last.
        """
        before = self.current
        at_end = self.cursor >= len(self._items) - 1
        self._items = items
        if empty is not None:
            self._empty = empty
        self.virtual_size = Size(0, max(len(items), 1))
        self.set_reactive(Listing.cursor, self._place(before, at_end=follow and at_end))
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def _place(self, before: Item | None, *, at_end: bool) -> int:
        last = max(len(self._items) - 1, 0)
        if at_end:
            return last
        if before is None:
            return 0
        near = min(self.cursor, last)
        key = self._key(before)
        if self._items and self._key(self._items[near]) == key:
            return near
        places = (place for place, item in enumerate(self._items) if self._key(item) == key)
        return next(places, near)

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw the two lines that changed."""
        top = self.scroll_offset.y
        for place in (before, now):
            self.refresh(Region(0, place - top, self.size.width, 1))
        self._reveal()
        self.post_message(self.Moved())

    def _reveal(self) -> None:
        height = self.scrollable_content_region.height
        if height <= 0:
            return
        top = round(self.scroll_target_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._reveal()

    def on_focus(self) -> None:
        """The cursor is drawn otherwise with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn otherwise without the focus."""
        self.refresh()

    def move_to(self, place: int) -> None:
        """Put the cursor on an item; it does not go round."""
        self.cursor = min(max(place, 0), max(len(self._items) - 1, 0))

    def action_move(self, by: int) -> None:
        """One up or down."""
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """A screenful up or down."""
        self.move_to(self.cursor + by * max(self.scrollable_content_region.height - 1, 1))

    def action_first(self) -> None:
        """To the first."""
        self.move_to(0)

    def action_last(self) -> None:
        """To the last."""
        self.move_to(len(self._items) - 1)

    def action_choose(self) -> None:
        """Open the item."""
        if self.current is not None:
            self.post_message(self.Chosen())

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        style = self.visual_style
        if place < len(self._items):
            content = self._draw(self._items[place], width)
            if place == self.cursor:
                name = "listing--cursor" if self.has_focus else "listing--blurred"
                style = self.get_visual_style(name)
                # In its own colours a line may be unreadable on the cursor's.
                content = Content(content.plain)
        elif place == 0:
            content = Content.styled(self._empty, "$muted")
        else:
            return Strip.blank(width, style.rich_style)
        found = Visual.to_strips(self, content, width, 1, style, apply_selection=False)
        strip = found[0] if found else Strip.blank(0)
        return strip.extend_cell_length(width, style.rich_style).crop(0, width)
