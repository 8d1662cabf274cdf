"""The wizard by keyboard in a real tmux at 80x24, its terminal killed in the middle."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from lmtui.endpoint import Endpoint

pytestmark = [pytest.mark.tmux, pytest.mark.postgres, pytest.mark.timeout(180)]

WAIT_SECONDS = 60.0
# The wizard may use 3 % of a core while it watches.
WATCH_SECONDS, MOST_OF_A_CORE = 5.0, 0.03


class Terminal:
    """A tmux server of its own with one window."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._name = f"lmtui-{os.getpid()}"
        # A size in the environment, as some shells export it, says nothing of the terminal.
        self._environment = {
            **os.environ, "TMPDIR": str(directory), "TMUX_TMPDIR": str(directory),
            "COLUMNS": "80", "LINES": "24",
        }  # fmt: skip
        self._environment.pop("TMUX", None)

    def export(self, **variables: str) -> None:
        """Set what the programs find in their environment."""
        self._environment.update(variables)

    def open(self, command: str) -> None:
        """Start a command in a new session."""
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command)

    def press(self, *keys: str) -> None:
        """Press keys."""
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def kill_server(self) -> None:
        """End tmux itself, with all that it holds."""
        self._tmux("kill-server")

    def processor_seconds(self) -> float:
        """What the program in the window has used so far, of all processors together."""
        pane = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        # tmux starts it by a shell, which some shells leave standing.
        children = Path(f"/proc/{pane}/task/{pane}/children").read_text().split()
        ticks = 0
        for process in (pane, *children):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

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


@contextmanager
def held(program: str, directory: Path) -> Iterator[None]:
    """Hold the one process of `program` that works in `directory`, and let it go on."""
    (process,) = (
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if program in (words := _words(path)) and str(directory) in words
    )
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        # Whoever waited for it in vain may have ended it.
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def _words(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def to_step(terminal: Terminal, *steps: str) -> None:
    """Go on step by step."""
    for step in steps:
        terminal.press("F8")
        terminal.wait_for(f"▶ {step}")
        terminal.wait_for("Nothing stands in the way")


def test_a_finding_is_mended_by_keys_and_put_back(terminal: Terminal) -> None:
    terminal.open("lmtui demo --size 0.1")
    terminal.wait_for("Passwords are never shown")
    terminal.press("F5")
    terminal.wait_for("as postgres (superuser)")
    to_step(terminal, "Alignment")
    terminal.wait_for("Both sides")
    to_step(terminal, "Identity")
    # Back to what was typed, and on again: nothing is asked twice.
    terminal.press("F7")
    terminal.wait_for("▶ Alignment")
    terminal.press("F7")
    terminal.wait_for("as postgres (superuser)")
    to_step(terminal, "Alignment", "Identity")
    terminal.wait_for("have no replica identity")
    terminal.press("a")
    terminal.wait_for("ALTER TABLE public.page_views REPLICA IDENTITY")
    terminal.press("a")
    terminal.wait_for("Run 1 statement")
    terminal.press("Tab", "Enter")
    terminal.wait_for("Every table of the source has a replica identity")
    terminal.press("u")
    terminal.wait_for("1 change, the latest first")
    terminal.press("Tab", "Enter")
    terminal.wait_for("have no replica identity")
    terminal.press("C-q")


def test_a_migration_by_keys_outlives_its_terminal(terminal: Terminal) -> None:
    terminal.open("lmtui demo --size 0.1")
    terminal.wait_for("Passwords are never shown")
    to_step(terminal, "Alignment", "Identity", "Tuning")
    terminal.press("F8")
    terminal.wait_for("Press s to start")
    terminal.press("s")
    terminal.wait_for("Initial copy")

    terminal.kill_server()
    terminal.open("lmtui demo")
    terminal.wait_for("Ready to cut over")
    before = terminal.processor_seconds()
    time.sleep(WATCH_SECONDS)
    assert (terminal.processor_seconds() - before) / WATCH_SECONDS < MOST_OF_A_CORE

    terminal.press("c")
    terminal.wait_for("Type shop to confirm")
    with held("lmtui.replay.applier", terminal.directory):
        terminal.press("shop", "Enter")
        terminal.wait_for("Drain running")
        terminal.press("x")
        terminal.wait_for("being cancelled, once this step ends")
    terminal.wait_for("The cutover was given up: The cutover was cancelled")
    terminal.press("d")
    terminal.wait_for("Ready to cut over")
    terminal.press("c")
    terminal.wait_for("Type shop to confirm")
    terminal.press("shopp", "Enter")
    terminal.wait_for("This is not the name of the source database")
    terminal.resize(60, 15)
    terminal.wait_for("Enlarge the terminal to 80x24 (now 60x15)")
    terminal.resize(80, 24)
    terminal.wait_for("This is not the name of the source database")
    terminal.press("BSpace", "Enter")
    screen = terminal.wait_for("Proven")
    assert "equal on both sides" in screen
    terminal.press("x")
    terminal.wait_for("drop the replication slot")
    terminal.wait_for("Nothing happens before the name is typed")
    terminal.press("shop", "Enter")
    terminal.wait_for("Nothing of lmtui is left on either side")
    terminal.press("C-q")


def test_a_plain_table_is_marked_to_become_a_hypertable(
    terminal: Terminal, fresh_databases: tuple[Endpoint, Endpoint]
) -> None:
    source, target = fresh_databases
    with psycopg.connect(source.uri(), autocommit=True) as session:
        session.execute("create table readings (at timestamptz primary key, value float)")
        session.execute("create table people (name text primary key)")
    with psycopg.connect(target.uri(), autocommit=True) as session:
        session.execute("create extension timescaledb")
    terminal.export(PGCOPYDB_SOURCE_PGURI=source.uri(), PGCOPYDB_TARGET_PGURI=target.uri())
    terminal.open(f"lmtui --dir {terminal.directory / 'work'}")
    terminal.wait_for("Passwords are never shown")
    to_step(terminal, "Alignment", "Identity", "Tuning")
    terminal.press("F8")
    assert "people" not in terminal.wait_for("1 table, none marked")
    terminal.press("i", "Space")
    terminal.wait_for("[x]   public.readings")
    terminal.press("Enter")
    terminal.wait_for("Press s to start")
    assert "public.readings by at, chunks of 30 days" in terminal.screen()
    terminal.press("Escape")
    terminal.wait_for("1 table, 1 marked")
    terminal.press("C-q")
