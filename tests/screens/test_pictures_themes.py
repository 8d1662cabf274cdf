"""Every theme on the screens with the most in them, as pictures."""

from collections.abc import Callable

import dividing
import endings
import pytest
import stories
import worst
from driving import Opened, Picture, settle
from fake_client import FakeClient

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}
TERMINALS = {
    "light": {"TERM": "xterm-256color", "COLORFGBG": "0;15"},
    "sixteen": {"TERM": "screen"},
    "sixteen-light": {"TERM": "screen", "COLORFGBG": "0;15"},
    "no-colour": {"TERM": "xterm-256color", "NO_COLOR": "1"},
    "ascii": {"TERM": "xterm-256color", "LANG": "C"},
}


@pytest.mark.parametrize("terminal", TERMINALS)
async def test_themes(
    opened: Open, picture: Picture, monkeypatch: pytest.MonkeyPatch, terminal: str
) -> None:
    environment = TERMINALS[terminal]
    # Textual itself reads NO_COLOR from the process.
    if "NO_COLOR" in environment:
        monkeypatch.setenv("NO_COLOR", "1")
    plain = FakeClient(servers=dividing.PLAIN_SERVERS, candidates=dividing.TYPICAL)
    screens = (
        ("tuning", FakeClient(findings=endings.findings()), ["f8", "n", "n"], BOTH),
        ("remedies", FakeClient(findings=endings.findings()), ["f8", "n", "a", "space"], BOTH),
        ("hypertables", plain, ["f8", "n", "n", "n", "space", "down", "e", "x"], BOTH),
        ("worst", FakeClient(worst.filling()), [], {}),
        ("cutover", FakeClient(worst.gates()), ["c"], {}),
        ("result", FakeClient(endings.worst_result()), [], {}),
    )
    for name, client, keys, given in screens:
        async with opened(client, environment=environment, **given) as pilot:
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            await picture(pilot, f"theme-{terminal}-{name}")
