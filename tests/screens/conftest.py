"""Running screens whose pictures do not depend on the terminal, the clock or the network."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from driving import ENVIRONMENT, Opened, Picture, settle
from fake_client import FakeClient
from pytest_textual_snapshot import normalize_svg
from stories import NOW
from textual import constants
from textual.pilot import Pilot
from textual.widgets import Footer, Input

from lmtui.plan import Plan
from screens.app import LmtuiApp

PICTURES = Path(__file__).parent / "__snapshots__"


@pytest.fixture(autouse=True)
def deterministic_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    # The snapshot plugin imports Textual before this file: environment variables are too late.
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    for name in ("NO_COLOR", "COLORTERM", "TMUX", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


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
        directory: str = "/var/lib/lmtui",
        notifications: bool = False,
    ) -> AsyncIterator[Pilot[None]]:
        app = LmtuiApp(
            client, source=source, target=target, plan=plan, directory=directory,
            clock=lambda: NOW, environment=environment or ENVIRONMENT,
        )  # fmt: skip
        async with app.run_test(size=size, notifications=notifications) as pilot:
            await settle(pilot)
            yield pilot

    return open_app


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Picture:
    """`await picture(pilot, "name")`: compare the screen with its stored picture.

    The names are the files': the README shows one of them. `--snapshot-update` stores anew.
    """

    async def check(pilot: Pilot[None], name: str) -> None:
        await settle(pilot)
        for footer in pilot.app.screen.query(Footer):
            # No key may be cut off.
            assert not footer.size or footer.virtual_size.width <= footer.size.width
        drawn = normalize_svg(pilot.app.export_screenshot(title="lmtui"))
        stored = PICTURES / f"{name}.svg"
        if request.config.getoption("--snapshot-update"):
            stored.parent.mkdir(exist_ok=True)
            stored.write_text(drawn)
            return
        if not stored.exists() or stored.read_text() != drawn:
            (tmp_path / stored.name).write_text(drawn)
            pytest.fail(f"{stored.name} is drawn otherwise now: {tmp_path / stored.name}")

    return check
