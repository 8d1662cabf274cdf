"""The app: one client, one state, and the screen that belongs to it."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen

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
from screens.clipboard import to_tmux
from screens.failure import attempt
from screens.glyphs import choose_glyphs
from screens.leaving import detach_message
from screens.messages import EngineSeen
from screens.palette import commands
from screens.standing import Banner
from screens.text import sentences
from screens.themes import OWN_VARIABLES, THEMES, choose_theme

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
        self.findings: tuple[Finding, ...] | None = None
        self.seen: dict[str, Seen] = {}
        self.restarting: frozenset[str] = frozenset()
        self.mended = False
        self.jobs_chosen = False
        self.dismissed: datetime | None = None
        self._base = ""
        self._polling = False
        self._unreadable = False
        self._last_bell: datetime | None = None
        self._title = ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables that the sixteen-colour themes leave out."""
        return OWN_VARIABLES

    def on_mount(self) -> None:
        self.set_class(self.glyphs.ok == "+", "ascii")
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

    def look_for_restart(self, findings: Iterable[Finding]) -> None:
        """Keep waiting for what was changed and is not yet in force."""
        open_ids = {finding.id for finding in findings if finding.severity not in ("ok", "info")}
        self.restarting &= open_ids

    def endpoints(self) -> tuple[Endpoint, Endpoint]:
        """Both sides as typed. Raises UsageError where one cannot be read."""
        return (
            Endpoint.parse("source", self.source_text),
            Endpoint.parse("target", self.target_text),
        )

    def resume(self) -> None:
        """Go on with a stopped migration."""
        from screens.starting import StartingScreen

        self._with_endpoints("resume", StartingScreen)

    def clean(self) -> None:
        """Put everything back."""
        from screens.cleaning import CleaningScreen

        self._with_endpoints("clean", CleaningScreen)

    def _with_endpoints(self, purpose: str, screen: Callable[[], Frame[None]]) -> None:
        """Open a screen that needs both servers; ask for them where they are unknown."""
        from screens.connections import ConnectionsScreen

        try:
            self.endpoints()
        except LmtuiError:
            self.push_screen(ConnectionsScreen(purpose=purpose, then=screen))
        else:
            self.push_screen(screen())

    def tell(
        self, words: str, *, severity: SeverityLevel = "information", seconds: float = 5
    ) -> None:
        """A passing word; what must stay is a banner."""
        self.notify(words, severity=severity, timeout=seconds, markup=False)

    def copy_text(self, text: str) -> None:
        """Copy, and say which way it went."""
        self.copy_to_clipboard(text)
        self._copy_to_tmux(text)

    @work(thread=True, group="copy", exit_on_error=False)
    def _copy_to_tmux(self, text: str) -> None:
        # OSC 52 has no answer: that it was sent is all that can be said.
        ways = ["sent to the terminal (OSC 52)", to_tmux(text, self.environment)]
        self.call_from_thread(self.tell, "Copied: " + "; ".join(way for way in ways if way))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette offers what the keys offer, and the themes."""
        return commands(self, screen)

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
