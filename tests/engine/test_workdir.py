"""The work directory: private, with a lock that a look at it never takes away."""

import fcntl
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lmtui.errors import AlreadyRunningError, UsageError
from lmtui.workdir import (
    SOCKET_PATH_LIMIT,
    Lock,
    WorkDirectory,
    cut_torn_tail,
    default_directory,
    write_atomically,
)


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that was made."""
    directory = WorkDirectory(tmp_path / "above" / "work")
    directory.create()
    return directory


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"PGCOPYDB_DIR": "/data", "XDG_STATE_HOME": "/state"}, "/data"),
        ({"PGCOPYDB_DIR": "", "XDG_STATE_HOME": "/state"}, "/state/lmtui"),
        ({}, str(Path.home() / ".local/state/lmtui")),
    ],
)
def test_default_directory(environment: dict[str, str], expected: str) -> None:
    assert default_directory(environment) == Path(expected)


def test_only_its_owner_may_look_into_it(directory: WorkDirectory) -> None:
    for path in (directory.root, directory.logs, directory.spool):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    directory.create()
    Lock(directory).release()
    assert stat.S_IMODE(directory.lock.stat().st_mode) == 0o600
    assert [path.name for path in directory.root.iterdir() if path.is_file()] == ["lock"]


def test_directory_that_cannot_be_made_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/lmtui")):
        with pytest.raises(UsageError, match="cannot be written") as raised:
            WorkDirectory(root).create()
        assert raised.value.detail
        assert "--dir" in raised.value.hint


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_directory_that_cannot_be_written_is_a_wrong_call(directory: WorkDirectory) -> None:
    directory.root.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot be written"):
            directory.create()
    finally:
        directory.root.chmod(0o700)


def test_migration_exists_from_its_first_event_on(directory: WorkDirectory) -> None:
    """A supervisor that cannot reach a server leaves a journal without any."""
    assert not directory.exists
    directory.journal.touch()
    assert not directory.exists
    directory.journal.write_text("{}\n")
    assert directory.exists


@pytest.mark.parametrize("length", [1, 80, 90, 91, 92, 93, 94, 95, 96, 97, 110, 200])
def test_socket_can_be_bound_however_long_the_path(tmp_path: Path, length: int) -> None:
    name = "w" * max(1, length - len(str(tmp_path)))
    directory = WorkDirectory(tmp_path / name)
    directory.create()
    path = directory.control_socket
    assert len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    path.unlink()
    assert path == WorkDirectory(tmp_path / name).control_socket
    assert path != WorkDirectory(tmp_path / (name + "x")).control_socket


def test_path_of_the_longest_socket_is_used_itself() -> None:
    root = "/" + "d" * (SOCKET_PATH_LIMIT - len("//control.sock"))
    assert WorkDirectory(Path(root)).control_socket == Path(root) / "control.sock"
    assert WorkDirectory(Path(root + "d")).control_socket.parent != Path(root + "d")
    wide = "/" + "é" * 60
    assert WorkDirectory(Path(wide)).control_socket.parent != Path(wide)


def test_worker_is_alive_as_long_as_it_holds_the_lock(directory: WorkDirectory) -> None:
    assert not directory.worker_alive()
    lock = Lock(directory)
    assert directory.worker_alive()
    lock.release()
    assert not directory.worker_alive()


def test_lock_goes_with_its_process_and_not_with_its_children(directory: WorkDirectory) -> None:
    """However it ends; a child that outlives it must not seem to be a worker."""
    program = (
        "import pathlib, subprocess, sys\n"
        "from lmtui.workdir import Lock, WorkDirectory\n"
        "lock = Lock(WorkDirectory(pathlib.Path(sys.argv[1])))\n"
        "child = subprocess.Popen(['cat'], close_fds=False)\n"
        "print(flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(directory.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert directory.worker_alive()
        with pytest.raises(AlreadyRunningError):
            Lock(directory)
        worker.kill()
        worker.wait()
        # The child has the other end of stdin, and so still runs.
        assert not directory.worker_alive()
        Lock(directory).release()


def test_looking_never_keeps_a_worker_from_starting(directory: WorkDirectory) -> None:
    """Whoever looks holds the lock, shared, for a moment."""
    Lock(directory).release()
    looking = directory.lock.open("rb")
    fcntl.flock(looking, fcntl.LOCK_SH)
    ends = threading.Timer(0.05, looking.close)
    ends.start()
    Lock(directory).release()
    ends.join()


def test_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for content in (b"one", b"", b"two" * 1000):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_torn_tail_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    for content, kept in (
        (b"", b""),
        (b"a", b""),
        (b"a\n", b"a\n"),
        (b"a\nb", b"a\n"),
        (b"a\n\0\0\0", b"a\n"),
    ):
        path.write_bytes(content)
        cut_torn_tail(path)
        assert path.read_bytes() == kept
