"""The operator's command: told what it was, without secrets, and unable to hold anything up."""

import sys
import threading
from pathlib import Path

import pytest

from lmtui import events as e
from lmtui.hooks import Hook, clean_environment, occasion
from lmtui.phases import Status

PRINT = (sys.executable, "-c", "import os; print(os.environ['LMTUI_EVENT'], "
         "os.environ['LMTUI_MESSAGE'], 'PGCOPYDB_SOURCE_PGURI' in os.environ)")  # fmt: skip


def wait() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("hook "):
            thread.join()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path


def log(directory: Path) -> str:
    return (directory / "logs" / "hook.log").read_text()


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (e.CaughtUp(lag_bytes=0, lag_seconds=0), "caught-up"),
        (e.FellBehind(lag_bytes=0, lag_seconds=0), ""),
        (e.StatusChanged(status=Status.FAILED, problem=e.Problem(title="x")), "failed"),
        (e.StatusChanged(status=Status.STOPPED), ""),
        (e.Completed(proven=True, downtime_seconds=1), "done"),
        (e.Completed(proven=False, downtime_seconds=1), "done"),
    ],
)
def test_only_what_is_worth_hearing_of_is_told(event: e.AnyEvent, name: str) -> None:
    assert occasion(event)[0] == name


def test_the_command_hears_what_it_was_and_no_secret(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCOPYDB_SOURCE_PGURI", "postgres://u:secret@h/d")
    Hook(PRINT, directory).hear(e.CaughtUp(lag_bytes=1, lag_seconds=0))
    wait()
    assert log(directory) == (
        "caught-up The target has caught up with the source False\ncaught-up: exit code 0\n"
    )
    assert "PGCOPYDB_SOURCE_PGURI" not in clean_environment({"PGCOPYDB_SOURCE_PGURI": "x"})


def test_a_stall_is_told_once_until_it_is_over(directory: Path) -> None:
    hook = Hook(PRINT, directory)
    for verdict in ("catching up", "stalled", "stalled", "caught up", "stalled"):
        hook.judge(verdict, "why")
        wait()
    assert log(directory).count("stalled why") == 2


def test_a_command_that_is_not_there_leaves_a_line(directory: Path) -> None:
    Hook(("/nonexistent/command",), directory).call("done", "x")
    wait()
    assert "done: [Errno 2]" in log(directory)


def test_without_a_command_nothing_is_done(directory: Path) -> None:
    assert Hook((), directory).call("done", "x") is None
    assert not (directory / "logs" / "hook.log").exists()
