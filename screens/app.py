"""The app: one client, one state, and the screen that belongs to it."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from shlex import quote
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from lmtui.client import Client, DetachedClient
from lmtui.endpoint import Endpoint
from lmtui.errors import ExitCode, LmtuiError
from lmtui.events import Finding, Problem
from lmtui.plan import Plan
from lmtui.state import State
from lmtui.workdir import WorkDirectory
from screens import standing
from screens.base import Frame
from screens.clipboard import to_tmux
from screens.glyphs import choose_glyphs
from screens.text import phase_name
from screens.themes import OWN_VARIABLES, THEMES, choose_theme

POLL_SECONDS = 0.25
BELL_SECONDS = 60.0


def now_utc() -> datetime:
    """The clock of the real app."""
    return datetime.now(UTC)


class EngineSeen(Message):
    """The journal was read."""

    def __init__(self, state: State, alive: bool) -> None:
        super().__init__()
        self.state = state
        self.alive = alive

    def can_replace(self, message: Message) -> bool:
        """Only the newest is of interest."""
        return isinstance(message, EngineSeen)


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
        self.unreadable: Problem | None = None
        self._base = ""
        self._polling = False
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
        state, alive = self.client.poll(), self.client.alive()
        self.post_message(EngineSeen(state, alive))

    @on(EngineSeen)
    def _take(self, message: EngineSeen) -> None:
        self._polling = False
        before, was_alive = self.state, self.alive
        first = not self._base
        self.unreadable = None
        self.state, self.alive = message.state, message.alive
        base = standing.base_screen(self.state)
        if base != self._base:
            self._base = base
            self.show_base()
        if not first:
            self._ring(before, was_alive)
        self._name_terminal()

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        if event.worker.group != "engine" or event.state is not WorkerState.ERROR:
            return
        self._polling = False
        error = event.worker.error
        problem = Problem(title="The journal cannot be read", detail=str(error))
        if problem != self.unreadable:
            self.unreadable = problem
            self.tell(f"{problem.title}: {problem.detail}", severity="error", seconds=30)

    def show_base(self) -> None:
        """Leave every screen that was open and show the one that the state asks for."""
        screen = self._make_base(self._base)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def _make_base(self, base: str) -> Frame[None]:
        # Imported here: the first paint does not wait for screens that it does not show.
        match base:
            case "wizard":
                from screens.connections import ConnectionsScreen

                return ConnectionsScreen()
            case "panel":
                from screens.panel import PanelScreen

                return PanelScreen()
            case "cutting":
                from screens.cutting import CuttingScreen

                return CuttingScreen()
        from screens.result import ResultScreen

        return ResultScreen()

    def _ring(self, before: State, was_alive: bool) -> None:
        state = self.state
        ended = state.phase in standing.ENDED and before.phase not in standing.ENDED
        failed = state.status != before.status and state.status == "failed"
        gone = was_alive and not self.alive and state.phase not in standing.ENDED
        caught_up = state.caught_up and not before.caught_up
        if not (ended or failed or gone or caught_up):
            return
        now = self.clock()
        recently = self._last_bell is not None and (
            (now - self._last_bell).total_seconds() < BELL_SECONDS
        )
        if caught_up and recently and not (ended or failed or gone):
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
        """Go on with a stopped migration; ask for the connection strings where they are unknown."""
        from screens.connections import ConnectionsScreen
        from screens.starting import StartingScreen

        try:
            self.endpoints()
        except LmtuiError:
            self.push_screen(ConnectionsScreen(resume=True))
        else:
            self.push_screen(StartingScreen())

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
        said = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            # A binding of several keys is there once for each of them.
            if binding.show and active.enabled and binding.action not in said:
                said.add(binding.action)
                key = binding.key_display or binding.key
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, f"Key: {key}", run)
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)

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


def detach_message(state: State, alive: bool, directory: str) -> str:
    """What is printed after the wizard is left."""
    again = f"lmtui --dir {quote(directory)}" if directory else "lmtui"
    if not state.exists:
        return "Nothing was started, nothing was changed."
    name = state.endpoints.source_database if state.endpoints else state.id
    if state.phase in standing.ENDED:
        return f"The migration of {name} is complete. To see it again:\n  {again}"
    if alive:
        phase = phase_name(state.phase).lower()
        return f"The migration of {name} keeps running ({phase}). To come back:\n  {again}"
    return f"The migration of {name} does not run. To go on with it:\n  {again}"


def run_wizard(directory: WorkDirectory, *, source: str, target: str, plan: Plan) -> int:
    """Open the wizard on a work directory and return the exit code of the command line."""
    app = LmtuiApp(
        DetachedClient(directory),
        source=source,
        target=target,
        plan=plan,
        directory=str(directory.root),
    )
    app.run(mouse=False)
    if app.return_code:
        return app.return_code
    return int(ExitCode.NOT_PROVEN if app.state.proven is False else ExitCode.DONE)
