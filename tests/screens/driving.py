"""What the tests of the screens do with a running app, and what they read off it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from fake_client import FakeClient
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Static

from lmtui.state import State
from screens.app import LmtuiApp

ENVIRONMENT = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}

Opened = AbstractAsyncContextManager[Pilot[None]]
Picture = Callable[[Pilot[None], str], Awaitable[None]]


async def settle(pilot: Pilot[None]) -> None:
    """Wait until the client was asked, its answer is shown and nothing moves."""
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.wait_for_scheduled_animations()
    await pilot.pause()


async def follow(pilot: Pilot[None], client: FakeClient, state: State) -> None:
    """The supervisor writes on; the app looks."""
    client.state = state
    assert isinstance(pilot.app, LmtuiApp)
    pilot.app.look()
    await settle(pilot)


async def paste(pilot: Pilot[None], words: str) -> None:
    """Paste into the focused field, as people do with a connection string."""
    focused = pilot.app.screen.focused
    assert focused is not None
    focused.post_message(Paste(words))
    await pilot.pause()


def text(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


def bindings(pilot: Pilot[None]) -> dict[str, bool]:
    """What the footer shows, and whether it works now."""
    active = pilot.app.screen.active_bindings.values()
    return {a.binding.description: a.enabled for a in active if a.binding.show}
