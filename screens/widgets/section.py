"""A framed part of a screen whose text is drawn anew for its width."""

from collections.abc import Callable

from textual.content import Content
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
        self.border_title = Content(title)

    def render(self) -> Content:
        """Draw for the size of this moment."""
        return self._draw(self.content_size.width, self.content_size.height)

    def redraw(self) -> None:
        """Draw again; the number of lines may have changed."""
        self.refresh(layout=True)


class Strip(Section):
    """The same without a frame: one line of its own."""

    def __init__(self, draw: Callable[[int, int], Content], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", draw, id=id)
        self.set_class(False, "section")
