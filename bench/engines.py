"""What is measured: lmtui with either decoder, PostgreSQL's own subscription, and pgcopydb."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from psycopg import sql
from servers import process_cpu, process_peak, tree_cpu, tree_peak

from lmtui.children import Child
from lmtui.database import connect
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.migration.slot import HeldSnapshot, drop_slot
from lmtui.replay import progress
from lmtui.replay.facts import read_facts
from lmtui.workdir import WorkDirectory

_SNAPSHOT_SECONDS = 30.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Usage:
    """CPU seconds and peak memory (resident, bytes) of an engine's own processes.

    `receiver` and `applier` are lmtui's; what has other processes gives all of them as `applier`.
    """

    receiver: float = 0.0
    applier: float = 0.0
    peak: int = 0


class EndedError(Exception):
    """An engine has ended by itself; its last words."""


class Engine(Protocol):
    """One way of replaying, for one source and one target."""

    name: str
    hypertables: bool

    def prepare(self, source: Endpoint, target: Endpoint, place: Path) -> None:
        """Make what keeps the source's changes from now on."""

    def start(self) -> None:
        """Replay what was kept, and what comes."""

    def check(self) -> None:
        """Raise EndedError where it runs no more."""

    def stop(self) -> Usage:
        """End it, and say what it has used."""

    def remove(self) -> None:
        """Remove from the source what keeps its changes."""


class Lmtui:
    """Receiver and applier, as a migration starts them."""

    hypertables = True

    def __init__(self, plugin: str) -> None:
        self.name = f"lmtui, {plugin}"
        self._plugin = plugin
        self._slot = f"lmtui_{plugin}"
        self._children: list[Child] = []

    def prepare(self, source: Endpoint, target: Endpoint, place: Path) -> None:
        self._source, self._target = source, target
        self._directory = WorkDirectory(place)
        self._directory.create()
        held = HeldSnapshot(source, self._slot, self._plugin)
        with held.inside() as connection:
            read_facts(connection).save(self._directory)
        held.release()
        self._start_lsn = held.slot.lsn
        with connect(target) as connection:
            progress.create(connection, self._slot, self._start_lsn)

    def start(self) -> None:
        directory = self._directory
        self._children = [
            Child(
                "lmtui.replay.receiver",
                ["--spool", str(directory.spool), "--slot", self._slot, "--plugin", self._plugin,
                 "--start", str(self._start_lsn)],
                {**os.environ, SOURCE_VARIABLE: self._source.uri()},
                directory.logs / "receiver.log",
                lambda _report: None,
            ),
            Child(
                "lmtui.replay.applier",
                ["--dir", str(directory.root), "--slot", self._slot, "--plugin", self._plugin],
                {**os.environ, TARGET_VARIABLE: self._target.uri()},
                directory.logs / "applier.log",
                lambda _report: None,
            ),
        ]  # fmt: skip

    def check(self) -> None:
        for child in self._children:
            if child.poll() is not None:
                if child.halted is not None:
                    raise EndedError(f"{child.halted.title}: {child.halted.detail}")
                name = child.module.rpartition(".")[2]
                log = self._directory.logs / f"{name}.log"
                raise EndedError(f"the {name} ended: {log.read_text()[-300:].strip()}")

    def stop(self) -> Usage:
        receiver, applier = self._children
        usage = Usage(
            process_cpu(receiver.pid),
            process_cpu(applier.pid),
            process_peak(receiver.pid) + process_peak(applier.pid),
        )
        for child in (applier, receiver):
            child.stop()
        return usage

    def remove(self) -> None:
        with connect(self._source) as connection:
            drop_slot(connection, self._slot)


class Subscription:
    """PostgreSQL's own logical replication: a publication and a subscription."""

    name = "subscription"
    # Its apply worker writes into the hidden root table of a hypertable.
    hypertables = False

    def prepare(self, source: Endpoint, target: Endpoint, place: Path) -> None:
        self._source, self._target = source, target
        with connect(source) as connection:
            connection.execute("create publication bench for tables in schema public")
        conninfo = sql.Literal(source.conninfo(application="bench"))
        with connect(target) as connection:
            connection.execute(
                sql.SQL(
                    "create subscription bench connection {} publication bench"
                    " with (enabled = false, copy_data = false, slot_name = 'subscription')"
                ).format(conninfo)
            )

    def start(self) -> None:
        with connect(self._target) as connection:
            connection.execute("alter subscription bench enable")

    def check(self) -> None:
        return

    def stop(self) -> Usage:
        with connect(self._target) as connection:
            connection.execute("alter subscription bench disable")
            connection.execute("alter subscription bench set (slot_name = none)")
            connection.execute("drop subscription bench")
        return Usage()

    def remove(self) -> None:
        with connect(self._source) as connection:
            drop_slot(connection, "subscription")


class Pgcopydb:
    """pgcopydb follow with wal2json, the plugin that it is most exact with.

    Its clean-up is not called: whole databases are dropped.
    """

    hypertables = True

    def __init__(self, name: str, program: str) -> None:
        self.name = name
        self._program = program
        self._slot = "follow_" + "".join(filter(str.isdigit, name))
        self._running: subprocess.Popen[bytes] | None = None

    def prepare(self, source: Endpoint, target: Endpoint, place: Path) -> None:
        self._source, self._target = source, target
        place.mkdir(parents=True, mode=0o700)
        self._place = place
        self._environment = {
            **os.environ,
            "PGCOPYDB_SOURCE_PGURI": source.uri(),
            "PGCOPYDB_TARGET_PGURI": target.uri(),
            "XDG_DATA_HOME": str(place),
        }
        self._directory = ["--dir", str(place / "work")]
        plugin = ["--plugin", "wal2json", "--wal2json-numeric-as-string"]
        snapshot = self._popen(
            "snapshot", "--follow", *self._directory, *plugin, "--slot-name", self._slot,
            output="snapshot",
        )  # fmt: skip
        try:
            self._await_snapshot(snapshot)
            self._call("stream", "setup", *self._directory, "--origin", self._slot)
        finally:
            snapshot.terminate()
            snapshot.wait()

    def start(self) -> None:
        # Its options must come before its words.
        self._call("stream", "sentinel", "set", "apply", *self._directory)
        self._call("stream", "sentinel", "set", "endpos", *self._directory, "--current")
        self._running = self._popen(
            "follow", *self._directory, "--resume", "--not-consistent", output="follow"
        )

    def check(self) -> None:
        if self._running is not None and self._running.poll() is not None:
            raise EndedError(f"exit code {self._running.returncode}")

    def stop(self) -> Usage:
        if self._running is None:
            return Usage()
        pid = self._running.pid
        usage = Usage(applier=tree_cpu(pid), peak=tree_peak(pid))
        if self._running.poll() is None:
            os.killpg(pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self._running.wait()
        return usage

    def remove(self) -> None:
        with connect(self._source) as connection:
            drop_slot(connection, self._slot)
        # Origins belong to the whole server, and this one would be in the way of the next run.
        with connect(self._target) as connection:
            connection.execute("select pg_replication_origin_drop(%s)", (self._slot,))

    def _popen(self, *arguments: str, output: str) -> "subprocess.Popen[bytes]":
        with (self._place / f"{output}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [self._program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def _call(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603
            [self._program, *arguments], env=self._environment, capture_output=True, check=False
        )
        if done.returncode:
            words = done.stderr.decode(errors="replace")[-800:]
            raise EndedError(f"{self._program} {' '.join(arguments)}: {words}")

    def _await_snapshot(self, process: "subprocess.Popen[bytes]") -> None:
        log = self._place / "snapshot.log"
        deadline = time.monotonic() + _SNAPSHOT_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if (self._place / "work" / "snapshot").exists():
                return
            time.sleep(0.05)
        raise EndedError(f"pgcopydb snapshot: {log.read_text(errors='replace')[-800:]}")
