"""pgcopydb as a process group: started, watched, and stopped whole.

pgcopydb makes itself the leader of a process group, and only a signal to the group stops all of it
at once (measured); SIGQUIT to its leader would leave its children copying.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lmtui.endpoint import redact
from lmtui.pgcopydb.command import MIGRATION_VARIABLE

STOP_SECONDS = 20.0


class LogLine(msgspec.Struct, frozen=True):
    """One line of pgcopydb's JSON log."""

    error_severity: str = ""
    message: str = ""


# What it says as errors of every run that reads a dump with comments or rights of odd names (0.18).
_NO_ERROR = re.compile(r"Failed to parse Archive TOC comment or acl:")

# A server's or a program's own word for it; warnings and hints are logged as errors too.
_CAUSE = re.compile(r"\b(error|ERROR|FATAL|PANIC):|SQLSTATE")

_lines = msgspec.json.Decoder(LogLine)


class Process:
    """A running pgcopydb."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        services: str = "",
    ) -> None:
        """Start it. `services` is a connection service file's text, which goes to no disk."""
        self._log = log
        held = _in_memory(services) if services else None
        if held is not None:
            environment = {**environment, "PGSERVICEFILE": f"/proc/self/fd/{held}"}
        try:
            with log.open("ab") as output:
                self._beginning = output.tell()
                self._child = subprocess.Popen(  # noqa: S603
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(environment),
                    start_new_session=True,
                    pass_fds=() if held is None else (held,),
                )
        finally:
            if held is not None:
                os.close(held)

    def poll(self) -> int | None:
        """The exit code, or None while it runs. 0 is no proof of anything."""
        return self._child.poll()

    @property
    def group(self) -> int:
        """The number of its process group."""
        return self._child.pid

    def stop(self) -> None:
        """Stop the whole group: SIGTERM, and SIGKILL where that does not help."""
        stop_group(self._child.pid)
        self._child.wait()

    def errors(self) -> list[str]:
        """The errors in its log, oldest first, without secrets."""
        return errors_in(self._log, self._beginning)

    def causes(self, most: int = 3) -> list[str]:
        """The first of them that are an error's own words; else the first of all."""
        found = self.errors()
        return [words for words in found if _CAUSE.search(words)][:most] or found[:most]


def _in_memory(text: str) -> int:
    """A file that only this process and its children have; each opens it anew."""
    descriptor = os.memfd_create("lmtui")
    with open(descriptor, "w", closefd=False) as file:
        file.write(text)
    return descriptor


def own_services(environment: Mapping[str, str]) -> str:
    """The operator's connection service file; empty where there is none."""
    given = environment.get("PGSERVICEFILE")
    path = Path(given) if given else Path.home() / ".pg_service.conf"
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def errors_in(log: Path, beginning: int = 0) -> list[str]:
    """The error messages of a log from a byte on."""
    found = []
    with log.open("rb") as file:
        file.seek(beginning)
        for line in file:
            try:
                entry = _lines.decode(line)
            except msgspec.DecodeError:
                continue
            if entry.error_severity in ("ERROR", "FATAL") and not _NO_ERROR.match(entry.message):
                found.append(redact(entry.message.strip()))
    return found


def stop_group(group: int) -> None:
    """End a process group and wait until it is empty."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        deadline = time.monotonic() + seconds
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
            # One that is stopped hears nothing else.
            os.killpg(group, signal.SIGCONT)
        while time.monotonic() < deadline:
            if not _group_alive(group):
                return
            time.sleep(0.05)


def _group_alive(group: int) -> bool:
    """Whether any process of the group is left that is not merely waiting to be reaped."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name, in parentheses: state, parent, group (proc(5)).
                state, _, its_group, *_ = (
                    (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                )
                if int(its_group) == group and state not in "ZX":
                    return True
    return False


def stop_leftovers(migration: str) -> int:
    """Stop what an earlier supervisor of this migration has left running; returns how many groups.

    They carry the migration's id in their environment, which no reused pid can do.
    """
    mark = f"{MIGRATION_VARIABLE}={migration}".encode()
    groups = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    groups.add(os.getpgid(int(entry.name)))
    for group in groups:
        stop_group(group)
    return len(groups)
