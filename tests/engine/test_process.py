"""pgcopydb as a process group: whatever it does, it can be stopped whole and its errors read."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmtui.pgcopydb import process as module
from lmtui.pgcopydb.command import MIGRATION_VARIABLE
from lmtui.pgcopydb.process import Process, errors_in, stop_group, stop_leftovers

FAKE = Path(__file__).parents[1] / "fake_pgcopydb.py"
DEADLINE = 20.0

Start = Callable[..., Process]


def alive(group: int) -> list[int]:
    """The processes of a group that run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] not in "ZX":
                found.append(int(entry.name))
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        os.sched_yield()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log goes."""
    return tmp_path / "pgcopydb.log"


@pytest.fixture
def start(log: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a fake pgcopydb in a mode, and wait until it is as far as it goes."""
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    started: list[Process] = []

    def begin(mode: str, migration: str = "1a2b") -> Process:
        before = log.read_text() if log.exists() else ""
        process = Process(
            [sys.executable, str(FAKE), mode],
            {**os.environ, MIGRATION_VARIABLE: migration},
            log,
        )
        started.append(process)
        until(
            lambda: (
                '"ready"' in log.read_text()[len(before) :]
                or (mode in ("lies", "complains") and process.poll() is not None)
            )
        )
        return process

    yield begin
    for process in started:
        process.stop()


@pytest.mark.parametrize(
    ("mode", "code", "count"),
    [
        ("hangs", -signal.SIGTERM, 1),
        ("ignores", -signal.SIGKILL, 1),
        ("parent", -signal.SIGTERM, 3),
        ("deserts", 0, 1),
    ],
)
def test_stop_ends_the_whole_group(start: Start, mode: str, code: int, count: int) -> None:
    process = start(mode)
    group = process._child.pid
    if mode == "deserts":
        until(lambda: process.poll() is not None)
    assert len(alive(group)) == count
    process.stop()
    assert alive(group) == []
    assert process.poll() == code


def test_stop_of_what_has_ended_changes_nothing(start: Start) -> None:
    process = start("lies")
    process.stop()
    process.stop()
    assert process.poll() == 0


def test_stop_of_a_group_that_never_was() -> None:
    stop_group(2**22 + 1)


def test_group_is_not_the_supervisors_own(start: Start) -> None:
    """A signal to it, or Ctrl-C at a terminal, must not strike both."""
    process = start("hangs")
    assert os.getpgid(process._child.pid) == process._child.pid != os.getpgrp()
    assert os.getsid(process._child.pid) != os.getsid(0)


def test_exit_code_is_no_proof(start: Start) -> None:
    process = start("lies")
    assert process.poll() == 0
    assert process.errors() == ["Failed to copy table public.orders, see above for details"]


def test_errors_are_read_without_secrets(start: Start) -> None:
    process = start("complains")
    assert process.poll() == 12
    assert process.errors() == [
        '[SOURCE 7] connection to "postgres://app:***@db1/shop" failed',
        "Failed with host=db1 password=*** sslpassword=***",
    ]


def test_errors_are_those_of_this_run(start: Start, log: Path) -> None:
    start("complains")
    process = start("lies")
    assert len(process.errors()) == 1
    assert len(errors_in(log)) == 3


@pytest.mark.parametrize("mode", ["hangs", "ignores", "parent", "deserts"])
def test_leftovers_of_a_killed_supervisor_are_stopped(start: Start, mode: str) -> None:
    mine, others = start(mode, "1a2b"), start("hangs", "1a2")
    group = mine._child.pid
    if mode == "parent":
        # The leader is gone, its children are not.
        os.kill(group, signal.SIGKILL)
        until(lambda: mine.poll() is not None)
    assert alive(group)
    assert stop_leftovers("1a2b") == 1
    assert alive(group) == []
    assert others.poll() is None
    assert stop_leftovers("1a2b") == 0


def test_leftovers_are_not_the_supervisor_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stop_leftovers("no such migration") == 0
