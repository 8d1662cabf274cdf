"""The supervisor is killed at each step of the cutover: the source takes writes again, or the
target is proven, never neither."""

import os
import signal

import pytest
from command_line import CommandLine, against_tally, execute, is_read_only, is_ready, one
from conftest import Servers

from lmtui.cutover.sequences import sequences_behind
from lmtui.demo.writer import Writer
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

BEFORE_THE_END = ("properties", "fence", "drain")
BEHIND_IT = (
    "sequences", "identity columns", "replica identities", "continuous aggregates",
    "materialized views", "comparison", "triggers", "jobs", "first statistics", "way back",
    "all statistics",
)  # fmt: skip


def test_killed_at_each_step_and_resumed(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach", "--keep-source-ready")
    cutover = ("cutover", "--confirm", shop.database)
    for step in BEFORE_THE_END:
        shop.wait_for(is_ready)
        shop.kill_at(step, *cutover)
        shop("resume", "--detach")
        state = shop.wait_for(lambda now: now.phase in (Phase.REPLICATE, Phase.COMPLETE))
        # Killed a moment after the drain was proven, it is finished instead.
        assert state.proven or not is_read_only(shop.source)
    if not shop.state().proven:
        shop.wait_for(is_ready)
        shop.kill_at(BEHIND_IT[0], *cutover)
        for step in BEHIND_IT[1:]:
            assert is_read_only(shop.source)
            shop.kill_at(step, "resume")
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
    shop.kill_at(step, "cutover", "--confirm", shop.database)
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
    going, state = shop.reach("comparison", "cutover", "--confirm", shop.database)
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
