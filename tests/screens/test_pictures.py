"""Every screen as a picture: `make snapshots` takes them anew, and a person looks at them."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
from driving import ENVIRONMENT, Opened, Picture, settle
from fake_client import FakeClient
from msgspec.structs import replace
from servers import SERVERS, TARGET

from lmtui.errors import ConnectionFailedError, LmtuiError
from lmtui.ledger import Entry
from lmtui.sample import TableCopy
from lmtui.state import State

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}


async def test_connections_empty(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient()) as pilot:
        await picture(pilot, "connections-empty")


async def test_connections_with_both_sides(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        await picture(pilot, "connections")


async def test_connections_tested(opened: Open, picture: Picture) -> None:
    minded = replace(
        TARGET, tls="", warnings=("The connection is not encrypted; add sslmode=require",)
    )
    async with opened(FakeClient(servers={**SERVERS, "target": minded}), **BOTH) as pilot:
        await pilot.press("f5")
        await picture(pilot, "connections-tested")


async def test_connections_by_fields(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        await pilot.press("f4")
        await picture(pilot, "connections-fields")


async def test_connections_that_are_known(opened: Open, picture: Picture, tmp_path: Path) -> None:
    (tmp_path / ".pg_service.conf").write_text("[shop]\nhost=db1\ndbname=shop\n")
    (tmp_path / ".pgpass").write_text("db1.internal:5432:shop:mover:hunter2\n")
    environment = {
        **ENVIRONMENT, "HOME": str(tmp_path), "DATABASE_URL": "postgres://u:pw@h:5432/d",
    }  # fmt: skip
    async with opened(FakeClient(), environment=environment) as pilot:
        await pilot.press("f3")
        await picture(pilot, "connections-known")


async def test_connections_with_a_mistake(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), source="postgres//[b]oops", target="") as pilot:
        await pilot.press("f8")
        await picture(pilot, "connections-mistake")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_steps_of_preflight(
    opened: Open, picture: Picture, size: tuple[int, int]
) -> None:
    async with opened(FakeClient(findings=endings.findings()), size=size, **BOTH) as pilot:
        for name, key in (("alignment", "f8"), ("identity", "n"), ("tuning", "n")):
            await pilot.press(key)
            await picture(pilot, f"{name}-{size[0]}")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_remedies(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, size=size, **BOTH) as pilot:
        for key in ("f8", "n", "a", "space", "down"):
            await pilot.press(key)
            await settle(pilot)
        await picture(pilot, f"remedies-{size[0]}")
        await pilot.press("a")
        await picture(pilot, f"remedies-confirm-{size[0]}")


async def test_undoing(opened: Open, picture: Picture) -> None:
    entries = [
        Entry(id=number, side="source", what="x", before="", undo=undo)
        for number, undo in enumerate((s for way in endings.KEYLESS[:2] for s in way.undo), start=1)
    ]
    client = FakeClient(findings=endings.findings(blocked=False), changed=entries)
    async with opened(client, **BOTH) as pilot:
        await pilot.press("f8")
        await settle(pilot)
        await pilot.press("u")
        await picture(pilot, "undoing")


async def test_findings_unreachable(opened: Open, picture: Picture) -> None:
    error = ConnectionFailedError(
        "The source cannot be reached",
        'connection to server at "db1.internal", port 5432 failed: Connection refused',
        "Is the server up, and does it listen there?",
    )
    async with opened(FakeClient(findings=error), **BOTH) as pilot:
        await pilot.press("f8")
        await picture(pilot, "findings-unreachable")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_review(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    client = FakeClient(findings=endings.findings(blocked=False))
    async with opened(client, size=size, **BOTH) as pilot:
        for key in ("f8", "n", "n", "n"):
            await pilot.press(key)
            await settle(pilot)
        await picture(pilot, f"review-{size[0]}")
        await pilot.press("w")
        await picture(pilot, f"commands-{size[0]}")


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
