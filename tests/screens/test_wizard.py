"""The steps before a migration starts: what opens the way on, and that nothing typed is lost."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
from driving import Opened, bindings, paste, settle, text
from fake_client import FakeClient
from servers import SOURCE, TARGET
from textual.pilot import Pilot

from lmtui import events as e
from lmtui.errors import LmtuiError
from lmtui.ledger import Entry
from screens.checked import aligned_text
from screens.confirm import ConfirmScreen
from screens.connections import ConnectionsScreen
from screens.findings import FindingsScreen
from screens.glyphs import UNICODE
from screens.panel import PanelScreen
from screens.remedies import RemediesScreen
from screens.review import ReviewScreen
from screens.starting import StartingScreen
from screens.topics import TuningScreen
from screens.widgets.listing import Listing
from screens.widgets.uri_input import UriInput

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}


async def step(pilot: Pilot[None], *keys: str) -> None:
    """Press each key and wait for the screen that it opens."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def to_review(pilot: Pilot[None]) -> None:
    await step(pilot, "f8", "n", "n", "n")


async def test_a_password_is_never_drawn(opened: Open) -> None:
    async with opened(FakeClient(findings=endings.findings(blocked=False)), **BOTH) as pilot:
        for key in ("f8", "n", "n", "n", "question_mark"):
            drawn = pilot.app.export_screenshot()
            assert "hunter2" not in drawn
            assert "s3cret" not in drawn
            await pilot.press(key)
            await settle(pilot)


async def test_a_mistake_is_said_at_its_field(opened: Open) -> None:
    async with opened(FakeClient(), target=stories.TARGET_URI) as pilot:
        await paste(pilot, "host=db1 dbname")
        await pilot.press("f8")
        await settle(pilot)
        assert "cannot be read" in text(pilot, "#source-words")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#source")
        assert isinstance(pilot.app.screen, ConnectionsScreen)


async def test_the_source_is_refused_as_the_target(opened: Open) -> None:
    async with opened(FakeClient(), source=stories.SOURCE_URI, target=stories.SOURCE_URI) as pilot:
        await pilot.press("f8")
        await settle(pilot)
        assert "The target is the source" in text(pilot, "#target-words")


async def test_what_was_typed_is_kept_when_going_back(opened: Open) -> None:
    async with opened(FakeClient(findings=endings.findings()), source=stories.SOURCE_URI) as pilot:
        await paste(pilot, "host=t dbname=tsdb")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FindingsScreen)
        await pilot.press("escape")
        await settle(pilot)
        screen = pilot.app.screen
        assert screen.query_one("#source", UriInput).value == stories.SOURCE_URI
        assert screen.query_one("#target", UriInput).value == "host=t dbname=tsdb"


async def test_going_back_and_on_does_not_check_again_unless_something_changed(
    opened: Open,
) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, **BOTH) as pilot:
        for _ in range(2):
            await pilot.press("f8")
            await settle(pilot)
            await pilot.press("escape")
            await settle(pilot)
        assert len(client.checked) == 1
        await pilot.press("end", "x", "f8")
        await settle(pilot)
        assert len(client.checked) == 2


async def test_a_blocker_closes_the_way_on_and_says_so(opened: Open) -> None:
    client = FakeClient(findings=endings.findings())
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f8", "n", "n")
        assert "1 blocker must be solved first" in text(pilot, "#summary")
        assert bindings(pilot)["Next"] is False
        await pilot.press("n", "f8")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TuningScreen)

        client.findings = endings.findings(blocked=False)
        await pilot.press("r")
        await settle(pilot)
        assert "Nothing stands in the way" in text(pilot, "#summary")
        await pilot.press("n")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_a_check_that_could_not_run_closes_the_way_on_too(opened: Open) -> None:
    client = FakeClient(findings=LmtuiError("The source cannot be reached", "refused", "Look."))
    async with opened(client, **BOTH) as pilot:
        await pilot.press("f8")
        await settle(pilot)
        assert "The source cannot be reached" in text(pilot, "#summary")
        assert bindings(pilot)["Next"] is False


async def test_the_worst_comes_first_and_is_explained(opened: Open) -> None:
    async with opened(FakeClient(findings=endings.findings()), **BOTH) as pilot:
        await step(pilot, "f8", "n", "n")
        assert "ALTER SYSTEM SET wal_level" in text(pilot, "#words")
        await step(pilot, "down")
        assert "unlogged" in text(pilot, "#words")


async def test_y_copies_the_remedy_and_says_which_way_it_went(opened: Open, tmp_path: Path) -> None:
    client = FakeClient(findings=endings.findings())
    async with opened(client, directory=str(tmp_path / "new"), **BOTH) as pilot:
        await step(pilot, "f8", "n", "n", "y")
        assert pilot.app.clipboard.startswith("ALTER SYSTEM SET wal_level")
        kept = tmp_path / "new" / "copied.txt"
        assert kept.read_text().startswith("ALTER SYSTEM SET wal_level")
        assert kept.stat().st_mode & 0o777 == 0o600
        (said,) = [notice.message for notice in pilot.app._notifications]
        assert said == f"Copied: sent to the terminal (OSC 52); kept in {kept}."


async def test_both_sides_stand_beside_each_other(opened: Open) -> None:
    async with opened(FakeClient(findings=endings.findings()), **BOTH) as pilot:
        await step(pilot, "f8")
        rows = str(pilot.app.screen.query_one("#aligned").render()).splitlines()
        assert rows[1].split() == ["✓", "PostgreSQL", "17.2", "17.4"]
        assert rows[3].split() == ["!", "timescaledb", "2.17.2", "2.19.3"]
        assert rows[4].split(maxsplit=1)[1] == "the same version must be on both sides"
        assert [row[0] for row in rows if row.endswith("not available")] == ["✗"]
        (lacking,) = (n for n, row in enumerate(rows) if row.endswith("not available"))
        assert rows[lacking + 1].endswith("or --skip-extensions postgis")
        assert any(row.endswith("to be created (1.8)") for row in rows)


async def test_a_remedy_stands_beside_its_row_where_there_is_room() -> None:
    fix = endings.WAL_LEVEL
    finding = e.Finding(
        id="extensions.timescaledb_version", side="both", severity="blocker", topic="extensions",
        title="TimescaleDB differs", fixes=(fix,),
    )  # fmt: skip
    rows = str(aligned_text(SOURCE, TARGET, 160, UNICODE, [finding])).splitlines()
    assert rows[3].endswith(f"2.19.3  → a fixes: {fix.statements[-1]}")


async def test_a_fix_is_shown_confirmed_applied_and_checked_again(opened: Open) -> None:
    client = FakeClient(findings=endings.findings(), after_mend=endings.findings(blocked=False))
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f8", "n", "n", "a")
        assert isinstance(pilot.app.screen, RemediesScreen)
        assert "put back by  ALTER SYSTEM RESET wal_level;" in text(pilot, "#words")
        await step(pilot, "a")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        await step(pilot, "enter")
        assert client.mended == []
        await step(pilot, "a", "tab", "enter")
        assert client.mended == [(endings.WAL_LEVEL,)]
        assert isinstance(pilot.app.screen, TuningScreen)
        assert len(client.checked) == 2
        assert "Nothing stands in the way" in text(pilot, "#summary")


async def test_each_table_has_its_way_and_may_be_left_as_it_is(
    opened: Open, tmp_path: Path
) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, directory=str(tmp_path), **BOTH) as pilot:
        await step(pilot, "f8", "n", "a")
        listing = pilot.app.screen.query_one("#listing", Listing)
        assert [choice.name for choice in listing.items] == [
            "public.events", 'audit."x[/b]"', "public.tmp",
        ]  # fmt: skip
        await step(pilot, "right")
        assert "ALTER TABLE public.events REPLICA IDENTITY FULL;" in text(pilot, "#words")
        await step(pilot, "space", "right")
        assert "only inserts are replayed" in text(pilot, "#words")
        await step(pilot, "space", "y")
        assert pilot.app.clipboard == "ALTER TABLE public.events REPLICA IDENTITY FULL;"
        await step(pilot, "a", "tab", "enter")
        ((way,),) = client.mended
        assert way.statements == ("ALTER TABLE public.events REPLICA IDENTITY FULL;",)
        assert client.checked[-1][2].inserts_only == ('audit."x[/b]"',)


async def test_a_refused_remedy_stays_on_the_screen_with_its_words(opened: Open) -> None:
    refused = LmtuiError("The source refused: ALTER TABLE x", "55P03: canceling", "In use.")
    client = FakeClient(findings=endings.findings(blocked=False), after_mend=refused)
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f8", "n", "a", "a", "tab", "enter")
        assert isinstance(pilot.app.screen, RemediesScreen)
        assert "55P03: canceling" in text(pilot, "#banner")
        await step(pilot, "escape")
        assert len(client.checked) == 2


async def test_what_was_mended_is_put_back(opened: Open) -> None:
    entry = Entry(id=1, side="source", what="x", before="", undo="ALTER SYSTEM RESET wal_level;")
    client = FakeClient(findings=endings.findings(blocked=False), changed=[entry])
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f8", "u")
        assert pilot.app.screen.query_one("#entries", Listing).items == [entry]
        await step(pilot, "tab", "enter")
        assert client.changed == ()
        assert len(client.checked) == 2
        assert "Undo" not in bindings(pilot)


async def test_a_restart_is_waited_for(opened: Open) -> None:
    client = FakeClient(findings=endings.findings())
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f8", "n", "n", "a", "a", "tab", "enter")
        assert "Waiting for the restart" in text(pilot, "#summary")
        client.findings = endings.findings(blocked=False)
        screen = pilot.app.screen
        assert isinstance(screen, TuningScreen)
        screen._look_for_restart()
        await settle(pilot)
        assert "Nothing stands in the way" in text(pilot, "#summary")


async def test_choices_reach_the_supervisor_and_the_panel_opens(opened: Open) -> None:
    client = FakeClient(findings=endings.findings(blocked=False), after_start=stories.copying())
    async with opened(client, **BOTH) as pilot:
        await to_review(pilot)
        await pilot.press("right", "down", "left", "down", "right")
        await settle(pilot)
        assert "6 table jobs, 2 index jobs" in text(pilot, "#steps")
        await pilot.press("s")
        await settle(pilot)
        ((source, target, plan),) = client.started
        assert (source.database, target.database) == ("shop", "tsdb")
        assert (plan.table_jobs, plan.index_jobs, plan.cutover) == (6, 2, "when-caught-up")
        assert isinstance(pilot.app.screen, PanelScreen)
        assert len(pilot.app.screen_stack) == 2


async def test_a_supervisor_that_does_not_start_is_said_and_can_be_left(opened: Open) -> None:
    error = LmtuiError("The supervisor did not start", "no space left on device")
    client = FakeClient(findings=endings.findings(blocked=False), after_start=error)
    async with opened(client, **BOTH) as pilot:
        await to_review(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert isinstance(pilot.app.screen, StartingScreen)
        assert "no space left on device" in text(pilot, "#words")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_leaving_before_the_start_says_that_nothing_was_changed(
    opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        await pilot.press("ctrl+q")
        await settle(pilot)
    assert "nothing was changed" in capsys.readouterr().err
