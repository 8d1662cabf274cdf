"""The step for hypertables as pictures, and what it changes on the review."""

from collections.abc import Callable

import dividing
import pytest
import stories
from driving import Opened, Picture, settle
from fake_client import FakeClient
from textual.pilot import Pilot

from lmtui.errors import ConnectionFailedError
from lmtui.hypertables.wanted import Candidate, Wanted
from lmtui.plan import Plan
from screens.hypertables import HypertablesScreen

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


def client(candidates: tuple[Candidate, ...] | Exception) -> FakeClient:
    return FakeClient(servers=dividing.PLAIN_SERVERS, candidates=candidates)


async def step(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def to_hypertables(pilot: Pilot[None]) -> None:
    await step(pilot, "f8", "n", "n", "n")
    assert isinstance(pilot.app.screen, HypertablesScreen)


@SIZES
async def test_no_table(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(client(()), size=size, **BOTH) as pilot:
        await to_hypertables(pilot)
        await picture(pilot, f"hypertables-empty-{size[0]}")


@SIZES
async def test_the_tables_of_a_shop(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(client(dividing.TYPICAL), size=size, **BOTH) as pilot:
        await to_hypertables(pilot)
        # The second is refused: the cursor stays on it.
        await step(pilot, "space", "space")
        await picture(pilot, f"hypertables-obstacle-{size[0]}")
        await step(pilot, "down", "i", "space", "g")
        await picture(pilot, f"hypertables-{size[0]}")
        await step(pilot, "n")
        await picture(pilot, f"hypertables-review-{size[0]}")
        await step(pilot, "w", "down", "down", "down")
        await picture(pilot, f"hypertables-commands-{size[0]}")


@SIZES
async def test_the_worst_tables(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    async with opened(client(dividing.WORST), size=size, **BOTH) as pilot:
        await to_hypertables(pilot)
        await picture(pilot, f"hypertables-worst-{size[0]}")
        await step(pilot, "down", "e", *"x")
        await picture(pilot, f"hypertables-worst-typed-{size[0]}")


@SIZES
async def test_the_worst_review_of_hypertables(
    opened: Open, picture: Picture, size: tuple[int, int]
) -> None:
    odd = dividing.ODD
    wanted = [
        Wanted(schema=odd.schema, name=f"{number} {odd.name}", column=odd.columns[0],
               interval="1 day")
        for number in range(30)
    ]  # fmt: skip
    plan = Plan(hypertables=tuple(wanted))
    async with opened(client(()), size=size, plan=plan, **BOTH) as pilot:
        await to_hypertables(pilot)
        await picture(pilot, f"hypertables-gone-{size[0]}")
        from screens.review import ReviewScreen

        pilot.app.push_screen(ReviewScreen())
        await picture(pilot, f"hypertables-review-worst-{size[0]}")


async def test_a_source_that_cannot_be_read(opened: Open, picture: Picture) -> None:
    error = ConnectionFailedError(
        "The source cannot be reached",
        'connection to server at "db1.internal", port 5432 failed: Connection refused',
        "Is the server up, and does it listen there?",
    )
    async with opened(client(error), **BOTH) as pilot:
        await to_hypertables(pilot)
        await picture(pilot, "hypertables-unreachable")
