"""The supervisor is killed at each step of the cutover: the source takes writes again, or the
target is proven, never neither."""

import os
import signal
import subprocess
import threading
from contextlib import closing

import psycopg
import pytest
from command_line import CommandLine, against_tally, execute, is_read_only, is_ready, one
from conftest import Servers

from lmtui.cutover.sequences import sequences_behind
from lmtui.demo.writer import Writer
from lmtui.journal import Reader
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

BEFORE_THE_END = ("properties", "fence", "drain")
BEHIND_IT = (
    "sequences", "identity columns", "replica identities", "continuous aggregates",
    "materialized views", "comparison", "triggers", "jobs", "first statistics", "way back",
    "all statistics",
)  # fmt: skip


def _kill_at(shop: CommandLine, step: str, *command: str) -> None:
    """Run a command, and kill the supervisor as soon as its journal tells of the step."""
    going, state = _reach(shop, step, *command)
    os.kill(state.worker_pid, signal.SIGKILL)
    shop.wait_until_gone()
    shop.end(going, code=going.wait(30))


def _reach(shop: CommandLine, step: str, *command: str) -> tuple["subprocess.Popen[str]", State]:
    """Start a command, and return as soon as the supervisor's journal tells of the step."""
    reader = Reader(shop.directory)
    beginning = reader.poll().seq
    going = shop.start(*command)

    def reached(state: State) -> bool:
        return any(
            record.seq > beginning and getattr(record.event, "step", "") == step
            for record in state.recent
        )

    # Without a pause: a step takes milliseconds.
    while not reached(state := reader.poll()):
        assert going.poll() is None, (step, shop.told(state))
    return going, state


def test_killed_at_each_step_and_resumed(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach", "--keep-source-ready")
    cutover = ("cutover", "--confirm", shop.database)
    for step in BEFORE_THE_END:
        shop.wait_for(is_ready)
        _kill_at(shop, step, *cutover)
        shop("resume", "--detach")
        state = shop.wait_for(lambda now: now.phase in (Phase.REPLICATE, Phase.COMPLETE))
        # Killed a moment after the drain was proven, it is finished instead.
        assert state.proven or not is_read_only(shop.source)
    if not shop.state().proven:
        shop.wait_for(is_ready)
        _kill_at(shop, BEHIND_IT[0], *cutover)
        for step in BEHIND_IT[1:]:
            assert is_read_only(shop.source)
            _kill_at(shop, step, "resume")
        shop("resume", "--detach")
    state = shop.wait_for(lambda now: now.proven is not None)
    assert state.proven
    assert state.going_back is not None
    assert state.downtime_seconds > 0
    assert against_tally(shop.target, writer.tally()) == {}


# All of them take minutes: make chaos.
@pytest.mark.parametrize(
    "step",
    [*BEFORE_THE_END, *BEHIND_IT] if "LMTUI_CHAOS_RUNS" in os.environ else ["fence", "comparison"],
)
def test_killed_and_given_up(shop: CommandLine, step: str) -> None:
    shop("migrate", "--yes", "--detach", "--keep-source-ready")
    shop.wait_for(is_ready)
    _kill_at(shop, step, "cutover", "--confirm", shop.database)
    if step == "all statistics":
        # The target was told to be ready: an application may have written to it.
        execute(shop.target, "create table public.of_the_target as select 1 as n")
        assert "may be in use" in shop.refused("abort", "--confirm", shop.database, code=3)
        assert one(shop.target, "select n from public.of_the_target") == 1
        shop("resume")
        assert shop.state().proven
        return
    shop("abort", "--confirm", shop.database)
    assert not is_read_only(shop.source)
    assert one(shop.source, "select count(*) from pg_replication_slots where slot_name ~ 'lmtui'"
               " and database = current_database()") == 0  # fmt: skip


def test_the_source_crashes_behind_the_fence(
    shop: CommandLine, writer: Writer, servers: Servers
) -> None:
    """Its sequences then stand up to 32 values further than they were given out."""
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    going, state = _reach(shop, "comparison", "cutover", "--confirm", shop.database)
    os.kill(state.worker_pid, signal.SIGSTOP)
    try:
        before = sequences_behind(shop.source, shop.target)
        servers.source.restart()
        moved = sequences_behind(shop.source, shop.target)
    finally:
        os.kill(state.worker_pid, signal.SIGCONT)
    shop.end(going)
    assert (before, bool(moved)) == ((), True)
    assert shop.state().proven
    assert sequences_behind(shop.source, shop.target) == ()
    assert against_tally(shop.target, writer.tally()) == {}


def test_a_writer_that_ignores_the_fence_is_named(shop: CommandLine) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    over = threading.Event()

    def ignore() -> None:
        shop.wait_for(lambda state: state.drain is not None)
        given = shop.source.conninfo(application="stubborn app")
        with closing(psycopg.connect(given, autocommit=True)) as session:
            session.execute("set default_transaction_read_only = off")
            while not over.is_set():
                session.execute("update telemetry.devices set name = 'late' where device_id = 1")

    ignoring = threading.Thread(target=ignore)
    ignoring.start()
    try:
        shop("cutover", "--confirm", shop.database, code=6)
    finally:
        over.set()
        ignoring.join()
    state = shop.state()
    assert state.proven is False
    assert state.proof is not None
    assert state.proof.changes_after_end > 0
    assert any("stubborn app" in who for who in state.proof.writers_after_end)
    assert not is_read_only(shop.source)
