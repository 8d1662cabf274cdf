"""A journal that cannot be read: said, and tried again."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens.base import Frame
from screens.text import STRONG, line, lines
from screens.widgets.banner import BannerLine


class UnreadableScreen(Frame[None]):
    """Stays until the journal can be read."""

    HELP = "The wizard reads the journal of the work directory, and nothing else, to know a state."

    def body(self) -> ComposeResult:
        yield Static(line(("lmtui", "bold $text-primary")), classes="header")
        yield BannerLine(self.lmtui.glyphs)
        yield Static(
            lines(
                [
                    line(""),
                    line(" What this directory holds cannot be shown: ", (self._where, STRONG)),
                    Content(" A supervisor that works on it goes on. It is read again meanwhile."),
                ]
            )
        )

    @property
    def _where(self) -> str:
        return self.lmtui.directory or "the work directory"

    def show(self) -> None:
        super().show()
        self.query_one(BannerLine).show(self.lmtui.banner)
