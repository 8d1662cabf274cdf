"""Replay stands at a change: how that is said, and the two ways on by keys."""

from collections.abc import Callable

import pytest
import stories
from driving import Opened, Picture, bindings, settle, text
from fake_client import FakeClient
from msgspec.structs import replace
from textual.widgets import Button, Input, Static

from lmtui import events as e
from lmtui.phases import Status
from lmtui.refused import Refused
from lmtui.state import State, reduce
from screens.panel import PanelScreen
from screens.skipping import SkipScreen

Open = Callable[..., Opened]

REFUSED = Refused(
    change="2E/A41C0F8#2", kind="UPDATE", relation="public.orders", key="id = 4711",
    values="id = 4711, state = shipped, note = NULL",
    statement='update only "public"."orders" as t set "id" = $1, "state" = $2, "note" = $3 where '
    '"t"."id" operator(pg_catalog.=) $4::pg_catalog.int8',
    words="0 rows of the target have this key; it must be one.",
)  # fmt: skip
SERVERS = {"source": "postgres://app@db/shop", "target": "postgres://tsdbadmin@cloud/tsdb"}


def stopped(refused: Refused = REFUSED, *more: e.AnyEvent) -> State:
    """Replay has failed at this change."""
    problem = e.Problem(
        title=f"Replay stopped at {refused.change}: {refused.kind} {refused.relation}",
        detail=refused.why, hint="Mend the cause, then lmtui retry", refused=refused,
    )  # fmt: skip
    state = replace(stories.failed(), problem=problem)
    for event in more:
        seq = state.seq + 1
        state = reduce(state, e.Record(seq=seq, at=state.recent[-1].at, event=event))
    return state


async def test_the_banner_names_the_change_and_both_keys(opened: Open) -> None:
    async with opened(FakeClient(stopped())) as pilot:
        words = text(pilot, "#banner")
        assert "Replay stopped at 2E/A41C0F8#2: UPDATE public.orders" in words
        assert "r tries it again, k shows all of it and can skip it" in words
        assert "0 rows of the target have this key" in words
        assert "id = 4711" in words
        shown = bindings(pilot)
        assert shown["Retry"] is True
        assert shown["Skip"] is True
        assert "Resume" not in shown


async def test_other_failures_are_resumed_and_nothing_can_be_skipped(opened: Open) -> None:
    async with opened(FakeClient(stories.failed())) as pilot:
        shown = bindings(pilot)
        assert shown["Resume"] is True
        assert "Skip" not in shown
        await pilot.press("k")
        await settle(pilot)
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_retry_goes_on(opened: Open) -> None:
    client = FakeClient(stopped(), after_start=stories.caught_up())
    async with opened(client, **SERVERS) as pilot:
        await pilot.press("r")
        await settle(pilot)
        assert len(client.started) == 1
        assert client.skipped == []
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_a_wrong_lsn_touches_nothing(opened: Open) -> None:
    client = FakeClient(stopped())
    async with opened(client, **SERVERS) as pilot:
        await pilot.press("k")
        await settle(pilot)
        for wrong in ("", "2E/A41C0F8", "2E/A41C0F8#3", "2E/A41C0F8#22", "skip"):
            pilot.app.screen.query_one("#name", Input).value = wrong
            await settle(pilot)
            assert pilot.app.screen.query_one("#go", Button).disabled
            await pilot.press("enter")
            await settle(pilot)
        assert "not the LSN of the change" in text(pilot, "#refusal")
        assert (client.skipped, client.started) == ([], [])
        assert isinstance(pilot.app.screen, SkipScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert (client.skipped, client.started) == ([], [])
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_the_right_lsn_skips_and_goes_on(opened: Open) -> None:
    client = FakeClient(stopped(), after_start=stories.caught_up())
    async with opened(client, **SERVERS) as pilot:
        await pilot.press("k")
        await settle(pilot)
        await pilot.press(*"2E", "slash", *"A41C0F8", "number_sign", "2", "enter")
        await settle(pilot)
        assert client.skipped == [REFUSED.change]
        assert len(client.started) == 1
        assert isinstance(pilot.app.screen, PanelScreen)


async def test_what_is_refused_stays_and_says_why(opened: Open) -> None:
    client = FakeClient(stopped())
    async with opened(client, **SERVERS) as pilot:
        await pilot.press("k")
        await settle(pilot)
        # Meanwhile somebody else has resumed it.
        client.state = stories.caught_up()
        pilot.app.screen.query_one("#name", Input).value = REFUSED.change
        await pilot.press("enter")
        await settle(pilot)
        assert "does not stand at a change" in text(pilot, "#refusal")
        assert (client.skipped, client.started) == ([], [])


@pytest.mark.parametrize("words", ["\x1b[31mred\n[b]bold[/b]", "x" * 3000])
async def test_whatever_a_server_says_is_shown_as_it_is(opened: Open, words: str) -> None:
    refused = replace(REFUSED, words=words, key=words, statement=words)
    async with opened(FakeClient(stopped(refused))) as pilot:
        await pilot.press("k")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SkipScreen)
        field = pilot.app.screen.query_one("#name", Input)
        assert field.has_focus
        assert field.region.bottom < pilot.app.size.height


async def test_skipped_changes_are_shown_at_all_times(opened: Open) -> None:
    state = stopped(REFUSED, e.SkipAllowed(change=REFUSED))
    async with opened(FakeClient(state)) as pilot:
        assert "It is to be skipped: r goes on" in text(pilot, "#banner")
        assert "none skipped" in str(pilot.app.screen.query_one("#applied").render())
    state = stopped(
        REFUSED, e.ChangeSkipped(change=REFUSED), e.StatusChanged(status=Status.RUNNING)
    )
    async with opened(FakeClient(state)) as pilot:
        assert "0 unmatched, 1 skipped" in str(pilot.app.screen.query_one("#applied").render())


async def test_stopped_at_a_change(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stopped())) as pilot:
        await picture(pilot, "panel-refused")
        await pilot.press("k")
        await settle(pilot)
        await picture(pilot, "skip")


async def test_skip_on_a_large_terminal(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(stopped()), size=(120, 40)) as pilot:
        await pilot.press("k")
        await settle(pilot)
        await picture(pilot, "skip-large")


async def test_long_values_are_wrapped_once(opened: Open) -> None:
    values = ", ".join(f"column_{number:02} = some value of it" for number in range(40))
    async with opened(FakeClient(stopped(replace(REFUSED, values=values)))) as pilot:
        await pilot.press("k")
        await settle(pilot)
        words = pilot.app.screen.query_one("#change-words", Static)
        # One row of what is drawn for each row of what was wrapped; why it stands comes first.
        rows = str(words.render()).splitlines()
        assert words.size.height == len(rows)
        assert [row[:12].strip() for row in rows if row[:1].strip()] == [
            "UPDATE publi", "Row", "Refused", "New values", "Statement",
        ]  # fmt: skip
