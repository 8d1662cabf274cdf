"""The live panel and the result, by keys; where the app opens and how it is left."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
from driving import Opened, bindings, follow, paste, settle, text
from fake_client import FakeClient

from lmtui import events as e
from lmtui.control import GoOn, Stop
from lmtui.errors import LmtuiError, NoMigrationError
from lmtui.phases import Status
from lmtui.state import State
from screens.app import LmtuiApp, detach_message
from screens.connections import ConnectionsScreen
from screens.cutover import CutoverScreen
from screens.cutting import CuttingScreen
from screens.events_log import EventsScreen
from screens.panel import PanelScreen
from screens.result import ResultScreen
from screens.standing import Banner, banner, base_screen, cutover_refusal
from screens.stop import StopScreen
from screens.unreadable import UnreadableScreen
from screens.widgets.listing import Listing
from screens.widgets.uri_input import UriInput

Open = Callable[..., Opened]


BLOCKED = (
    stories.Journal()
    .add(
        e.StatusChanged(
            status=Status.WAITING,
            problem=e.Problem(
                title="2 checks stand in the way", detail="lines: 2", hint="See lmtui check."
            ),
        )
    )
    .state()
)


@pytest.mark.parametrize(
    ("state", "screen"),
    [
        (State(), ConnectionsScreen),
        (stories.copying(), PanelScreen),
        (stories.failed(), PanelScreen),
        (endings.cutting(), CuttingScreen),
        (endings.given_up(), PanelScreen),
        (endings.result(), ResultScreen),
    ],
    ids=["nothing", "copying", "failed", "cutting", "given up", "complete"],
)
async def test_it_opens_where_the_migration_is(
    opened: Open, state: State, screen: type[object]
) -> None:
    async with opened(FakeClient(state)) as pilot:
        assert isinstance(pilot.app.screen, screen)


async def test_stopping_needs_the_word(opened: Open) -> None:
    client = FakeClient(stories.copying())
    async with opened(client) as pilot:
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("enter", *"sto", "enter")
        await settle(pilot)
        assert client.requests == []
        assert isinstance(pilot.app.screen, StopScreen)
        await pilot.press("p", "enter")
        await settle(pilot)
        assert client.requests == [Stop()]
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_a_supervisor_that_is_gone_refuses_in_words(opened: Open) -> None:
    client = FakeClient(stories.copying(), reply=NoMigrationError("No migration runs here"))
    async with opened(client) as pilot:
        await pilot.press("s")
        await settle(pilot)
        await pilot.press(*"stop", "enter")
        await settle(pilot)
        assert "No migration runs here" in text(pilot, "#refusal")


async def test_resume_asks_for_the_connections_where_they_are_unknown(opened: Open) -> None:
    client = FakeClient(stories.failed(), alive=False, after_start=stories.replaying())
    async with opened(client) as pilot:
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ConnectionsScreen)
        for words in ("host=s dbname=shop", "host=t dbname=tsdb"):
            await paste(pilot, words)
            await pilot.press("enter")
        await settle(pilot)
        assert len(client.started) == 1
        assert client.checked == []
        assert isinstance(pilot.app.screen, PanelScreen)
        assert len(pilot.app.screen_stack) == 2


async def test_resume_goes_on_at_once_where_they_are_known(opened: Open) -> None:
    client = FakeClient(stories.failed(), alive=False, after_start=stories.replaying())
    async with opened(client, source=stories.SOURCE_URI, target=stories.TARGET_URI) as pilot:
        assert "Press r to resume" in text(pilot, "#banner")
        await pilot.press("r")
        await settle(pilot)
        assert len(client.started) == 1
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_the_log_follows_and_closes_with_its_own_key(opened: Open) -> None:
    client = FakeClient(stories.copying())
    async with opened(client) as pilot:
        await pilot.press("l")
        await settle(pilot)
        assert isinstance(pilot.app.screen, EventsScreen)
        listing = pilot.app.screen.query_one(Listing)
        before = len(listing.items)
        await follow(pilot, client, stories.replaying())
        assert len(listing.items) == before + 3
        assert listing.current is listing.items[-1]
        await pilot.press("l")
        await settle(pilot)
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_what_differs_is_the_first_row(opened: Open) -> None:
    async with opened(FakeClient(endings.result(lost=3))) as pilot:
        listing = pilot.app.screen.query_one(Listing)
        assert listing.items[0].words == "public.order_lines"
        assert "Not proven: 1 relation of 17 differs" in text(pilot, "#headline")


async def test_detaching_says_how_to_come_back(
    opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(FakeClient(stories.copying())) as pilot:
        await pilot.press("ctrl+c")
        await settle(pilot)
        assert pilot.app.is_running
        await pilot.press("ctrl+q")
        await settle(pilot)
    assert capsys.readouterr().err == (
        "The migration of shop keeps running (copy). To come back:\n  lmtui --dir /var/lib/lmtui\n"
    )


def test_leaving_a_migration_that_does_not_run_says_so() -> None:
    message = detach_message(stories.failed(), False, "/d")
    assert message == "The migration of shop does not run. To go on with it:\n  lmtui --dir /d"
    assert "is complete" in detach_message(endings.result(), False, "/d")


@pytest.mark.parametrize(
    "state", [State(), stories.caught_up(), endings.cutting(), endings.result()]
)
async def test_a_small_terminal_is_asked_to_grow_and_comes_back(opened: Open, state: State) -> None:
    async with opened(FakeClient(state)) as pilot:
        await pilot.resize_terminal(60, 15)
        await settle(pilot)
        assert "80x24 (now 60x15)" in text(pilot, "#enlarge")
        shown = [widget.id for widget in pilot.app.screen.children if widget.display]
        assert [name for name in shown if name and not name.startswith("textual")] == ["enlarge"]
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not pilot.app.screen.query_one("#enlarge").display
        assert len([widget for widget in pilot.app.screen.children if widget.display]) > 2


async def test_a_journal_that_cannot_be_read_is_said_and_read_again(
    opened: Open, tmp_path: Path
) -> None:
    class Torn(FakeClient):
        torn = False

        def poll(self) -> State:
            if self.torn:
                raise ValueError("line 7 is torn")
            return super().poll()

    client = Torn(stories.copying())
    async with opened(client, directory=str(tmp_path)) as pilot:
        client.torn = True
        await follow(pilot, client, stories.copying())
        assert "lmtui itself failed  ValueError: line 7 is torn" in text(pilot, "#banner")
        client.torn = False
        await follow(pilot, client, endings.result())
        assert isinstance(pilot.app.screen, ResultScreen)


async def test_a_journal_that_cannot_be_read_at_all_is_said(opened: Open) -> None:
    class Torn(FakeClient):
        def poll(self) -> State:
            raise LmtuiError("The journal cannot be read behind its record 3", "torn", "Look.")

    async with opened(Torn()) as pilot:
        assert isinstance(pilot.app.screen, UnreadableScreen)
        assert "behind its record 3  torn. Look." in text(pilot, "#banner")


async def test_what_failed_stays_until_it_is_dismissed(opened: Open, tmp_path: Path) -> None:
    client = FakeClient(endings.cutting(), reply=ValueError("no such thing"))
    async with opened(client, directory=str(tmp_path)) as pilot:
        await pilot.press("x")
        await settle(pilot)
        said = text(pilot, "#banner")
        assert "lmtui itself failed  ValueError: no such thing." in said
        assert "wizard.log" in said
        assert "ValueError: no such thing" in (tmp_path / "logs" / "wizard.log").read_text()
        await pilot.press("d")
        await settle(pilot)
        assert not pilot.app.screen.query_one("#banner").display


async def test_a_given_up_cutover_is_read_and_dismissed(opened: Open) -> None:
    client = FakeClient(endings.given_up())
    async with opened(client) as pilot:
        assert "given up" in text(pilot, "#banner")
        await pilot.press("d")
        await settle(pilot)
        assert text(pilot, "#banner") == ""
        assert "Dismiss" not in bindings(pilot)


class Rung(LmtuiApp):
    """Counts its bells."""

    CSS_PATH = None
    bells = 0

    def bell(self) -> None:
        self.bells += 1


async def test_the_bell_rings_once_for_what_matters() -> None:
    client = FakeClient(stories.replaying())
    app = Rung(client, clock=lambda: stories.NOW, environment={"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rung = []
        for state in (
            stories.caught_up(), stories.caught_up(), stories.falling_behind(),
            stories.caught_up(), stories.failed(),
        ):  # fmt: skip
            await follow(pilot, client, state)
            rung.append(app.bells)
    # The second catching up comes within a minute of the first.
    assert rung == [1, 1, 1, 1, 2]


def test_every_state_has_a_screen_and_a_reason() -> None:
    assert base_screen(State()) == "wizard"
    assert "initial copy" in cutover_refusal(stories.copying(), alive=True)
    assert "stands still (r first)" in cutover_refusal(stories.caught_up(), alive=False)
    assert cutover_refusal(stories.caught_up(), alive=True) == ""
    assert "under way" in cutover_refusal(endings.cutting(), alive=True)
    assert "complete" in cutover_refusal(endings.result(), alive=True)
    gone = banner(stories.copying(), alive=False)
    assert gone is not None
    assert gone.level == "failed"
    assert banner(stories.copying(), alive=True) is None


async def test_a_held_snapshot_waits_for_the_word(opened: Open) -> None:
    journal = stories.copying_journal().add(e.StatusChanged(status=Status.WAITING))
    client = FakeClient(journal.state())
    async with opened(client) as pilot:
        assert "nothing is copied yet" in text(pilot, "#banner")
        await pilot.press("g")
        await settle(pilot)
        assert client.requests == [GoOn()]
        await follow(pilot, client, stories.replaying())
        assert "Go on" not in bindings(pilot)


def test_blocked_by_preflight_is_not_a_crash() -> None:
    said = banner(BLOCKED, alive=False)
    assert said == Banner(
        "warning",
        "2 checks stand in the way.",
        "w goes through the steps again, r checks again. lines: 2.",
    )


async def test_blocked_by_preflight_leads_back_to_the_steps(opened: Open) -> None:
    client = FakeClient(BLOCKED, alive=False)
    async with opened(client, source=stories.SOURCE_URI, target=stories.TARGET_URI) as pilot:
        assert "Steps" in bindings(pilot)
        await pilot.press("w")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ConnectionsScreen)
        assert "Nothing was begun yet" in text(pilot, "#intro")
        assert pilot.app.screen.query_one("#source", UriInput).value == stories.SOURCE_URI
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, PanelScreen)
    async with opened(FakeClient(stories.failed(), alive=False)) as pilot:
        assert "Steps" not in bindings(pilot)


async def test_the_palette_offers_what_the_keys_offer(opened: Open) -> None:
    async with opened(FakeClient(stories.caught_up())) as pilot:
        screen = pilot.app.screen
        titles = [command.title for command in pilot.app.get_system_commands(screen)]
        assert sorted(titles) == ["Cut over", "Detach", "Help", "Log", "Stop", "Tables", "Theme"]
        await pilot.press("ctrl+p")
        await settle(pilot)
        await pilot.press(*"cut over", "down", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CutoverScreen)
