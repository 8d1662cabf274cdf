"""A disk that is full: the work directory's, and the target's. Real ones, since errors differ."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, against_tally, execute, is_ready, one
from conftest import Servers, drop, operator
from faults import kill_applier

from lmtui.demo.database import create_database
from lmtui.demo.writer import Writer
from lmtui.state import State

SMALL = Path("/small")
MEBIBYTE = 1024 * 1024

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.migration,
    pytest.mark.skipif(
        not SMALL.is_mount() and os.environ.get("LMTUI_LAB") != "1", reason="No small disk here"
    ),
]


@pytest.fixture
def small() -> Iterator[Path]:
    """A directory of its own on the small disk."""
    directory = SMALL / uuid.uuid4().hex[:8]
    directory.mkdir(mode=0o700)
    yield directory
    shutil.rmtree(directory)


class Ballast:
    """A file that leaves only so much of its disk free."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "ballast"

    def leave(self, free: int) -> None:
        """Fill the disk but for `free` bytes."""
        self.drop()
        # What others free or take meanwhile is made up for.
        for _ in range(5):
            space = shutil.disk_usage(self._path.parent).free - free
            if space <= 0:
                return
            with self._path.open("ab") as file:
                os.posix_fallocate(file.fileno(), file.tell(), space)

    def drop(self) -> None:
        """Make room again."""
        self._path.unlink(missing_ok=True)


def _told(state: State, words: str) -> bool:
    replay = state.sample.replay if state.sample else None
    return replay is not None and replay.verdict == "stalled" and words in replay.why


def test_work_directory_without_room(
    shop: CommandLine, servers: Servers, writer: Writer, small: Path
) -> None:
    shop.move(small / "work")
    ballast = Ballast(small)
    execute(servers.source.endpoint("postgres"), "alter system set wal_sender_timeout = '2s'",
            "select pg_reload_conf()")  # fmt: skip
    shop("migrate", "--yes", "--detach")
    shop.wait_for(lambda state: state.caught_up)
    sender = "select active_pid from pg_replication_slots where database = current_database()"
    before = one(shop.source, sender)
    ballast.leave(200 * MEBIBYTE)
    shop.wait_for(lambda state: _told(state, "No room for the spool"))
    assert "No room for the spool" in shop("status")
    # Longer than wal_sender_timeout: it goes on to answer although it does not read.
    one(shop.source, "select pg_sleep(4)::text")
    assert one(shop.source, sender) == before
    ballast.leave(0)
    kill_applier(shop, servers)
    shop.wait_for(lambda state: _told(state, "No room"))
    samples = shop.state().sample
    assert samples is not None
    shop.wait_for(lambda state: state.sample is not None and state.sample.at > samples.at)
    assert shop.directory.worker_alive()
    ballast.drop()
    shop.wait_until_replayed()
    assert any("applier ended" in str(record.event) for record in shop.state().recent)
    writer.stop()
    shop.wait_until_replayed()
    assert against_tally(shop.target, writer.tally()) == {}


@pytest.fixture
def on_small(servers: Servers, tmp_path: Path, small: Path) -> Iterator[CommandLine]:
    """A migration into a database that is on the small disk."""
    name = f"small_{uuid.uuid4().hex[:8]}"
    create_database(servers.source.endpoint("postgres"), name, timescaledb=True)
    execute(
        servers.target.endpoint("postgres"),
        f"create tablespace {name} location '{small}'",
        f"create database {name} tablespace {name}",
    )
    command_line = CommandLine(
        tmp_path / "work",
        operator(servers.source, name, "source"),
        operator(servers.target, name, "target"),
    )
    execute(command_line.target, "create extension timescaledb with schema public")
    try:
        yield command_line
    finally:
        command_line.leave()
        drop(servers, name)
        execute(servers.target.endpoint("postgres"), f"drop tablespace {name}")


def test_target_without_room(on_small: CommandLine, small: Path) -> None:
    shop, ballast = on_small, Ballast(SMALL)
    execute(shop.source, "create table public.item (id int primary key, words text)")
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    try:
        ballast.leave(MEBIBYTE)
        execute(shop.source, "insert into public.item select i, repeat('x', 1000)"
                             " from generate_series(1, 5000) i")  # fmt: skip
        state = shop.wait_for(lambda state: _told(state, "53100"))
        assert state.sample is not None
        assert "tried again" in state.sample.replay.why
        assert "No space left on device" in shop("status")
    finally:
        ballast.drop()
    shop.wait_until_replayed()
    assert one(shop.target, "select count(*) from public.item") == 5000
    shop.wait_for(is_ready)
