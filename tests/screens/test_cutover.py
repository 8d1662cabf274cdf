"""The cutover by keys: its gates, the name that must be typed, cancelling."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import endings
import stories
from driving import Opened, bindings, follow, settle, text
from fake_client import FakeClient
from textual.events import Key
from textual.widgets import Button, Input

import lmtui
from lmtui.control import CancelCutover, Cutover, Reply
from screens import gates
from screens.cutover import CutoverScreen
from screens.cutting import CuttingScreen, cancel_refusal, clock_text
from screens.glyphs import UNICODE
from screens.panel import PanelScreen
from screens.result import ResultScreen

Open = Callable[..., Opened]


async def test_the_cutover_is_closed_with_a_reason_until_replay_runs(opened: Open) -> None:
    client = FakeClient(stories.copying())
    async with opened(client) as pilot:
        assert bindings(pilot)["Cut over"] is False
        await pilot.press("c")
        await settle(pilot)
        assert isinstance(pilot.app.screen, PanelScreen)
        said = [notice.message for notice in pilot.app._notifications]
        assert said == [
            "Cut over: not now, it comes after the initial copy (now: copy)",
        ]  # fmt: skip


async def test_gates_are_shown_before_they_are_open(opened: Open) -> None:
    client = FakeClient(stories.replaying())
    async with opened(client) as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CutoverScreen)
        assert "Not possible: The target has not caught up" in text(pilot, "#verdict")
        assert "✗ caught up" in text(pilot, "#verdict")
        assert "· compared ahead" in text(pilot, "#verdict")
        assert "Wait until it has" in text(pilot, "#gates-words")
        await pilot.press(*"shop", "enter")
        await settle(pilot)
        assert client.requests == []
        await follow(pilot, client, stories.caught_up())
        assert "✓ caught up" in text(pilot, "#verdict")
        await pilot.press("enter")
        await settle(pilot)
        assert len(client.requests) == 1


def test_every_gate_of_the_engine_has_a_place() -> None:
    known = set().union(*gates.GATES.values())
    source = "".join(
        path.read_text() for path in (Path(lmtui.__file__).parent / "cutover").glob("*.py")
    )
    codes = re.findall(r'(?:blocker|warning)\(\s*"([a-z_]+)"', source)
    assert set(codes) <= known
    assert len(codes) > 10


async def test_a_terminal_that_was_too_small_gives_the_field_back(opened: Open) -> None:
    async with opened(FakeClient(stories.caught_up())) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("s", "h")
        await pilot.resize_terminal(60, 15)
        await settle(pilot)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert pilot.app.screen.query_one("#name", Input).value == "sho"


async def test_a_wrong_name_does_nothing(opened: Open) -> None:
    client = FakeClient(stories.caught_up())
    async with opened(client) as pilot:
        await pilot.press("c")
        await settle(pilot)
        for wrong in ("sho", "SHOP", "tsdb", ""):
            pilot.app.screen.query_one("#name", Input).value = wrong
            await settle(pilot)
            assert pilot.app.screen.query_one("#go", Button).disabled
            await pilot.press("enter")
            await settle(pilot)
        assert client.requests == []
        assert isinstance(pilot.app.screen, CutoverScreen)


async def test_the_right_name_cuts_over_with_the_chosen_fence(opened: Open) -> None:
    client = FakeClient(stories.caught_up())
    async with opened(client) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("shift+tab", "right", "tab", *"shop", "enter")
        await settle(pilot)
        assert client.requests == [Cutover(confirm="shop", fence="terminate", timeout_seconds=300)]
        assert isinstance(pilot.app.screen, PanelScreen)
        await follow(pilot, client, endings.cutting())
        assert isinstance(pilot.app.screen, CuttingScreen)
        assert len(pilot.app.screen_stack) == 2


async def test_a_refused_cutover_says_why_and_stays(opened: Open) -> None:
    refusal = Reply(ok=False, title="The schema changed", hint="Look at lmtui status.")
    client = FakeClient(stories.caught_up(), reply=lambda _: refusal)
    async with opened(client) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press(*"shop", "enter")
        await settle(pilot)
        assert "The schema changed" in text(pilot, "#refusal")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_a_gate_that_closes_meanwhile_closes_the_button(opened: Open) -> None:
    client = FakeClient(stories.caught_up())
    async with opened(client) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press(*"shop")
        await settle(pilot)
        assert not pilot.app.screen.query_one("#go", Button).disabled
        await follow(pilot, client, stories.falling_behind())
        assert pilot.app.screen.query_one("#go", Button).disabled
        assert "The target has not caught up" in text(pilot, "#refusal")
        await pilot.press("enter")
        await settle(pilot)
        assert client.requests == []


async def test_x_cancels_until_the_drain_is_proven(opened: Open) -> None:
    client = FakeClient(endings.cutting())
    async with opened(client) as pilot:
        await pilot.press("x")
        await settle(pilot)
        assert client.requests == [CancelCutover()]
        await follow(pilot, client, endings.drained_journal().state())
        assert bindings(pilot)["Cancel the cutover"] is False
        await pilot.press("x")
        await settle(pilot)
        assert len(client.requests) == 1
        await follow(pilot, client, endings.result())
        assert isinstance(pilot.app.screen, ResultScreen)


async def test_a_cutover_that_is_given_up_leads_back_to_the_panel(opened: Open) -> None:
    client = FakeClient(endings.cutting())
    async with opened(client) as pilot:
        await follow(pilot, client, endings.given_up())
        assert isinstance(pilot.app.screen, PanelScreen)
        assert "not drained within 5 min" in text(pilot, "#banner")


def test_the_downtime_clock_runs_from_the_fence() -> None:
    state = endings.cutting()
    words = clock_text(state, stories.NOW + timedelta(seconds=6), 76, UNICODE).plain
    assert "Downtime 10 s" in words
    assert cancel_refusal(state, alive=True) == ""
    assert "does not run" in cancel_refusal(state, alive=False)


async def test_a_cancelled_cutover_says_so_until_its_step_has_ended(opened: Open) -> None:
    client = FakeClient(endings.cutting())
    async with opened(client) as pilot:
        await pilot.press("x")
        await settle(pilot)
        words = str(pilot.app.screen.query_one("#clock").render())
        assert "being cancelled, once this step ends" in words


async def test_the_dialog_says_which_key_begins(opened: Open) -> None:
    async with opened(FakeClient(stories.caught_up())) as pilot:
        await pilot.press("c")
        await settle(pilot)
        assert "tab goes to the fence" in text(pilot, "#refusal")
        await pilot.press("s", "h", "o", "p")
        await settle(pilot)
        assert text(pilot, "#refusal") == "enter begins the cutover."


async def test_keys_of_one_packet_keep_their_order(opened: Open) -> None:
    async with opened(FakeClient(stories.caught_up())) as pilot:
        await pilot.press("c")
        await settle(pilot)
        # As the terminal's driver does it: without a pause between the keys.
        for key in ("s", "h", "o", "x", "backspace", "p", "home", "a", "left"):
            pilot.app.post_message(Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert pilot.app.screen.query_one("#name", Input).value == "ashop"
