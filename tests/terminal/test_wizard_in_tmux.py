"""The wizard by keyboard in a real tmux at 80x24, its terminal killed in the middle."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.tmux, pytest.mark.postgres, pytest.mark.timeout(180)]

WAIT_SECONDS = 60.0


class Terminal:
    """A tmux server of its own with one window."""

    def __init__(self, directory: Path) -> None:
        self._name = f"lmtui-{os.getpid()}"
        self._environment = {**os.environ, "TMPDIR": str(directory), "TMUX_TMPDIR": str(directory)}
        self._environment.pop("TMUX", None)

    def open(self, command: str) -> None:
        """Start a command in a new session."""
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command)

    def press(self, *keys: str) -> None:
        """Press keys."""
        self._tmux("send-keys", *keys)

    def kill_session(self) -> None:
        """End the session, as a lost terminal does."""
        self._tmux("kill-session")

    def screen(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    def wait_for(self, words: str) -> str:
        """Wait until the screen shows these words, and return it."""
        deadline = time.monotonic() + WAIT_SECONDS
        while words not in (screen := self.screen()):
            if time.monotonic() > deadline:
                pytest.fail(f"The screen never showed {words!r}:\n{screen}")
            time.sleep(0.05)
        return screen

    def close(self) -> None:
        """End the server."""
        subprocess.run(
            ["tmux", "-L", self._name, "kill-server"], env=self._environment, check=False
        )

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._name, *arguments],
            env=self._environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A tmux whose programs keep their files in a directory that goes with it."""
    if shutil.which("tmux") is None:
        if os.environ.get("LMTUI_LAB") == "1":
            pytest.fail("tmux is missing in the lab")
        pytest.skip("tmux is not installed")
    with tempfile.TemporaryDirectory(prefix="lmtui-tmux-") as directory:
        made = Terminal(Path(directory))
        try:
            yield made
        finally:
            subprocess.run(
                ["lmtui", "demo", "--stop"],
                env={**os.environ, "TMPDIR": directory}, check=False, capture_output=True,
            )  # fmt: skip
            made.close()


def test_a_migration_by_keys_outlives_its_terminal(terminal: Terminal) -> None:
    terminal.open("lmtui demo --size 0.1")
    terminal.wait_for("Passwords are never shown")
    for step in ("Alignment", "Identity", "Tuning"):
        terminal.press("F8")
        terminal.wait_for(f"▶ {step}")
        terminal.wait_for("Nothing stands in the way")
    terminal.press("F8")
    terminal.wait_for("Press s to start")
    terminal.press("s")
    terminal.wait_for("Initial copy")

    terminal.kill_session()
    terminal.open("lmtui demo")
    terminal.wait_for("Ready to cut over")
    terminal.press("c")
    terminal.wait_for("Type shop to confirm")
    terminal.press("shop", "Enter")
    screen = terminal.wait_for("Proven")
    assert "equal on both sides" in screen
    terminal.press("C-q")
