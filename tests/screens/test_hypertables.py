"""The step for hypertables by keys: what it marks, refuses, keeps, and hands to the plan."""

import time
from collections.abc import Callable
from pathlib import Path

import dividing
import endings
import pytest
import stories
from driving import Opened, bindings, settle, text
from fake_client import FakeClient
from msgspec.structs import replace
from servers import SERVERS, TARGET
from textual.pilot import Pilot
from textual.widgets import Input

from lmtui.errors import LmtuiError, ServerError
from lmtui.events import Finding
from lmtui.hypertables.wanted import Candidate, Wanted
from lmtui.look import Seen
from lmtui.plan import Plan
from screens.app import LmtuiApp
from screens.divisions import Divisions, intervals, listed, read_interval
from screens.glyphs import ASCII, UNICODE
from screens.help import HelpScreen
from screens.hypertables import HypertablesScreen
from screens.planned import PlannedScreen
from screens.review import ReviewScreen
from screens.starting import StartingScreen
from screens.steps import STEPS, step_rail
from screens.topics import TuningScreen
from screens.widgets.listing import Listing

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}
KEY_SECONDS = 0.05


def client(
    candidates: tuple[Candidate, ...] | Exception = dividing.TYPICAL,
    servers: dict[str, Seen] = dividing.PLAIN_SERVERS,
) -> FakeClient:
    found = endings.findings(blocked=False)
    return FakeClient(findings=found, servers=servers, candidates=candidates)


async def step(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def to_hypertables(pilot: Pilot[None]) -> None:
    await step(pilot, "f8", "n", "n", "n")
    assert isinstance(pilot.app.screen, HypertablesScreen)


def plan(pilot: Pilot[None]) -> list[tuple[str, str, str]]:
    assert isinstance(pilot.app, LmtuiApp)
    return [(one.name, one.column, one.interval) for one in pilot.app.plan.hypertables]


def told(pilot: Pilot[None]) -> list[str]:
    return [notice.message for notice in pilot.app._notifications]


@pytest.mark.parametrize(
    ("servers", "there"),
    [
        (SERVERS, False),
        (dividing.PLAIN_SERVERS, True),
        ({**dividing.PLAIN_SERVERS, "target": replace(TARGET, timescaledb="")}, True),
        (
            {
                **dividing.PLAIN_SERVERS,
                "target": replace(TARGET, timescaledb="", extensions={}, available={}),
            },
            False,
        ),
    ],
)
async def test_it_is_there_where_the_source_is_plain_and_the_target_is_not(
    opened: Open, servers: dict[str, Seen], there: bool
) -> None:
    async with opened(client(servers=servers), **BOTH) as pilot:
        await step(pilot, "f8", "n", "n", "n")
        assert isinstance(pilot.app.screen, HypertablesScreen if there else ReviewScreen)
        rail = str(pilot.app.screen.query_one("#rail").render())
        assert ("Hypertables" in rail) is there


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("now", STEPS)
def test_the_rail_fits_with_and_without_it(now: str, glyphs: object) -> None:
    for divides in (True, False):
        if divides or now != "Hypertables":
            rail = step_rail(now, glyphs, 78, divides=divides)  # type: ignore[arg-type]
            assert rail.cell_length <= 78
            assert rail.plain.startswith("lmtui") is not divides


async def test_nothing_is_marked_until_it_is(opened: Open) -> None:
    made = client()
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        ((source, version),) = made.read
        assert (source.database, version) == ("shop", "2.19.3")
        assert plan(pilot) == []
        assert "5 tables, none marked" in text(pilot, "#counted")
        await step(pilot, "space")
        assert plan(pilot) == [("readings", "at", "1 day")]
        assert "1 marked, 41.0 GiB" in text(pilot, "#counted")
        await step(pilot, "up", "space")
        assert plan(pilot) == []


async def test_column_and_chunks_go_into_the_plan_and_to_the_supervisor(opened: Open) -> None:
    made = client()
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "space", "up", "i")
        assert plan(pilot) == [("readings", "at", "7 days")]
        await step(pilot, "c")
        assert plan(pilot) == [("readings", "day", "7 days")]
        await step(pilot, "right")
        assert plan(pilot) == [("readings", "id", "1000000")]
        assert "chunk_time_interval => 1000000" in text(pilot, "#words")
        await step(pilot, "left", "left")
        # What was chosen for a column is still its own.
        assert plan(pilot) == [("readings", "at", "7 days")]
        await step(pilot, "enter")
        assert isinstance(pilot.app.screen, ReviewScreen)
        words = text(pilot, "#steps")
        assert "4. Hypertables public.readings by at, chunks of 7 days" in words
        assert "3. Copy" in words
        await step(pilot, "w")
        commands = pilot.app.screen.query_one("#listing", Listing).items
        made_by = [c.text for c in commands if "create_hypertable" in c.text]
        assert made_by == [
            """SELECT create_hypertable('"public"."readings"', 'at',"""
            " chunk_time_interval => INTERVAL '7 days', create_default_indexes => false)"
        ]
        await step(pilot, "escape", "s")
        assert isinstance(pilot.app.screen, StartingScreen)
        ((_, _, started),) = made.started
        assert started.hypertables == (
            Wanted(schema="public", name="readings", column="at", interval="7 days"),
        )


async def test_what_the_checks_say_of_the_marks_comes_before_the_review(opened: Open) -> None:
    made = client()
    calm = endings.findings(blocked=False)
    blocked = Finding(
        id="hypertables.target", side="target", severity="blocker", topic="hypertables",
        title="The target's database has no TimescaleDB yet",
    )  # fmt: skip
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        made.findings = (*calm, blocked)
        await step(pilot, "space", "enter")
        assert isinstance(pilot.app.screen, PlannedScreen)
        assert "1 blocker must be solved" in text(pilot, "#summary")
        assert [len(plan.hypertables) for _, _, plan in made.checked] == [0, 1]
        await step(pilot, "n")
        assert isinstance(pilot.app.screen, PlannedScreen)
        # The way back to the marks is open, and past the other steps too.
        await step(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, TuningScreen)
        await step(pilot, "n", "enter")
        assert isinstance(pilot.app.screen, PlannedScreen)
        made.findings = calm
        await step(pilot, "r")
        assert isinstance(pilot.app.screen, ReviewScreen)
        await step(pilot, "escape")
        assert isinstance(pilot.app.screen, HypertablesScreen)
        await step(pilot, "enter")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert len(made.checked) == 3


async def test_a_table_that_something_stands_against_is_refused_with_the_reason(
    opened: Open,
) -> None:
    async with opened(client(), **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "down")
        assert bindings(pilot)["Mark"] is False
        assert "add the" in text(pilot, "#words")
        await step(pilot, "space")
        assert plan(pilot) == []
        assert told(pilot) == [f"Mark: not now, {dividing.UNIQUE}"]


async def test_what_is_marked_and_cannot_be_done_closes_the_way_on(opened: Open) -> None:
    free = dividing.READINGS
    against = {**free.obstacles, "day": ("The column is NULL in 3.0% of the rows.",)}
    odd = Candidate(**{**vars(free), "obstacles": against})
    async with opened(client((odd,)), **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "space", "c")
        assert bindings(pilot)["Next"] is False
        await step(pilot, "enter")
        assert isinstance(pilot.app.screen, HypertablesScreen)
        assert told(pilot)[-1].startswith("Next: not now, public.readings by day: The column is")
        await step(pilot, "c", "n")
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_an_interval_of_ones_own_is_judged_while_it_is_typed(opened: Open) -> None:
    async with opened(client(), **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "space", "g", "e")
        assert pilot.app.screen.query_one("#own", Input).value == "1 day"
        assert bindings(pilot).keys() == {"Help", "Detach"}
        await step(pilot, "ctrl+u", *"3")
        assert "3 of what?" in text(pilot, "#own-words")
        await step(pilot, *" fortnights")
        assert "There is no unit fortnights" in text(pilot, "#own-words")
        await step(pilot, "enter", "n", "f8")
        assert isinstance(pilot.app.screen, HypertablesScreen)
        assert plan(pilot) == [("readings", "at", "1 day")]
        await step(pilot, "ctrl+u", *"36h")
        assert "enter takes 36 hours" in text(pilot, "#own-words")
        await step(pilot, "enter")
        assert plan(pilot) == [("readings", "at", "36 hours")]
        await step(pilot, "e", "ctrl+u", *"9 days", "escape")
        assert plan(pilot) == [("readings", "at", "36 hours")]
        # It is among the others from now on.
        await step(pilot, *["i"] * 8)
        assert plan(pilot) == [("readings", "at", "36 hours")]


async def test_nothing_is_lost_by_going_back_and_forth(opened: Open) -> None:
    made = client()
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "space", "down", "i", "i")
        await step(pilot, "escape")
        assert isinstance(pilot.app.screen, TuningScreen)
        await step(pilot, "n")
        assert plan(pilot) == [("readings", "at", "1 day")]
        assert "1 marked" in text(pilot, "#counted")
        await step(pilot, "down", "down", "space")
        assert plan(pilot)[1] == ("clicks", "happened", "365 days")
        await step(pilot, "n", "escape")
        assert len(plan(pilot)) == 2
        assert len(made.read) == 1


async def test_another_source_is_read_anew(opened: Open) -> None:
    made = client()
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "escape", "escape", "escape", "escape", "shift+tab", "end", "x")
        await to_hypertables(pilot)
        assert len(made.read) == 2


async def test_the_filter_and_the_copy(opened: Open, tmp_path: Path) -> None:
    async with opened(client(), directory=str(tmp_path), **BOTH) as pilot:
        await to_hypertables(pilot)
        await step(pilot, "slash", *"clicks")
        assert bindings(pilot).keys() == {"Help", "Detach"}
        await step(pilot, "enter", "y")
        assert "1 of 5 tables with clicks" in text(pilot, "#counted")
        assert pilot.app.clipboard == (
            """SELECT create_hypertable('"web"."clicks"', 'happened',"""
            " chunk_time_interval => INTERVAL '30 days', create_default_indexes => false);"
        )
        await step(pilot, "space", "escape")
        assert plan(pilot) == [("clicks", "happened", "30 days")]
        assert len(pilot.app.screen.query_one("#listing", Listing).items) == 5


async def test_what_was_asked_for_on_the_command_line_is_marked(opened: Open) -> None:
    asked = (
        Wanted(schema="public", name="readings", column="day", interval="30 days"),
        Wanted(schema="public", name="gone[/b]", column="at", interval="1 day"),
    )
    async with opened(client(), plan=Plan(hypertables=asked), **BOTH) as pilot:
        await to_hypertables(pilot)
        assert "6 tables, 2 marked" in text(pilot, "#counted")
        assert "No such table" in text(pilot, "#words")
        assert bindings(pilot)["Next"] is False
        await step(pilot, "space")
        assert plan(pilot) == [("readings", "day", "30 days")]
        assert "5 tables, 1 marked" in text(pilot, "#counted")
        await step(pilot, "n")
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_a_source_that_cannot_be_read_is_said_and_read_again(opened: Open) -> None:
    made = client(ServerError("The source's tables could not be looked at", "57014: timeout"))
    async with opened(made, **BOTH) as pilot:
        await to_hypertables(pilot)
        assert "could not be looked at" in text(pilot, "#banner")
        assert bindings(pilot)["Next"] is True
        made.tables_to_divide = dividing.TYPICAL
        await step(pilot, "r")
        assert not text(pilot, "#banner")
        assert "5 tables" in text(pilot, "#counted")


async def test_what_is_marked_waits_for_the_reading(opened: Open) -> None:
    made = client(LmtuiError("The source cannot be reached"))
    asked = (Wanted(schema="public", name="readings", column="at", interval="1 day"),)
    async with opened(made, plan=Plan(hypertables=asked), **BOTH) as pilot:
        await to_hypertables(pilot)
        # What was not read cannot be judged: the checks before the start do that.
        await step(pilot, "n")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert "public.readings by at" in text(pilot, "#steps")


async def test_help_and_palette_have_every_key(opened: Open) -> None:
    async with opened(client(), **BOTH) as pilot:
        await to_hypertables(pilot)
        shown = set(bindings(pilot))
        assert shown >= {"Mark", "Column", "Chunks", "Own chunks", "Copy", "Read", "Next", "Filter"}
        named = {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert shown <= named
        await step(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        helped = pilot.app.export_screenshot().replace("&#160;", " ")
        assert "Own chunks" in helped


async def test_ten_thousand_tables_answer_a_key_within_the_blink_of_an_eye(opened: Open) -> None:
    tables = dividing.many(10_000)
    marked = tuple(t.suggested for t in tables[:3000] if t.suggested is not None)
    asked = Plan(hypertables=marked)
    async with opened(client(tables), size=(120, 40), plan=asked, **BOTH) as pilot:
        await to_hypertables(pilot)
        screen, slowest = pilot.app.screen, 0.0
        assert isinstance(screen, HypertablesScreen)
        listing = screen.query_one("#listing", Listing)
        assert len(listing.items) == 10_000
        for act in (
            lambda: listing.action_move(1),
            screen.action_mark,
            lambda: screen.action_column(1),
            screen.action_interval,
            lambda: listing.action_page(1),
            lambda: setattr(screen.query_one("#filter", Input), "value", "0999"),
        ):
            took = []
            # The best of a few: other programs share this machine's processors.
            for _ in range(3):
                began = time.process_time()
                act()
                await pilot.pause()
                took.append(time.process_time() - began)
            slowest = max(slowest, min(took))
    assert slowest < KEY_SECONDS


@pytest.mark.parametrize(
    ("typed", "type_", "read", "wrong"),
    [
        ("7 days", "timestamp", "7 days", ""),
        (" 1 DAY 12h ", "timestamp", "1 day 12 hours", ""),
        ("2w", "date", "2 weeks", ""),
        ("24 hours", "date", "24 hours", ""),
        ("1 hour", "date", "", "whole days"),
        ("", "timestamp", "", "Type it as"),
        ("7", "timestamp", "", "7 of what?"),
        ("0 days", "timestamp", "", "longer than nothing"),
        ("-1 day", "timestamp", "", "cannot be read"),
        ("1.5 days", "timestamp", "", "cannot be read"),
        ("1 month", "timestamp", "", "not all of one length"),
        ("5 moons", "timestamp", "", "no unit moons"),
        ("40000 days", "timestamp", "", "century"),
        ("1,000,000", "bigint", "1000000", ""),
        ("0", "bigint", "", "more than nothing"),
        ("7 days", "bigint", "", "whole numbers"),
        ("100000", "smallint", "", "32,767 only"),
        ("3000000000", "integer", "", "2,147,483,647 only"),
        ("٣", "bigint", "", "whole numbers"),
    ],
)
def test_what_is_typed_is_read_or_refused_in_words(
    typed: str, type_: str, read: str, wrong: str
) -> None:
    whole = type_ in ("smallint", "integer", "bigint")
    interval, words = read_interval(typed, type_=type_, whole=whole)
    assert interval == read
    assert wrong in words
    assert bool(words) is not bool(interval)


def test_chunks_are_offered_as_the_type_takes_them() -> None:
    table = dividing.candidate("t", {"day": "date", "n": "smallint", "at": "timestamp"})
    table = Candidate(**{**vars(table), "integers": frozenset({"n"})})
    made = Divisions()
    offered = {}
    for column in table.columns:
        made.columns["public", "t"] = column
        offered[column] = intervals(table, made.wanted(table))
    assert offered["day"] == ["1 day", "7 days", "30 days", "90 days", "365 days"]
    assert offered["n"] == ["1000", "10000"]
    assert offered["at"][:2] == ["1 hour", "6 hours"]


def test_a_column_that_is_gone_is_listed_as_missing() -> None:
    asked = [Wanted(schema="public", name="readings", column="gone", interval="1 day")]
    first, *rest = listed(dividing.TYPICAL, asked)
    assert (first.name, first.columns) == ("readings", ("gone",))
    assert "readings" not in {item.name for item in rest}
