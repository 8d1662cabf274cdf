"""Take the stills of the README: the wizard on a real migration of the demonstration, by keys.

`make stills` runs it in the lab: python .ci/stills.py DIRECTORY
"""

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot

from lmtui.client import DetachedClient
from lmtui.demo.scenario import DemoServers, find_scenario
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory
from screens.app import LmtuiApp

SIZE = (80, 24)
WAIT_SECONDS = 120.0
# Keys, what the screen shows then (a regular expression where it has a backslash), and the still's
# name; no name takes none.
SCENES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("f5",), "as postgres (superuser)", "1-connections"),
    (("f8",), "Nothing stands in the way", "2-alignment"),
    (("n",), "have no replica identity", "3-identity"),
    (("a",), "ALTER TABLE", "4-remedies"),
    (("a",), "Run 1 statement", ""),
    (("tab", "enter"), "Every table of the source", ""),
    (("n",), "Nothing stands in the way", "5-tuning"),
    (("n",), "Press s to start", "6-review"),
    (("s",), r"[1-9]\S* MiB/s +about [1-9]", "7-copy"),
    ((), "Ready to cut over", "8-replay"),
    (("c", "s", "h", "o", "p"), "Ready to cut over:", "9-cutover"),
    (("enter",), "Proven", "10-proof"),
)


def shown(app: LmtuiApp) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def until(pilot: Pilot[None], app: LmtuiApp, words: str) -> None:
    """Wait until the screen shows `words`."""
    deadline = time.monotonic() + WAIT_SECONDS
    pattern = re.compile(words if "\\" in words else re.escape(words))
    while not pattern.search(shown(app)):
        if time.monotonic() > deadline:
            raise SystemExit(f"The screen never showed {words!r}:\n{shown(app)}")
        await pilot.pause(0.1)


async def take(servers: DemoServers, work: Path, stills: Path) -> None:
    """Go through a migration, scene by scene."""
    directory = WorkDirectory(work)
    app = LmtuiApp(
        DetachedClient(directory), source=servers.source.uri(), target=servers.target.uri(),
        plan=Plan(table_jobs=2), directory="/var/lib/lmtui",
        environment={"TERM": "xterm-256color", "LANG": "C.UTF-8"},
    )  # fmt: skip
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, app, "Passwords are never shown")
        for keys, words, name in SCENES:
            for key in keys:
                await pilot.press(key)
            await until(pilot, app, words)
            # A chart needs a course, and the footer a moment to follow.
            await pilot.pause(20.0 if name == "8-replay" else 0.3)
            if name:
                still = app.export_screenshot(title="lmtui")
                (stills / f"{name}.svg").write_text(still)
                sys.stdout.write(f"{name}\n")


def main() -> None:
    """Take all of them into the directory that is named."""
    stills = Path(sys.argv[1])
    stills.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lmtui-stills-") as place:
        root = Path(place)
        with DemoServers(find_scenario("shop"), size=2.0, directory=root / "servers") as servers:
            writer = servers.start_writer(root, 500.0)
            try:
                asyncio.run(take(servers, root / "work", stills))
            finally:
                writer.stop()


if __name__ == "__main__":
    main()
