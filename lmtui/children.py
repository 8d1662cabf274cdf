"""Receiver and applier as child processes: spawned, listened to, stopped.

They end by themselves when their stdin ends, so that none outlives a supervisor that was killed.
"""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from lmtui.replay.reports import Halted, Report, read

STOP_SECONDS = 15.0


class Child:
    """One running child. `halted` is its last word where it could not go on."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        listen: Callable[[Report], None],
    ) -> None:
        self.module = module
        self.halted: Halted | None = None
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
        for line in self._process.stdout:
            report = read(line)
            if isinstance(report, Halted):
                self.halted = report
            self._listen(report)

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
