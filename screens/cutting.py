"""The cutover under way: each step with its seconds, and the downtime."""

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from lmtui.control import CancelCutover, Reply
from lmtui.errors import LmtuiError
from lmtui.humane import bytes_text, duration_text
from lmtui.phases import Phase
from lmtui.state import State
from screens import panel_text, standing
from screens.base import Frame
from screens.events_text import step_name
from screens.glyphs import Glyphs
from screens.text import (
    GOOD,
    MUTED,
    STRONG,
    WARN,
    Part,
    fit,
    line,
    lines,
    phase_rail,
    severity_sign,
    spread,
)
from screens.widgets.banner import BannerLine
from screens.widgets.section import Section, Strip

TICK_SECONDS = 0.5


def cancel_refusal(state: State, alive: bool) -> str:
    """Why the cutover cannot be cancelled; empty where it can."""
    if not alive:
        return "the supervisor does not run"
    if state.drain is not None or state.phase is not Phase.CUT_OVER:
        return "the drain is proven: the target has everything"
    return ""


def clock_text(
    state: State, now: datetime, width: int, glyphs: Glyphs, *, cancelling: bool = False
) -> Content:
    """The downtime, and how it can be ended."""
    down = standing.downtime_seconds(state, now)
    refusal = cancel_refusal(state, alive=True)
    right: list[Part] = [("x cancels", MUTED)] if not refusal else [("past cancelling", MUTED)]
    if cancelling and not refusal:
        right = [("being cancelled, once this step ends", WARN)]
    if down is None:
        return spread([("No downtime yet: the source takes writes", STRONG)], right, width)
    words = f"{glyphs.running} Downtime {duration_text(down)}"
    return spread([(words, f"bold {WARN}")], right, width)


def steps_text(state: State, width: int, glyphs: Glyphs) -> Content:
    """Every step that was begun, in order."""
    if not state.cutover.steps:
        return line(("Waiting for the first step...", MUTED))
    rows = []
    for step in state.cutover.steps:
        sign, style = severity_sign(step.status, glyphs)
        seconds = duration_text(step.seconds) if step.status != "running" else "running"
        name = f"{step_name(step.step):<21}"
        detail = fit(step.detail, width - len(name) - len(seconds) - 6, glyphs)
        left: list[Part] = [(f"{sign} ", style), (name, STRONG), "  ", detail]
        rows.append(spread(left, [(seconds, MUTED)], width))
    return lines(rows)


def drain_text(state: State, width: int, glyphs: Glyphs) -> Content:
    """What is still to be replayed, and what then holds."""
    if state.drain is not None:
        return line(
            (f"{glyphs.ok} Drain proven", f"bold {GOOD}"),
            f" at {state.drain.end_lsn}: all the source committed is on the target",
        )
    rows = []
    if state.sample is not None:
        replay = state.sample.replay
        rows.append(
            panel_text.columns(
                [
                    ("to drain", bytes_text(replay.lag_bytes)),
                    ("source", replay.source_lsn),
                    ("applied", replay.applied_lsn),
                ],
                width,
                glyphs,
            )
        )
    limit = duration_text(state.cutover.timeout_seconds)
    rows += [
        line(f"Fence: {state.cutover.fence}. Given up by itself after {limit}."),
        line(("When given up or cancelled, the fence is lifted and replay goes on.", MUTED)),
    ]
    return lines(rows)


class CuttingScreen(Frame[None]):
    """Follows the cutover to its end, wherever it was asked for."""

    CSS_PATH = "cutting.tcss"
    HELP = (
        "x gives the cutover up: the fence is lifted and the source takes writes again. From the "
        "moment the drain is proven that is over, because the target may be in use."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cancel", "Cancel the cutover", id="cutting.cancel"),
        Binding("r", "resume", "Resume", id="panel.resume"),
        Binding("l", "log", "Log", id="panel.log"),
        Binding("d", "put_away", "Dismiss", id="panel.dismiss"),
    ]

    _cancelling = False

    def body(self) -> ComposeResult:
        app = self.lmtui
        yield Strip(
            lambda w, _: standing.header(self.state, app.clock(), w, app.glyphs), id="header"
        )
        yield Strip(lambda _w, _h: phase_rail(self.state, app.glyphs), id="rail")
        yield BannerLine(app.glyphs)
        yield Strip(
            lambda w, _: clock_text(
                self.state, app.clock(), w, app.glyphs, cancelling=self._cancelling
            ),
            id="clock",
        )
        yield Section("Steps", lambda w, _: steps_text(self.state, w, app.glyphs), id="steps")
        yield Section("Drain", lambda w, _: drain_text(self.state, w, app.glyphs), id="drain")
        yield Section(
            "Latest events",
            lambda w, h: panel_text.recent_text(self.state, w, h, app.glyphs),
            id="events",
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(TICK_SECONDS, self.query_one("#clock", Strip).redraw)

    def show(self) -> None:
        super().show()
        self.query_one(BannerLine).show(self.lmtui.banner)
        self.set_class(self.state.drain is not None, "-drained")
        for section in self.query(Section):
            section.redraw()

    def closed(self, action: str) -> str | None:
        app = self.lmtui
        match action:
            case "cancel":
                return cancel_refusal(app.state, app.alive)
            case "resume":
                return "" if standing.resumable(app.state, app.alive) else None
            case "put_away":
                return "" if app.banner is not None and app.banner.dismissable else None
        return ""

    def action_cancel(self) -> None:
        """Ask the supervisor to give the cutover up."""
        self.ask(lambda: self.lmtui.client.request(CancelCutover()), self._told)

    def _told(self, answer: Reply | LmtuiError) -> None:
        if isinstance(answer, LmtuiError):
            self.lmtui.fail(answer)
        elif answer.ok:
            self._cancelling = True
            self.query_one("#clock", Strip).redraw()
        else:
            self.lmtui.fail(LmtuiError(answer.title, answer.detail, answer.hint))

    def action_put_away(self) -> None:
        """Take away a banner that was read."""
        self.lmtui.dismiss_banner()

    def action_resume(self) -> None:
        """Go on where it stopped."""
        self.lmtui.resume()

    def action_log(self) -> None:
        """All events."""
        from screens.events_log import EventsScreen

        self.app.push_screen(EventsScreen())
