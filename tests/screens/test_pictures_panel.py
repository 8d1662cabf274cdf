"""The live panel and what opens from it, as pictures."""

from collections.abc import Callable

import endings
import pytest
import stories
import worst
from driving import Opened, Picture, settle
from fake_client import FakeClient

from lmtui.errors import LmtuiError
from lmtui.sample import TableCopy
from lmtui.state import State

Open = Callable[..., Opened]


PANELS: dict[str, Callable[[], State]] = {
    "preparing": lambda: stories.prepared().state(),
    "copy": stories.copying,
    "copy-on": stories.copying_on,
    "anew": stories.copied_anew,
    "not-whole": lambda: stories.copied_anew(problem=stories.NOT_COPIED),
    "replaying": stories.replaying,
    "caught-up": stories.caught_up,
    "falling-behind": stories.falling_behind,
    "failed": stories.failed,
    "given-up": endings.given_up,
    "stopped": worst.stopped,
    "worst": worst.filling,
}


@pytest.mark.parametrize("name", PANELS)
async def test_panel(opened: Open, picture: Picture, name: str) -> None:
    async with opened(FakeClient(PANELS[name]())) as pilot:
        await picture(pilot, f"panel-{name}")


@pytest.mark.parametrize(
    "name", ["copy", "copy-on", "anew", "not-whole", "caught-up", "failed", "worst"]
)
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
async def test_tables(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    state = stories.copying(odd_names=True)
    assert state.sample is not None
    tables = (
        *state.sample.copy.tables,
        *(
            TableCopy(
                schema="log", name=f"y2026m{month:02}", bytes_done=0, state="waiting",
                bytes_total=month * 3 * stories.GIB,
            )
            for month in range(1, 13)
        ),
        *(
            TableCopy(
                schema="public", name=name, bytes_done=stories.GIB, state="done",
                bytes_total=stories.GIB,
            )
            for name in ("customers", "orders")
        ),
    )  # fmt: skip
    async with opened(FakeClient(state, all_tables=tables), size=size) as pilot:
        await pilot.press("t")
        await picture(pilot, f"tables-{size[0]}")


COPIED = tuple(
    TableCopy(
        schema=schema, name=name, bytes_done=stories.GIB, bytes_total=stories.GIB, state="done",
        hypertable=hypertable,
    )
    for schema, name, hypertable in (
        ("public", "customers", ""),
        ("public", "orders", ""),
        ("_timescaledb_internal", "_hyper_1_1_chunk", "sensors.readings"),
        ("_timescaledb_internal", "_hyper_1_2_chunk", "sensors.readings"),
    )
)  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_tables_copied_anew(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(FakeClient(stories.copied_anew(), all_tables=COPIED), size=size) as pilot:
        await pilot.press("t")
        await picture(pilot, f"tables-anew-{size[0]}")
    state = stories.copied_anew(problem=stories.NOT_COPIED)
    async with opened(FakeClient(state, all_tables=COPIED), size=size) as pilot:
        await pilot.press("t")
        await picture(pilot, f"tables-not-whole-{size[0]}")
    async with opened(FakeClient(stories.caught_up(), all_tables=COPIED), size=size) as pilot:
        await pilot.press("t")
        await settle(pilot)
        await pilot.press("r")
        await picture(pilot, f"tables-resync-{size[0]}")


async def test_unreadable(opened: Open, picture: Picture) -> None:
    class Torn(FakeClient):
        def poll(self) -> State:
            raise LmtuiError(
                "The journal cannot be read behind its record 41",
                "Invalid value 'X' - at `$.event.kind`",
                "It is damaged, or was written by a later lmtui.",
            )

    async with opened(Torn()) as pilot:
        await picture(pilot, "unreadable")


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


async def test_tables_at_their_ends(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.copying())) as pilot:
        await pilot.press("t")
        await picture(pilot, "tables-empty")
    state = stories.copying(odd_names=True)
    assert state.sample is not None
    client = FakeClient(state, all_tables=state.sample.copy.tables * 9)
    async with opened(client) as pilot:
        await pilot.press("t", "slash", *"表", "enter")
        await picture(pilot, "tables-worst")


async def test_log_at_its_ends(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.copying())) as pilot:
        await pilot.press("l", "3")
        await picture(pilot, "log-empty")
    for size in ((80, 24), (120, 40)):
        async with opened(FakeClient(worst.loud()), size=size) as pilot:
            await pilot.press("l", "2")
            await picture(pilot, f"log-worst-{size[0]}")


async def test_palette(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.copying())) as pilot:
        await pilot.press("ctrl+p")
        await picture(pilot, "palette")


async def test_passing_words(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stories.copying()), notifications=True) as pilot:
        await pilot.press("c")
        await settle(pilot)
        await picture(pilot, "told")
