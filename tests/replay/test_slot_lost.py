"""A slot that is no more: the receiver halts, and why it did is said plainly."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmtui.children import Child
from lmtui.database import connect
from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import SOURCE_VARIABLE, Endpoint
from lmtui.errors import LmtuiError, ReplayStoppedError
from lmtui.migration.slot import drop_slot
from lmtui.migration.slot_lost import stopped
from lmtui.phases import Phase
from lmtui.replay.protocol import ReplicationConnection

pytestmark = pytest.mark.postgres

SLOT = "lmtui_lost"
PLUGIN = "test_decoding"


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path, for sockets."""
    with tempfile.TemporaryDirectory(prefix="lmtui-lost-") as made:
        yield Path(made)


def made(directory: Path, version: int, **settings: str) -> Cluster:
    cluster = Cluster(directory / "source", version=version, settings=settings)
    try:
        cluster.start()
    except LmtuiError as error:
        if os.environ.get("LMTUI_LAB") == "1":
            raise
        pytest.skip(str(error))
    return cluster


def slot(source: Endpoint) -> int:
    connection = ReplicationConnection(source, application="lmtui snapshot")
    try:
        return connection.create_slot(SLOT, PLUGIN).lsn
    finally:
        connection.close()


def invalidate(source: Endpoint, reasons: str) -> None:
    """Write log and checkpoint until the slot is given up."""
    with connect(source) as connection:
        for _ in range(100):
            connection.execute("select pg_logical_emit_message(false, 'x', 'y'), pg_switch_wal()")
            connection.execute("checkpoint")
            (status,) = connection.execute(
                "select wal_status from pg_replication_slots"
            ).fetchall()[0]
            if status == reasons:
                return
            connection.execute("select pg_sleep(0.05)")
    raise AssertionError(status)


def why(source: Endpoint, lsn: int, spool: Path, phase: Phase = Phase.REPLICATE) -> LmtuiError:
    """What a real receiver halts with, explained."""
    spool.mkdir()
    child = Child(
        "lmtui.replay.receiver",
        ["--spool", str(spool), "--slot", SLOT, "--plugin", PLUGIN, "--start", str(lsn)],
        {**os.environ, SOURCE_VARIABLE: source.uri()},
        spool / "receiver.log",
        lambda _report: None,
    )
    deadline = time.monotonic() + 30
    while child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.stop()
    assert child.halted is not None, (spool / "receiver.log").read_text()
    error = stopped(source, SLOT, child.halted, phase)
    assert isinstance(error, ReplayStoppedError)
    assert child.halted.sqlstate in error.detail
    return error


def test_log_that_was_removed(directory: Path, tmp_path: Path) -> None:
    cluster = made(directory, 17, max_slot_wal_keep_size="1MB")
    try:
        source = cluster.endpoint("postgres")
        lsn = slot(source)
        invalidate(source, "lost")
        error = why(source, lsn, tmp_path / "spool")
        assert (
            error.title
            == f"The source has removed log that the replication slot {SLOT} still needed"
        )
        assert "max_slot_wal_keep_size is 1MB" in error.detail
        assert "-1" in error.hint
        assert "lmtui migrate --reuse-target" in error.hint
        preparing = why(source, lsn, tmp_path / "preparing", Phase.PREPARE)
        assert "lmtui resume begins again" in preparing.hint
    finally:
        cluster.stop()


def test_slot_that_idled_too_long(directory: Path, tmp_path: Path) -> None:
    cluster = made(directory, 18, idle_replication_slot_timeout="1s")
    try:
        source = cluster.endpoint("postgres")
        lsn = slot(source)
        invalidate(source, "lost")
        error = why(source, lsn, tmp_path / "spool")
        assert "since nobody received from it" in error.title
        assert "idle_replication_slot_timeout is 1s" in error.detail
        assert "idle_replication_slot_timeout = 0" in error.hint
    finally:
        cluster.stop()


def test_slot_that_was_dropped(source_server: Endpoint, tmp_path: Path) -> None:
    lsn = slot(source_server)
    with connect(source_server) as connection:
        drop_slot(connection, SLOT)
    error = why(source_server, lsn, tmp_path / "spool")
    assert error.title == f"The replication slot {SLOT} is gone from the source"
    assert "dropped it" in error.detail
    assert "promoted once" not in error.detail


def test_standby_that_was_promoted(directory: Path, tmp_path: Path) -> None:
    cluster = made(directory, 17)
    try:
        source = cluster.endpoint("postgres")
        lsn = slot(source)
        standby = directory / "standby"
        given, programs = source.parameters, binaries(17)
        environment = {**os.environ, "PGPASSWORD": given["password"]}
        subprocess.run(
            [programs / "pg_basebackup", "-D", standby, "-R", "--checkpoint=fast", "-h",
             given["host"], "-p", given["port"], "-U", given["user"], "--no-sync"],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip
        # The failed source is stopped, and its standby takes over its address.
        subprocess.run(
            [programs / "pg_ctl", "stop", "-D", cluster.data, "-m", "immediate"],
            check=True, capture_output=True,
        )  # fmt: skip
        control = [programs / "pg_ctl", "-D", standby, "-w", "-s", "-l", directory / "standby.log"]
        subprocess.run([*control, "start"], env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        try:
            subprocess.run([*control, "promote"], check=True, stdout=subprocess.DEVNULL)
            error = why(source, lsn, tmp_path / "spool")
        finally:
            subprocess.run([*control, "stop", "-m", "immediate"], check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        assert error.title == f"The replication slot {SLOT} is gone from the source"
        assert "timeline 2: it was promoted once" in error.detail
    finally:
        cluster.stop()
