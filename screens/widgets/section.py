"""A framed part of a screen whose text is drawn anew for its width."""

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class Section(Widget):
    """Shows what `draw(width, height)` returns, in cells of its inside."""

    def __init__(
        self,
        title: str,
        draw: Callable[[int, int], Content],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes="section")
        self._draw = draw
        self._drawn: tuple[Size, Content] | None = None
        self.border_title = Content(title)

    def render(self) -> Content:
        """Draw for the size of this moment."""
        size = self.content_size
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, self._draw(size.width, size.height))
        return self._drawn[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as are drawn for this width; they are never wrapped."""
        return self._draw(width, 0).plain.count("\n") + 1

    def redraw(self) -> None:
        """Draw again; the terminal hears of it only where something is new."""
        before = self._drawn
        self._drawn = None
        now = self.render()
        if before is None or before[0] != self.content_size:
            self.refresh(layout=True)
        elif (before[1].plain, before[1].spans) != (now.plain, now.spans):
            rows = before[1].plain.count("\n") != now.plain.count("\n")
            self.refresh(layout=rows)


class Strip(Section):
    """The same without a frame: one line of its own."""

    def __init__(self, draw: Callable[[int, int], Content], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", draw, id=id)
        self.set_class(False, "section")
