"""A throw-away PostgreSQL cluster: made, started, and never left behind."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.workdir import SOCKET_PATH_LIMIT

DEFAULT_VERSION = 17
SUPERUSER = "postgres"

_HOST = "127.0.0.1"
_PORTS_TRIED = 3
_START_SECONDS = 60
_INSTALLATIONS = Path("/usr/lib/postgresql")
_PLUGINS = "pgoutput, test_decoding, wal2json"
_SETTINGS = {
    "listen_addresses": _HOST,
    "timezone": "UTC",
    "wal_level": "logical",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "max_worker_processes": "16",
    # Every chunk that a statement touches takes a lock for itself and for each of its indexes.
    "max_locks_per_transaction": "512",
    "checkpoint_timeout": "30min",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Nothing here survives its process, so nothing has to survive a crash of the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
}


def binaries(version: int = DEFAULT_VERSION) -> Path:
    """The directory of PostgreSQL's programs. Raises LmtuiError where they are not installed."""
    found = _INSTALLATIONS / str(version) / "bin"
    if not (found / "initdb").exists():
        raise LmtuiError(
            f"PostgreSQL {version} is not installed here",
            detail=f"There is no {found / 'initdb'}.",
            hint="Run it in the lab, which has all it needs: make demo",
        )
    return found


class Cluster:
    """A PostgreSQL server of its own, in a directory of its own that goes when it stops.

    Passwords are required (SCRAM), and it listens on 127.0.0.1 and on a socket in its directory.
    `settings` come on top of what a demonstration needs; `programs` is the directory of an
    installation of its own. Use it as a context manager, or call `start` and `stop`; should this
    process die in between, the keeper stops it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        version: int = DEFAULT_VERSION,
        superuser: str = SUPERUSER,
        settings: Mapping[str, str] | None = None,
        programs: Path | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.version = version
        self.superuser = superuser
        self.port = 0
        self._password = secrets.token_urlsafe(18)
        self._settings = {**_SETTINGS, **(settings or {})}
        self._given = programs
        self._programs = Path()
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.directory / "server.log"

    @property
    def has_timescaledb(self) -> bool:
        """Whether TimescaleDB is installed for this version."""
        programs = self._given or binaries(self.version)
        return (programs.parent / "lib" / "timescaledb.so").exists()

    def endpoint(self, database: str, side: str = "source") -> Endpoint:
        """The superuser's connection to `database`."""
        return Endpoint(
            side,
            {
                "host": _HOST,
                "port": str(self.port),
                "user": self.superuser,
                "password": self._password,
                "dbname": database,
            },
        )

    def start(self) -> None:
        """Make the cluster and start it. Raises LmtuiError where that cannot be."""
        self._programs = self._given or binaries(self.version)
        if os.geteuid() == 0:
            raise LmtuiError(
                "PostgreSQL does not run as root",
                hint="Run it in the lab, which has a user for it: make demo",
            )
        self.directory.mkdir(parents=True, mode=0o700)
        self._keeper = subprocess.Popen(  # noqa: S603
            [
                sys.executable, "-m", "lmtui.demo.keeper",
                str(self._programs / "pg_ctl"), str(self.directory),
            ],
            stdin=subprocess.PIPE,
            # A Ctrl-C meant for the starter must not end the keeper before the server.
            start_new_session=True,
        )  # fmt: skip
        try:
            self._make()
            self._start_on_a_free_port()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Stop the server as a crash would, and start it again on the same port."""
        self._pg_ctl("stop", "-m", "immediate")
        self._pg_ctl("start", "-l", str(self.log))

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        if self._keeper is None:
            return
        self._keeper.communicate()
        self._keeper = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _make(self) -> None:
        password_file = self.directory / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, encoding="utf-8")
        self._run(
            "initdb", "-D", str(self.data), "-U", self.superuser, "--pwfile", str(password_file),
            "--auth", "scram-sha-256", "--locale", "C.UTF-8", "--encoding", "UTF8",
            "--no-sync", "--no-instructions",
        )  # fmt: skip
        password_file.unlink()
        settings = dict(self._settings)
        if len(os.fsencode(self.directory / ".s.PGSQL.65535.lock")) <= SOCKET_PATH_LIMIT:
            settings.setdefault("unix_socket_directories", str(self.directory))
        else:
            settings.setdefault("unix_socket_directories", "")
        if self.has_timescaledb:
            settings.setdefault("shared_preload_libraries", "timescaledb")
            settings.setdefault("timescaledb.telemetry_level", "off")
        if self._knows("output_plugin_libraries"):
            settings.setdefault("output_plugin_libraries", _PLUGINS)
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        lines = [f"{name} = '{value}'\n" for name, value in quoted.items()]
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(lines)

    def _knows(self, setting: str) -> bool:
        # The allow-list came with the minor releases of August 2026; servers before them refuse
        # to start with a setting that they do not know.
        asked = subprocess.run(  # noqa: S603
            [self._programs / "postgres", "-D", self.data, "-C", setting],
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0

    def _start_on_a_free_port(self) -> None:
        # Another process may take the port between its choice and its use.
        for remaining in reversed(range(_PORTS_TRIED)):
            self.port = _free_port()
            with (self.data / "postgresql.auto.conf").open("w", encoding="utf-8") as file:
                file.write(f"port = {self.port}\n")
            try:
                self._pg_ctl("start", "-l", str(self.log))
            except LmtuiError:
                if not remaining:
                    raise
            else:
                return

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._run(
            "pg_ctl", action, "-D", str(self.data), "-w", "-s", "-t", str(_START_SECONDS),
            *arguments,
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        # A server that pg_ctl starts keeps pg_ctl's output open: a pipe would never end.
        words = self.directory / f"{program}.out"
        with words.open("wb") as file:
            done = subprocess.run(  # noqa: S603
                [self._programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            said = words.read_text(encoding="utf-8", errors="replace").strip()
            log = (
                self.log.read_text(encoding="utf-8", errors="replace")
                if program == "pg_ctl"
                else ""
            )
            raise LmtuiError(
                f"A throw-away server could not be made: {program} failed",
                detail="\n".join(part for part in (said, *log.splitlines()[-5:]) if part),
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
