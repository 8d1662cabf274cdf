"""A terminal that shows ASCII only gets ASCII only: every screen, with its frames and bars."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
from driving import Opened, settle
from fake_client import FakeClient
from test_lists import many_tables
from textual.pilot import Pilot

from lmtui.ledger import Entry
from screens.app import LmtuiApp
from screens.plain import plain

Open = Callable[..., Opened]
PLAIN = {"TERM": "xterm-256color", "LANG": "C"}
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}
ENTRIES = [
    Entry(id=number, side="source", what=f"job {number} paused", before="", undo="select 1")
    for number in range(40)
]


def strange(pilot: Pilot[None]) -> str:
    """What is drawn beyond ASCII."""
    screen = pilot.app.screen
    rows = [
        "".join(segment.text for segment in strip)
        for shown in (screen, *pilot.app._background_screens)
        for strip in shown._compositor.render_strips()
    ]
    return "".join(sorted({c for row in rows for c in row if not c.isascii()}))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("client", "keys"),
    [
        (FakeClient(), ["f8", "f4", "escape", "f3", "question_mark"]),
        (
            FakeClient(findings=endings.findings(), changed=ENTRIES),
            ["f5", "f8", "n", "a", "a", "escape", "escape", "u", "escape", "n", "y", "f1"],
        ),
        (FakeClient(findings=endings.findings(blocked=False)), ["f8", "n", "n", "n", "w", "down"]),
        (FakeClient(stories.prepared().state()), ["question_mark", "escape", "s", "escape", "l"]),
        (FakeClient(stories.copying(), all_tables=many_tables(200)), ["t", "slash", "0", "enter"]),
        (FakeClient(stories.falling_behind()), ["c", "x", "escape", "l", "2", "ctrl+p"]),
        (FakeClient(stories.caught_up()), ["c", "s", "enter"]),
        (FakeClient(stories.failed(), alive=False), ["d", "r", "escape", "x"]),
        (FakeClient(endings.cutting()), ["x", "l"]),
        (FakeClient(endings.drained_journal().state()), ["x"]),
        (FakeClient(endings.worst_result(), changed=ENTRIES), ["enter", "v", "x", "a"]),
        (FakeClient(endings.cleaned_up()), ["l"]),
    ],
    ids=[
        "empty", "wizard", "review", "preparing", "copying", "behind", "caught-up", "failed",
        "cutting", "drained", "result", "cleaned",
    ],
)  # fmt: skip
async def test_nothing_of_its_own_is_beyond_ascii(
    opened: Open, client: FakeClient, keys: list[str], size: tuple[int, int]
) -> None:
    given = BOTH if not client.state.exists and client.findings else {}
    async with opened(
        client, size=size, environment=PLAIN, directory="", notifications=True, **given
    ) as pilot:
        # What is left is no sign of lmtui's, so that none becomes a question mark.
        assert isinstance(pilot.app, LmtuiApp)
        pilot.app.plain_text.enabled = False
        found = {}
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
            found[f"{type(pilot.app.screen).__name__} after {key}"] = strange(pilot)
        assert not {where: signs for where, signs in found.items() if signs}


async def test_names_of_a_database_are_shown_in_ascii_and_copied_as_they_are(
    opened: Open, tmp_path: Path
) -> None:
    state = stories.copying(stories.LONG_ENDPOINTS, odd_names=True)
    assert state.sample is not None
    client = FakeClient(state, all_tables=state.sample.copy.tables)
    async with opened(client, environment=PLAIN, directory=str(tmp_path)) as pilot:
        assert strange(pilot) == ""
        await pilot.press("t", "down", "down")
        await settle(pilot)
        assert strange(pilot) == ""
        await pilot.press("y")
        await settle(pilot)
        assert pilot.app.clipboard == "public.Übergrößen und 表名"


def test_what_is_replaced_keeps_its_cells() -> None:
    assert plain("orders") == "orders"
    assert plain("größe… 表名 → x") == "gr??e~ ???? > x"
