"""The live panel: where the migration stands, and whether the source is safe."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content

from lmtui.control import GoOn, Reply
from lmtui.errors import LmtuiError
from screens import panel_text, standing
from screens.base import Frame
from screens.text import phase_rail
from screens.widgets.banner import BannerLine
from screens.widgets.lag_chart import LagChart
from screens.widgets.section import Section, Strip


class PanelScreen(Frame[None]):
    """Follows the migration. Closing it changes nothing."""

    CSS_PATH = "panel.tcss"
    HELP = (
        "behind: the WAL that the source wrote and the target has not applied, and the time since "
        "the last applied commit. to receive: not yet here. to apply: here, in the spool. The "
        "chart starts at zero; its highest value stands beside it. WAL kept is what the slot "
        "holds back on the source's disk."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cutover", "Cut over", id="panel.cutover"),
        Binding("r", "resume", "Resume", id="panel.resume"),
        Binding("r", "retry", "Retry", id="panel.retry"),
        Binding("k", "skip", "Skip", id="panel.skip"),
        Binding("w", "again", "Steps", id="panel.again"),
        Binding("g", "go_on", "Go on", id="panel.go-on"),
        Binding("l", "log", "Log", id="panel.log"),
        Binding("t", "tables", "Tables", id="panel.tables"),
        Binding("s", "stop", "Stop", id="panel.stop"),
        Binding("x", "clean", "Clean up", id="panel.clean"),
        Binding("d", "put_away", "Dismiss", id="panel.dismiss"),
    ]

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield Strip(
            lambda w, _: standing.header(self.state, app.clock(), w, app.glyphs), id="header"
        )
        yield Strip(lambda _w, _h: phase_rail(self.state, app.glyphs), id="rail")
        yield BannerLine(app.glyphs)
        with Container(id="sections"):
            yield Section("Initial copy", self._copy, id="copy")
            yield Section(
                "Source and spool",
                lambda w, _: panel_text.source_text(
                    self.state, w, app.glyphs, tall=self.has_class("-tall"), alive=app.alive
                ),
                id="source",
            )
            with Container(id="replay", classes="section") as replay:
                replay.border_title = Content("Replay")
                yield Strip(
                    lambda w, _: panel_text.replay_text(self.state, w, app.glyphs, alive=app.alive),
                    id="lags",
                )
                yield LagChart(app.glyphs, id="lag")
                yield Strip(
                    lambda w, _: panel_text.applied_text(self.state, w, app.glyphs), id="applied"
                )
            yield Section(
                "Latest events",
                lambda w, h: panel_text.recent_text(self.state, w, h, app.glyphs),
                id="events",
            )
        yield Strip(
            lambda w, _: panel_text.cutover_text(self.state, app.alive, w, app.glyphs), id="ready"
        )

    def _copy(self, width: int, _height: int) -> Content:
        tables = 6 if self.has_class("-tall") else 2
        return panel_text.copy_text(self.state, width, tables, self.lmtui.glyphs)

    def show(self) -> None:
        super().show()
        state = self.state
        banner = self.lmtui.banner
        self.query_one(BannerLine).show(banner)
        self.query_one(LagChart).show(state.lag_history, ended=not self.lmtui.alive)
        self.set_class(not panel_text.replays(state), "-no-replay")
        self.set_class(state.copy_seconds is not None, "-copied")
        self.set_class(banner is not None, "-banner")
        for section in self.query(Section):
            section.redraw()

    def closed(self, action: str) -> str | None:
        app = self.lmtui
        match action:
            case "cutover":
                return standing.gates_refusal(app.state, app.alive)
            case "resume" | "retry" | "skip":
                refused = standing.refused(app.state) is not None
                fits = refused is (action != "resume")
                return "" if fits and standing.resumable(app.state, app.alive) else None
            case "again":
                return "" if standing.not_begun(app.state, app.alive) else None
            case "go_on":
                return "" if standing.holds_snapshot(app.state, app.alive) else None
            case "stop":
                return "" if app.alive else None
            case "clean":
                return None if app.alive else ""
            case "tables":
                return "" if app.state.copy_plan else "what is to be copied is not read yet"
            case "put_away":
                return "" if app.banner is not None and app.banner.dismissable else None
        return ""

    def action_cutover(self) -> None:
        """Open the cutover."""
        from screens.cutover import CutoverScreen

        self.app.push_screen(CutoverScreen())

    def action_resume(self) -> None:
        """Go on where it stopped."""
        self.lmtui.resume()

    def action_again(self) -> None:
        """Go through the steps before the start again, with what was chosen."""
        from screens.connections import ConnectionsScreen

        self.app.push_screen(ConnectionsScreen(purpose="again"))

    def action_retry(self) -> None:
        """Try again what the target refused, and go on."""
        self.lmtui.resume()

    def action_skip(self) -> None:
        """Show what the target refused; once its LSN is typed, go on without it."""
        from screens.skipping import SkipScreen

        refused = standing.refused(self.state)
        if refused is not None:
            self.app.push_screen(SkipScreen(refused), self._skipped)

    def _skipped(self, allowed: bool | None) -> None:
        if allowed:
            self.lmtui.resume()

    def action_go_on(self) -> None:
        """Copy, where only the snapshot is held so far."""
        self.ask(lambda: self.lmtui.client.request(GoOn()), self._told)

    def _told(self, answer: Reply | LmtuiError) -> None:
        if isinstance(answer, LmtuiError):
            self.lmtui.fail(answer)
        elif not answer.ok:
            self.lmtui.fail(LmtuiError(answer.title, answer.detail, answer.hint))

    def action_tables(self) -> None:
        """Every table of the copy."""
        from screens.tables import TablesScreen

        self.app.push_screen(TablesScreen())

    def action_clean(self) -> None:
        """Ask, then put everything back."""
        self.lmtui.clean()

    def action_put_away(self) -> None:
        """Take away a banner that was read."""
        self.lmtui.dismiss_banner()

    def action_log(self) -> None:
        """All events."""
        from screens.events_log import EventsScreen

        self.app.push_screen(EventsScreen())

    def action_stop(self) -> None:
        """Ask, then stop."""
        from screens.stop import StopScreen

        self.app.push_screen(StopScreen())
