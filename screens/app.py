"""The app: one client, one state, and the screen that belongs to it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, NoColor
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from lmtui.client import Client, DetachedClient
from lmtui.endpoint import Endpoint
from lmtui.errors import ExitCode, LmtuiError
from lmtui.events import Finding
from lmtui.plan import Plan
from lmtui.state import State
from lmtui.workdir import WorkDirectory
from screens import standing
from screens.base import Frame
from screens.bases import make_base
from screens.clipboard import ways
from screens.divisions import Divisions
from screens.failure import attempt
from screens.glyphs import ASCII, choose_glyphs
from screens.leaving import detach_message
from screens.messages import EngineSeen
from screens.opening import open_cleaning, open_resuming
from screens.palette import commands, open_palette
from screens.plain import PlainText, ReverseForColour
from screens.standing import Banner
from screens.text import sentences
from screens.themes import OWN_VARIABLES, THEMES, choose_theme
from screens.widgets.plain_bar import PlainBar

if TYPE_CHECKING:
    from lmtui.look import Seen

# Samples come once a second; what is asked for by a key is looked at at once.
POLL_SECONDS = 0.5
BELL_SECONDS = 60.0


def now_utc() -> datetime:
    """The clock of the real app."""
    return datetime.now(UTC)


class LmtuiApp(App[None], inherit_bindings=False):
    """The wizard. It owns no work: leaving it changes nothing about a migration."""

    TITLE = "lmtui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", id="app.help", key_display="?"),
        Binding("ctrl+q", "detach", "Detach", id="app.detach", key_display="^q", priority=True),
        Binding("ctrl+c", "hint_detach", "How to leave", id="app.hint", show=False),
    ]

    state: var[State] = var(State, init=False)
    alive: var[bool] = var(False, init=False)
    trouble: var[Banner | None] = var[Banner | None](None, init=False)

    def __init__(
        self,
        client: Client,
        *,
        source: str = "",
        target: str = "",
        plan: Plan | None = None,
        directory: str = "",
        clock: Callable[[], datetime] = now_utc,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        choice = choose_theme(environment)
        super().__init__(ansi_color=choice.ansi)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = choice.theme
        self.client = client
        self.source_text = source
        self.target_text = target
        self.plan = plan or Plan()
        self.directory = directory
        self.clock = clock
        self.environment = environment
        self.glyphs = choose_glyphs(environment)
        self.plain_text = PlainText(enabled=self.glyphs is ASCII)
        self.findings: tuple[Finding, ...] | None = None
        self.seen: dict[str, Seen] = {}
        self.divisions = Divisions()
        self.restarting: frozenset[str] = frozenset()
        self.mended = False
        self.jobs_chosen = False
        self.dismissed: datetime | None = None
        self._base = ""
        self._polling = False
        self._unreadable = False
        self._last_bell: datetime | None = None
        self._title = ""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through before the terminal has it."""
        reverse = ReverseForColour()
        filters = [reverse if isinstance(f, NoColor) else f for f in super().get_line_filters()]
        return [*filters, self.plain_text] if self.plain_text.enabled else filters

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables that the sixteen-colour themes leave out."""
        return OWN_VARIABLES

    def on_mount(self) -> None:
        plain = self.plain_text.enabled
        self.set_class(plain, "ascii")
        ScrollBar.renderer = PlainBar if plain else ScrollBarRender
        if self.environment.get("SSH_CONNECTION"):
            self.animation_level = "none"
        self.set_interval(POLL_SECONDS, self.look)
        self.look()

    def look(self) -> None:
        """Read the journal, unless the last reading is not back yet."""
        if not self._polling:
            self._polling = True
            self._read()

    @work(thread=True, group="engine", exit_on_error=False)
    def _read(self) -> None:
        seen = attempt(lambda: (self.client.poll(), self.client.alive()), self.directory)
        nothing_new = (
            not isinstance(seen, LmtuiError)
            and seen[0] is self.state
            and seen[1] == self.alive
            and self._base not in ("", "unreadable")
        )
        if nothing_new and not self._unreadable:
            self._polling = False
        else:
            self.post_message(EngineSeen(seen))

    @on(EngineSeen)
    def _take(self, message: EngineSeen) -> None:
        self._polling = False
        if isinstance(message.seen, LmtuiError):
            self._take_error(message.seen)
            return
        if self._unreadable:
            self._unreadable, self.trouble = False, None
        before, was_alive = self.state, self.alive
        first = not self._base
        self.state, self.alive = message.seen
        base = standing.base_screen(self.state)
        if base != self._base:
            self._base = base
            self.show_base()
        if not first:
            self._ring(before, was_alive)
        self._name_terminal()

    def _take_error(self, error: LmtuiError) -> None:
        self._unreadable = True
        self.trouble = Banner("failed", error.title, sentences(error.detail, error.hint))
        if not self._base:
            self._base = "unreadable"
            self.show_base()

    @property
    def banner(self) -> Banner | None:
        """The one thing that is wrong: what was asked for and failed, else how it stands."""
        return self.trouble or standing.banner(self.state, self.alive, self.dismissed)

    def fail(self, error: LmtuiError) -> None:
        """Say what could not be done, until it is dismissed."""
        rest = sentences(error.detail, error.hint, "d dismisses this.")
        self.trouble = Banner("failed", error.title, rest, dismissable=True)

    def dismiss_banner(self) -> None:
        """Take what was read away."""
        if self.trouble is not None:
            self.trouble = None
        else:
            self.dismissed = self.state.cutover.requested_at
        self.refresh_base()

    def refresh_base(self) -> None:
        """Draw the screen anew."""
        if isinstance(self.screen, Frame):
            self.screen.show()

    def show_base(self) -> None:
        """Leave every screen that was open and show the one that the state asks for."""
        screen = make_base(self._base)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def _ring(self, before: State, was_alive: bool) -> None:
        reason = standing.bell_reason(before, was_alive, self.state, self.alive)
        if not reason:
            return
        now = self.clock()
        recently = self._last_bell is not None and (
            (now - self._last_bell).total_seconds() < BELL_SECONDS
        )
        # What comes and goes must not ring all the time; an end is heard always.
        if recently and reason in ("caught up", "stalled"):
            return
        self._last_bell = now
        self.bell()

    def _name_terminal(self) -> None:
        """Textual sets no title of its own; tmux shows this one as the pane's."""
        title = standing.title(self.state, self.alive, self.glyphs)
        if title != self._title and self._driver is not None:
            self._title = title
            self._driver.write(f"\x1b]2;{title}\x07")

    def endpoints(self) -> tuple[Endpoint, Endpoint]:
        """Both sides as typed. Raises UsageError where one cannot be read."""
        return (
            Endpoint.parse("source", self.source_text),
            Endpoint.parse("target", self.target_text),
        )

    def resume(self) -> None:
        """Go on with a stopped migration."""
        open_resuming(self)

    def clean(self) -> None:
        """Put everything back."""
        open_cleaning(self)

    def tell(
        self, words: str, *, severity: SeverityLevel = "information", seconds: float = 5
    ) -> None:
        """A passing word; what must stay is a banner."""
        self.notify(words, severity=severity, timeout=seconds, markup=False)

    def copy_text(self, text: str) -> None:
        """Copy, and say which way it went."""
        self.copy_to_clipboard(text)
        self._copy_elsewhere(text)

    @work(thread=True, group="copy", exit_on_error=False)
    def _copy_elsewhere(self, text: str) -> None:
        words = ways(text, self.environment, self.directory)
        self.call_from_thread(partial(self.tell, words, seconds=8))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette offers what the keys offer, and the themes."""
        return commands(self, screen)

    def action_command_palette(self) -> None:
        """Every action of this screen by its name."""
        open_palette(self)

    def action_help(self) -> None:
        """Show the keys of the current screen."""
        from screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen.of(self.screen))

    def action_detach(self) -> None:
        """Leave; whatever runs goes on."""
        words = detach_message(self.state, self.alive, self.directory)
        # Not wrapped: the command in it is there to be copied.
        self.exit(message=Text(words, no_wrap=True, overflow="ignore"))

    def action_hint_detach(self) -> None:
        """Say how to leave: ctrl+c stops programs, and this must not look as if it did."""
        runs = "; the migration keeps running" if self.alive else ""
        self.tell(f"ctrl+q leaves the wizard{runs}.")


def run_wizard(directory: WorkDirectory, *, source: str, target: str, plan: Plan) -> int:
    """Open the wizard on a work directory and return the exit code of the command line."""
    app = LmtuiApp(
        DetachedClient(directory),
        source=source,
        target=target,
        plan=plan,
        directory=str(directory.root),
    )
    for name in ("COLUMNS", "LINES"):
        # Exported by some shells; Textual would believe them for ever, whatever the terminal is.
        os.environ.pop(name, None)
    app.run(mouse=False)
    if app.return_code:
        return app.return_code
    return int(ExitCode.NOT_PROVEN if app.state.proven is False else ExitCode.DONE)
