"""Receiver and applier as child processes: spawned, listened to, stopped.

They end by themselves when their stdin ends, so that none outlives a supervisor that was killed.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lmtui.replay.reports import Halted, Report, read

STOP_SECONDS = 15.0
# No report is nearly as long.
LINE_BYTES = 1024 * 1024
_SHOWN_BYTES = 80


class Child:
    """One running child.

    `last` is what it has last told, and `halted` its last word where it could not go on.
    `unreadable` counts lines that are no report, of which `last_unreadable` is the beginning of the
    latest.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        listen: Callable[[Report], None] | None = None,
    ) -> None:
        self.module = module
        self.halted: Halted | None = None
        self.last: Report | None = None
        self.unreadable = 0
        self.last_unreadable = ""
        self._heard_at = time.monotonic()
        self._listen = listen
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        while line := self._process.stdout.readline(LINE_BYTES):
            try:
                report = read(line)
            except msgspec.DecodeError:
                # Torn where the child was killed, or printed by a library.
                self.unreadable += 1
                self.last_unreadable = line[:_SHOWN_BYTES].decode(errors="replace").strip()
                continue
            self._heard_at = time.monotonic()
            if isinstance(report, Halted):
                self.halted = report
            self.last = report
            if self._listen is not None:
                self._listen(report)

    @property
    def name(self) -> str:
        """What it is called: receiver or applier."""
        return self.module.rpartition(".")[2]

    @property
    def silent_seconds(self) -> float:
        """For how long it has said nothing."""
        return time.monotonic() - self._heard_at

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        code = self._process.poll()
        if code is not None:
            # Its last words may still be in the pipe.
            self._reader.join(timeout=5)
        return code

    def tell(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it at once; nothing is lost."""
        self._process.kill()

    def stop(self) -> None:
        """Ask it to end; kill it where it does not. Nothing is lost either way."""
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(timeout=5)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
