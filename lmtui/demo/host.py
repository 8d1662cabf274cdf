"""The demonstration's host: owns both servers and the writer, detached from the terminal.

So the wizard may be closed, or its terminal killed, while the migration goes on. The host ends by
itself when no wizard is open and no migration runs.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lmtui.demo.scenario import DemoServers, find_scenario
from lmtui.endpoint import Endpoint
from lmtui.errors import AlreadyRunningError, LmtuiError
from lmtui.workdir import Lock, WorkDirectory, write_atomically

START_SECONDS = 60.0
ALONE_SECONDS = 3.0
POLL_SECONDS = 0.1


class Demonstration(msgspec.Struct, frozen=True, kw_only=True):
    """What a wizard needs to come back to a demonstration."""

    pid: int
    source: str
    target: str
    work: str


def place() -> Path:
    """Where the demonstration of this user lives."""
    return Path(tempfile.gettempdir()) / f"lmtui-demo-{os.getuid()}"


def running() -> Demonstration | None:
    """The demonstration that is under way, if any."""
    if not WorkDirectory(place()).worker_alive():
        return None
    with contextlib.suppress(FileNotFoundError):
        return msgspec.json.decode((place() / "demo.json").read_bytes(), type=Demonstration)
    return None


def begin(scenario: str, size: float, rate: float, work: Path | None) -> Demonstration:
    """Start a host and wait until its servers are filled.

    Raises LmtuiError with its last words where it ends before that.
    """
    root = place()
    root.mkdir(mode=0o700, exist_ok=True)
    arguments = ["--scenario", scenario, "--size", str(size), "--rate", str(rate)]
    log = root / "host.log"
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "lmtui.demo.host", *arguments,
             "--work", str(work or root / "work")],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise LmtuiError(
                "The demonstration did not start", detail=log.read_text(errors="replace").strip()
            )
        if (found := running()) is not None:
            return found
        time.sleep(POLL_SECONDS)
    child.terminate()
    raise LmtuiError("The demonstration did not start in time", hint=f"Its log is {log}")


def end(demonstration: Demonstration) -> None:
    """End the host, and wait until its servers are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(demonstration.pid, signal.SIGTERM)
    while WorkDirectory(place()).worker_alive():
        time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def attended() -> Iterator[None]:
    """Keep the host alive as long as this process is inside."""
    with (place() / "attended").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def _alone(work: WorkDirectory) -> bool:
    """Whether neither a wizard is open nor a migration runs."""
    with (place() / "attended").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return not work.worker_alive()


def _host(options: argparse.Namespace, ended: threading.Event) -> None:
    root, work = place(), WorkDirectory(options.work)
    servers_place = root / "servers"
    shutil.rmtree(servers_place, ignore_errors=True)
    servers_place.mkdir()
    scenario = find_scenario(options.scenario)
    with DemoServers(scenario, size=options.size, directory=servers_place) as servers:
        writer = servers.start_writer(root, options.rate)
        try:
            told = Demonstration(
                pid=os.getpid(),
                source=_with_side(servers.source),
                target=_with_side(servers.target),
                work=str(options.work),
            )
            write_atomically(root / "demo.json", msgspec.json.encode(told))
            alone_since: float | None = None
            # Whoever started us has yet to come.
            grace = time.monotonic() + START_SECONDS / 4
            while not ended.wait(POLL_SECONDS * 5):
                if not _alone(work) or time.monotonic() < grace:
                    alone_since = None
                elif alone_since is None:
                    alone_since = time.monotonic()
                elif time.monotonic() - alone_since > ALONE_SECONDS:
                    break
        finally:
            (root / "demo.json").unlink(missing_ok=True)
            writer.stop()


def _with_side(endpoint: Endpoint) -> str:
    """The connection string as an operator would give it."""
    values = endpoint.parameters
    return (
        f"postgres://{values['user']}:{values['password']}@{values['host']}:{values['port']}"
        f"/{values['dbname']}"
    )


def main() -> int:
    """Host a demonstration until it is ended or left alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--size", type=float, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        lock = Lock(WorkDirectory(place()))
        try:
            _host(options, ended)
        finally:
            # Also the default work directory; one that was given is kept.
            shutil.rmtree(place(), ignore_errors=True)
            lock.release()
    except AlreadyRunningError:
        # Another start was faster; its servers serve both.
        return 0
    except LmtuiError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
