"""Every step before a migration as a picture: `make snapshots` takes them anew, people look."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
import worst
from driving import ENVIRONMENT, Opened, Picture, settle
from fake_client import FakeClient
from msgspec.structs import replace
from servers import SERVERS, TARGET

from lmtui.errors import ConnectionFailedError, LmtuiError
from lmtui.ledger import Entry
from lmtui.plan import Plan
from screens.topics import IdentityScreen, TuningScreen

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


async def test_the_worst_connections(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(servers=worst.SERVERS), **worst.URIS) as pilot:
        await pilot.press("f5")
        await picture(pilot, "connections-worst")
        await pilot.press("f4")
        await picture(pilot, "connections-fields-worst")


async def test_connections_none_of_which_are_known(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), environment={**ENVIRONMENT, "HOME": "/none"}) as pilot:
        await pilot.press("f3")
        await picture(pilot, "connections-known-empty")


async def test_steps_that_find_nothing(opened: Open, picture: Picture) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        for name, key in (("alignment", "f8"), ("identity", "n"), ("tuning", "n"), ("review", "n")):
            await pilot.press(key)
            await picture(pilot, f"{name}-empty")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_worst_steps(opened: Open, picture: Picture, size: tuple[int, int]) -> None:
    client = FakeClient(findings=worst.findings(), servers=worst.SERVERS)
    async with opened(client, size=size, **worst.URIS) as pilot:
        await pilot.press("f8")
        await picture(pilot, f"alignment-worst-{size[0]}")
        # A blocker closes the way on: the steps are opened without it.
        for name, step in (("identity", IdentityScreen()), ("tuning", TuningScreen())):
            pilot.app.push_screen(step)
            await picture(pilot, f"{name}-worst-{size[0]}")


async def test_the_worst_review(opened: Open, picture: Picture) -> None:
    plan = Plan(
        skip_table_data=tuple(f"public.{worst.ODD} {n}" for n in range(4)), drop_if_exists=True,
        skip_extensions=("postgis", "x[/b]"), hook=("notify", "--to", "me@example.com"),
        cutover="when-caught-up",
    )  # fmt: skip
    async with opened(FakeClient(servers=worst.SERVERS), plan=plan, **worst.URIS) as pilot:
        await pilot.press("f5")
        await settle(pilot)
        for key in ("f8", "n", "n", "n"):
            await pilot.press(key)
            await settle(pilot)
        await picture(pilot, "review-worst")


async def test_starting(opened: Open, picture: Picture) -> None:
    error = LmtuiError(
        "The supervisor did not start",
        "OSError: [Errno 28] No space left on device: '/var/lib/lmtui/[b]journal.jsonl'",
        "Make room, or choose another --dir.",
    )
    client = FakeClient(findings=endings.findings(blocked=False), after_start=error)
    async with opened(client, **BOTH) as pilot:
        for key in ("f8", "n", "n", "n", "s"):
            await pilot.press(key)
            await settle(pilot)
        await picture(pilot, "starting-failed")
