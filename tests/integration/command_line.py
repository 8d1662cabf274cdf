"""lmtui as its users call it, in processes of its own, and what the tests look at from outside."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from lmtui.cutover.readiness import readiness
from lmtui.database import connect
from lmtui.demo.writer import Tally
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError
from lmtui.journal import Reader
from lmtui.phases import Status
from lmtui.state import State
from lmtui.workdir import WorkDirectory

SECRET = "open-sesame-7391"  # noqa: S105
# What quoting can get wrong, in URIs and in connection strings; the secret itself stays readable.
PASSWORD = f"a:b/c@d%e'f\\g&h {SECRET}?#"
POLL_SECONDS = 0.05


def uri(endpoint: Endpoint, **more: str) -> str:
    """A connection string as an operator writes it."""
    given = {**endpoint.parameters, **more}
    user, password = quote(given["user"], safe=""), quote(given["password"], safe="")
    return f"postgres://{user}:{password}@{given['host']}:{given['port']}/{given['dbname']}"


class CommandLine:
    """One work directory, two databases, and all that was printed about them."""

    def __init__(self, directory: Path, source: Endpoint, target: Endpoint) -> None:
        self.directory = WorkDirectory(directory)
        self.source = source
        self.target = target
        self.said: list[str] = []
        self._started: list[subprocess.Popen[str]] = []

    def move(self, directory: Path) -> None:
        """Have another work directory, before there is a migration."""
        self.directory = WorkDirectory(directory)

    @property
    def database(self) -> str:
        """The source database's name, which confirms a cutover."""
        return self.source.database

    def environment(self, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Both connection strings and what every shell has; None takes a variable away."""
        given: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PGCOPYDB_SOURCE_PGURI": uri(self.source),
            "PGCOPYDB_TARGET_PGURI": uri(self.target),
            **(more or {}),
        }
        return {name: value for name, value in given.items() if value is not None}

    def start(
        self, *arguments: str, more: Mapping[str, str | None] | None = None
    ) -> "subprocess.Popen[str]":
        """Start a command; hand it to `end`."""
        process = subprocess.Popen(
            ["lmtui", *arguments, "--dir", str(self.directory.root)],
            env=self.environment(more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def end(self, process: "subprocess.Popen[str]", *, code: int = 0, seconds: float = 90) -> str:
        """Wait for a command, check its exit code, and return its stdout."""
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate()
            raise AssertionError(f"{process.args} did not end\n{out}\n{errors}") from None
        self._started.remove(process)
        self.said += [out, errors]
        assert process.returncode == code, f"{process.args}: {process.returncode}\n{out}\n{errors}"
        return out

    def __call__(
        self, *arguments: str, code: int = 0, more: Mapping[str, str | None] | None = None
    ) -> str:
        """Run a command and return its stdout."""
        return self.end(self.start(*arguments, more=more), code=code)

    def refused(
        self, *arguments: str, code: int, more: Mapping[str, str | None] | None = None
    ) -> str:
        """Run a command that is refused, and return its stderr: nothing is on stdout."""
        out = self(*arguments, code=code, more=more)
        assert out == ""
        words = self.said[-1]
        assert words.startswith("lmtui: "), words
        assert "Traceback" not in words
        return words

    def status(self) -> Any:
        """What `status --json` says."""
        return json.loads(self("status", "--json"))

    def state(self) -> State:
        """The state as the journal and the samples have it."""
        return Reader(self.directory).poll()

    def wait_for(self, condition: Callable[[State], object], seconds: float = 60) -> State:
        """Wait until the state is as wanted."""
        reader = Reader(self.directory)
        deadline = time.monotonic() + seconds
        while not condition(state := reader.poll()):
            ended = state.problem is not None or state.status is Status.DONE
            if time.monotonic() > deadline or (ended and not self.directory.worker_alive()):
                raise AssertionError(self.told(state))
            time.sleep(POLL_SECONDS)
        return state

    def told(self, state: State) -> str:
        """Everything there is to know when something did not come to pass."""
        logs = "\n".join(
            f"{path.name}: {path.read_text(errors='replace')[-600:]}"
            for path in sorted(self.directory.logs.glob("*.log"))
            if path.name != "pgcopydb.log"
        )
        last = "\n".join(str(record) for record in state.recent[-15:])
        replay = state.sample.replay if state.sample else None
        return f"{state.phase} {state.status} {state.problem}\n{replay}\n{last}\n{logs}"

    def wait_until_gone(self, seconds: float = 30) -> None:
        """Wait until no supervisor works."""
        deadline = time.monotonic() + seconds
        while self.directory.worker_alive():
            assert time.monotonic() < deadline, "the supervisor lives on"
            time.sleep(POLL_SECONDS)

    def wait_until_replayed(self, seconds: float = 60) -> None:
        """Wait until all that the source has committed so far is on the target."""
        lsn = soon(lambda: one(self.source, "select pg_current_wal_insert_lsn()::text"))
        query = f"select max(commit_lsn) >= '{lsn}' from lmtui.progress"
        try:
            soon(lambda: one(self.target, query), seconds)
        except AssertionError:
            raise AssertionError(self.told(self.state())) from None

    def kill_supervisor(self) -> None:
        """End the supervisor as a crash would."""
        # Once it has ended in order there is none, and 0 would be the test's own group.
        if (pid := self.state().worker_pid) and self.directory.worker_alive():
            os.kill(pid, signal.SIGKILL)
        self.wait_until_gone()

    def reach(self, step: str, *command: str) -> tuple["subprocess.Popen[str]", State]:
        """Start a command, and return as soon as the supervisor's journal tells of the step."""
        reader = Reader(self.directory)
        beginning = reader.poll().seq
        going = self.start(*command)

        def reached(state: State) -> bool:
            return any(
                record.seq > beginning and getattr(record.event, "step", "") == step
                for record in state.recent
            )

        # Without a pause: a step takes milliseconds.
        while not reached(state := reader.poll()):
            assert going.poll() is None, (step, self.told(state))
        return going, state

    def kill_at(self, step: str, *command: str) -> None:
        """Run a command, and kill the supervisor as soon as its journal tells of the step."""
        going, state = self.reach(step, *command)
        os.kill(state.worker_pid, signal.SIGKILL)
        self.wait_until_gone()
        self.end(going, code=going.wait(30))

    def children(self, module: str) -> list[int]:
        """The receivers or appliers of this migration."""
        place = os.fsencode(self.directory.root)
        return [
            pid
            for pid, words in command_lines()
            if any(module.encode() == word for word in words)
            and any(word.startswith(place) for word in words)
        ]

    def leave(self) -> None:
        """Leave no process behind, whatever happened."""
        for process in self._started:
            process.kill()
            process.communicate()
        deadline = time.monotonic() + 30
        while self.directory.worker_alive() and time.monotonic() < deadline:
            if pid := self.state().worker_pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        mark = f"LMTUI_MIGRATION={self.state().id}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)

    def files(self) -> Iterator[Path]:
        """The files of the work directory but for the data under way."""
        for path in self.directory.root.rglob("*"):
            if path.is_file() and self.directory.spool not in path.parents:
                yield path


def command_lines() -> Iterator[tuple[int, list[bytes]]]:
    """The arguments of every process that may be looked at."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes().split(b"\0")


def soon(found: Callable[[], Any], seconds: float = 30) -> Any:
    """What is found within this time, also on a server that just recovers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionFailedError, psycopg.OperationalError):
            if there := found():
                return there
        time.sleep(POLL_SECONDS)
    raise AssertionError("It is not found")


def is_ready(state: State) -> bool:
    """Whether a cutover may begin, as the state and its latest sample have it."""
    return state.sample is not None and readiness(state, state.sample).ready


def is_read_only(endpoint: Endpoint) -> bool:
    """Whether a new session of the database, without wishes of its own, may not write."""
    query = (
        "select count(*) from pg_db_role_setting where setdatabase = "
        "(select oid from pg_database where datname = current_database())"
    )
    return bool(one(endpoint, query))


def one(endpoint: Endpoint, query: str) -> Any:
    """The first value of the first row."""
    with connect(endpoint) as connection:
        return connection.execute(query.encode()).fetchall()[0][0]


def execute(endpoint: Endpoint, *statements: str) -> None:
    """Run these, each in a transaction of its own."""
    with connect(endpoint) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def against_tally(target: Endpoint, tally: Tally) -> dict[str, tuple[int, int]]:
    """Tables whose rows on the target are not as many as the writer committed."""
    differences = {}
    with connect(target, read_only=True) as connection:
        for name, expected in tally.expected.items():
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(*name.split(".", 1)))
            count = connection.execute(query).fetchall()[0][0]
            if count != expected:
                differences[name] = (count, expected)
    return differences
