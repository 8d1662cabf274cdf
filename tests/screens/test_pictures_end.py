"""The cutover, its end and what is left, as pictures."""

from collections.abc import Callable

import endings
import pytest
import stories
import worst
from driving import Opened, Picture, settle
from fake_client import FakeClient

from lmtui.ledger import Entry

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}


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


async def test_cleaning(opened: Open, picture: Picture) -> None:
    entries = [
        Entry(id=number, side=side, what=what, before="", undo="select 1")
        for number, (side, what) in enumerate(
            (
                ("source", "job 1000 (Compression) paused"),
                ("source", "job 1001 (Retention) paused"),
                ("target", "schema lmtui made for the progress of the replay"),
            )
        )
    ]
    async with opened(FakeClient(endings.result(), changed=entries), **BOTH) as pilot:
        await pilot.press("x")
        await picture(pilot, "cleaning")


async def test_cleaned_up(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.cleaned_up())) as pilot:
        await picture(pilot, "result-cleaned-up")


async def test_the_worst_result(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(endings.worst_result())) as pilot:
        await pilot.press("enter")
        await picture(pilot, "result-worst")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_worst_cutover(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(FakeClient(worst.gates()), size=size) as pilot:
        await pilot.press("c")
        await picture(pilot, f"cutover-worst-{size[0]}")


async def test_cutover_at_its_ends(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(worst.cutover_asked())) as pilot:
        await picture(pilot, "cutting-empty")
    async with opened(FakeClient(worst.cutover_failed())) as pilot:
        await picture(pilot, "cutting-worst")


async def test_result_of_nothing(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(worst.abandoned())) as pilot:
        await picture(pilot, "result-empty")


async def test_results_with_room(opened: Open, picture: Picture) -> None:
    for name, state in (("proven", endings.result()), ("worst", endings.worst_result())):
        async with opened(FakeClient(state), size=(120, 40)) as pilot:
            await picture(pilot, f"result-{name}-120")


async def test_cleaning_at_its_ends(opened: Open, picture: Picture) -> None:
    entries = [
        Entry(id=number, side="target", what=f"{worst.ODD} {number}", before="", undo="select 1")
        for number in range(40)
    ]
    for name, changed in (("empty", []), ("worst", entries)):
        client = FakeClient(stories.failed(), alive=False, changed=changed)
        async with opened(client, **BOTH) as pilot:
            await pilot.press("x", *"sho")
            await picture(pilot, f"cleaning-{name}")
