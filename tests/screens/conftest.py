"""Running screens whose pictures do not depend on the terminal, the clock or the network."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from fake_client import FakeClient
from pytest_textual_snapshot import SVGImageExtension
from stories import NOW
from syrupy.assertion import SnapshotAssertion
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex
from textual import constants
from textual.pilot import Pilot
from textual.widgets import Input

from lmtui.plan import Plan
from screens.app import LmtuiApp

ENVIRONMENT = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


class Pictures(SVGImageExtension):
    """Files that are named by the picture alone: the README shows one of them."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        return str(index)


Opened = AbstractAsyncContextManager[Pilot[None]]
Picture = Callable[[Pilot[None], str], Awaitable[None]]


@pytest.fixture(autouse=True)
def deterministic_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    # The snapshot plugin imports Textual before this file: environment variables are too late.
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    for name in ("NO_COLOR", "COLORTERM", "TMUX", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until the client was asked, its answer is shown and nothing moves."""
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.wait_for_scheduled_animations()
    await pilot.pause()


@pytest.fixture
def opened() -> Callable[..., Opened]:
    """`async with opened(client) as pilot`: the app at 80x24, after its first look."""

    @asynccontextmanager
    async def open_app(
        client: FakeClient,
        *,
        size: tuple[int, int] = (80, 24),
        source: str = "",
        target: str = "",
        plan: Plan | None = None,
        environment: dict[str, str] | None = None,
    ) -> AsyncIterator[Pilot[None]]:
        app = LmtuiApp(
            client, source=source, target=target, plan=plan, directory="/var/lib/lmtui",
            clock=lambda: NOW, environment=environment or ENVIRONMENT,
        )  # fmt: skip
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            yield pilot

    return open_app


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> Picture:
    """`await picture(pilot, "name")`: compare the screen with its stored picture."""
    pictures = snapshot.use_extension(Pictures)

    async def check(pilot: Pilot[None], name: str) -> None:
        await settle(pilot)
        drawn = pilot.app.export_screenshot(title="lmtui")
        assert drawn == pictures(name=name), f"{name} differs; see make snapshots"

    return check
