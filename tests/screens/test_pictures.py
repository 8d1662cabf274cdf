"""Every screen as a picture: `make snapshots` takes them anew, and a person looks at them."""

from collections.abc import Callable

import endings
import pytest
import stories
from conftest import Opened, Picture, settle
from fake_client import FakeClient

from lmtui.errors import ConnectionFailedError
from lmtui.state import State

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}


async def test_connections_empty(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient()) as pilot:
        await picture(pilot, "connections-empty")


async def test_connections_with_both_sides(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        await picture(pilot, "connections")


async def test_connections_with_a_mistake(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), source="postgres//[b]oops", target="") as pilot:
        await pilot.press("f8")
        await picture(pilot, "connections-mistake")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_findings(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(FakeClient(findings=endings.findings()), size=size, **BOTH) as pilot:
        await pilot.press("f8")
        await picture(pilot, f"findings-{size[0]}")


async def test_findings_of_an_odd_name(opened: Open, picture: Picture) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, **BOTH) as pilot:
        await pilot.press("f8")
        await picture(pilot, "findings-no-blocker")


async def test_findings_unreachable(opened: Open, picture: Picture) -> None:
    error = ConnectionFailedError(
        "The source cannot be reached",
        'connection to server at "db1.internal", port 5432 failed: Connection refused',
        "Is the server up, and does it listen there?",
    )
    async with opened(FakeClient(findings=error), **BOTH) as pilot:
        await pilot.press("f8")
        await picture(pilot, "findings-unreachable")


async def test_review(opened: Open, picture: Picture) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, **BOTH) as pilot:
        await pilot.press("f8")
        await settle(pilot)
        await pilot.press("n")
        await picture(pilot, "review")


PANELS: dict[str, Callable[[], State]] = {
    "preparing": lambda: stories.prepared().state(),
    "copy": stories.copying,
    "replaying": stories.replaying,
    "caught-up": stories.caught_up,
    "falling-behind": stories.falling_behind,
    "failed": stories.failed,
    "given-up": endings.given_up,
}


@pytest.mark.parametrize("name", PANELS)
async def test_panel(opened: Open, picture: Picture, name: str) -> None:
    async with opened(FakeClient(PANELS[name]())) as pilot:
        await picture(pilot, f"panel-{name}")


@pytest.mark.parametrize("name", ["copy", "caught-up"])
async def test_panel_with_room(opened: Open, picture: Picture, name: str) -> None:
    async with opened(FakeClient(PANELS[name]()), size=(120, 40)) as pilot:
        await picture(pilot, f"panel-{name}-120x40")


async def test_panel_with_odd_names(opened: Open, picture: Picture) -> None:
    state = stories.copying(stories.LONG_ENDPOINTS, odd_names=True)
    async with opened(FakeClient(state), size=(80, 40)) as pilot:
        await picture(pilot, "panel-odd-names")


async def test_panel_without_a_supervisor(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.replaying(), alive=False)) as pilot:
        await picture(pilot, "panel-no-supervisor")


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("light", {"TERM": "xterm-256color", "COLORFGBG": "0;15"}),
        ("sixteen-colours", {"TERM": "screen"}),
        ("no-colour", {"TERM": "xterm-256color", "NO_COLOR": "1"}),
        ("ascii", {"TERM": "xterm-256color", "LC_ALL": "C"}),
    ],
)
async def test_panel_in_other_terminals(
    opened: Open,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    environment: dict[str, str],
) -> None:
    # Textual itself reads NO_COLOR from the process.
    if "NO_COLOR" in environment:
        monkeypatch.setenv("NO_COLOR", "1")
    async with opened(FakeClient(stories.caught_up()), environment=environment) as pilot:
        await picture(pilot, f"panel-{name}")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_cutover(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(FakeClient(stories.caught_up()), size=size) as pilot:
        await pilot.press("c")
        await picture(pilot, f"cutover-{size[0]}")


async def test_cutover_with_the_name_of_an_odd_database(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.caught_up(stories.LONG_ENDPOINTS))) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await pilot.press(*"x[/b]")
        await picture(pilot, "cutover-typed")


async def test_cutover_running(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.cutting())) as pilot:
        await picture(pilot, "cutting")


async def test_cutover_drained(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.drained_journal().state())) as pilot:
        await picture(pilot, "cutting-drained")


async def test_result_proven(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.result())) as pilot:
        await picture(pilot, "result-proven")


async def test_result_not_proven(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.result(lost=3))) as pilot:
        await picture(pilot, "result-not-proven")


async def test_help(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.caught_up())) as pilot:
        await pilot.press("question_mark")
        await picture(pilot, "help")


async def test_stop(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.copying())) as pilot:
        await pilot.press("s")
        await picture(pilot, "stop")


async def test_log(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.falling_behind())) as pilot:
        await pilot.press("l")
        await picture(pilot, "log")


async def test_too_small(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.caught_up()), size=(72, 20)) as pilot:
        await picture(pilot, "too-small")
