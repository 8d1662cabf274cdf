"""What all screens share: the app's state, the frame, and calls that do not block the screen."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantFocus, Key, Resize
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from lmtui.errors import LmtuiError
from lmtui.state import State
from screens.failure import attempt
from screens.widgets.keys import Keys

if TYPE_CHECKING:
    from screens.app import LmtuiApp

WIDTH, HEIGHT = 80, 24
WIDE = 120
Result = TypeVar("Result")
Answer = TypeVar("Answer")


class Answered(Message):
    """A call that ran beside the screen has ended."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then


class Frame(Screen[Result]):
    """A screen that follows the migration and says so when the terminal is too small.

    A screen composes its own part in `body`, redraws in `show` whenever the state is new, and says
    in `closed` which of its keys do not work now.
    """

    AUTO_FOCUS = ""
    HELP: ClassVar[str | None] = ""
    # Textual declares both as instance variables, so they cannot be annotated as class variables.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDTH, "-normal"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (HEIGHT, "-usual"), (36, "-tall")]  # noqa: RUF012

    _keys: tuple[str | None, ...] = ()
    _stood: Widget | None = None

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
        yield Keys(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        for name in ("state", "alive", "trouble"):
            self.watch(self.app, name, self._follow, init=False)
        self.show()

    def on_screen_resume(self) -> None:
        for keys in self.query(Keys):
            keys.visible = True
        self.show()

    def on_screen_suspend(self) -> None:
        # Under a dialog or the palette, they would be shown and not work.
        for keys in self.query(Keys):
            keys.visible = False

    def on_resize(self, event: Resize) -> None:
        size = event.size
        self.query_one("#enlarge", Static).update(
            Content(f"Enlarge the terminal to {WIDTH}x{HEIGHT} (now {size.width}x{size.height})")
        )
        self.call_after_refresh(self.show)
        if size.width >= WIDTH and size.height >= HEIGHT and self.focused is None:
            # What is hidden for want of room loses the focus.
            self.call_after_refresh(self._stand_again)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._stood = event.widget

    def _stand_again(self) -> None:
        if self.focused is None and self._stood is not None and self._stood.is_attached:
            self._stood.focus()

    def _follow(self) -> None:
        if self.is_current or self.is_modal:
            self.show()

    def show(self) -> None:
        """Draw the state of this moment."""
        bound = self._bindings.key_to_bindings.values()
        keys = tuple(self.closed(binding.action) for group in bound for binding in group)
        # The footer is built anew each time: only where it says something new.
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def closed(self, action: str) -> str | None:
        """Why an action does not work now; empty where it does, None where it has no place."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        why = self.closed(action)
        return False if why is None else (None if why else True)

    def on_key(self, event: Key) -> None:
        """A key that does not work now says why."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if why := self.closed(binding.action):
                event.stop()
                self.lmtui.tell(f"{binding.description}: not now, {why}")

    def ask(
        self,
        call: Callable[[], Answer],
        then: Callable[[Answer | LmtuiError], None],
        *,
        group: str = "ask",
    ) -> None:
        """Run a call that blocks in a thread; `then` gets its answer, or its error, here."""
        directory = self.lmtui.directory

        def work() -> None:
            self.post_message(Answered(partial(then, attempt(call, directory))))

        self.run_worker(work, thread=True, group=group, exit_on_error=False)

    @on(Answered)
    def _answered_here(self, message: Answered) -> None:
        message.stop()
        message.then()


class Modal(Frame[Result], ModalScreen[Result]):
    """A dialog over the screen that it was opened from; its own keys lie over those of that."""
