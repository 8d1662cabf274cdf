"""What all screens share: the app's state, the frame, the line that asks for more room."""

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from lmtui.state import State

if TYPE_CHECKING:
    from screens.app import LmtuiApp

WIDTH, HEIGHT = 80, 24
Result = TypeVar("Result")


class Frame(Screen[Result]):
    """A screen that follows the migration and says so when the terminal is too small.

    A screen composes its own part in `body`, and redraws in `show` whenever the state is new.
    """

    AUTO_FOCUS = ""
    HELP: ClassVar[str | None] = ""
    FOOTER: ClassVar[bool] = True
    # Textual declares both as instance variables, so they cannot be annotated as class variables.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDTH, "-normal"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (HEIGHT, "-usual"), (36, "-tall")]  # noqa: RUF012

    @property
    def lmtui(self) -> "LmtuiApp":
        """The app, with its type."""
        return cast("LmtuiApp", self.app)

    @property
    def state(self) -> State:
        """The migration as last seen."""
        return self.lmtui.state

    def compose(self) -> ComposeResult:
        yield from self.body()
        yield Static(id="enlarge", markup=False)
        if self.FOOTER:
            yield Footer(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        self.watch(self.app, "state", self._follow, init=False)
        self.watch(self.app, "alive", self._follow, init=False)
        self.show()

    def on_screen_resume(self) -> None:
        self.show()

    def on_resize(self, event: Resize) -> None:
        size = event.size
        self.query_one("#enlarge", Static).update(
            Content(f"Enlarge the terminal to {WIDTH}x{HEIGHT} (now {size.width}x{size.height})")
        )
        self.call_after_refresh(self.show)

    def _follow(self) -> None:
        if self.is_current or self.is_modal:
            self.show()

    def show(self) -> None:
        """Draw the state of this moment."""
        self.refresh_bindings()


class Modal(Frame[Result], ModalScreen[Result]):
    """A dialog over the screen that it was opened from."""

    FOOTER = False
