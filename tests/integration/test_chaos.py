"""Faults at random: dense ones while replay is under load, and single ones up to the cutover's end.

One short run is a test like others; `make chaos RUNS=10` does ten long ones, each with 30 kills,
and says what each did. LMTUI_CHAOS_SEED does one again, as far as chance allows.
"""

import os
import random
import secrets
import time
from collections.abc import Callable

import pytest
from chaos import Run
from command_line import CommandLine, against_tally, is_read_only, is_ready
from conftest import Servers
from faults import FAULTS, Fault

from lmtui.demo.writer import Writer
from lmtui.errors import ExitCode
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]

RUNS = int(os.environ.get("LMTUI_CHAOS_RUNS", "0"))
KILLS, SECONDS = (30, 30.0) if RUNS else (8, 6.0)
SEED = int(os.environ.get("LMTUI_CHAOS_SEED", "0")) or secrets.randbelow(1_000_000)
PLUGINS = ("test_decoding", "wal2json")
RESUMES = 8
# No receiver, applier or slot may be there yet.
WHILE_COPYING = ("kill_supervisor", "restart_target", "restart_source")


def _attend(shop: CommandLine, until: Callable[[State], bool], seconds: float = 90) -> None:
    """Wait, and resume what has ended, as an operator would."""
    resumes, deadline = 0, time.monotonic() + seconds
    while not until(state := shop.state()):
        assert time.monotonic() < deadline, shop.told(state)
        if not shop.directory.worker_alive():
            resumes += 1
            assert resumes <= RESUMES, shop.told(state)
            print(f"resume: {state.phase} {state.status} {state.problem}")  # noqa: T201
            shop("resume", "--detach")
        time.sleep(0.1)


def _cut_over(shop: CommandLine) -> None:
    """Cut over, unless it is done; again where a fault of before still holds replay up."""
    for _ in range(RESUMES):
        _attend(
            shop,
            lambda state: (
                state.phase is Phase.COMPLETE
                or (
                    state.phase is Phase.REPLICATE
                    and is_ready(state)
                    and shop.directory.worker_alive()
                )
            ),
        )
        if shop.state().phase is Phase.COMPLETE:
            return
        assert not is_read_only(shop.source)
        cutting = shop.start("cutover", "--confirm", shop.database)
        code = ExitCode(cutting.wait(90))
        shop.end(cutting, code=code)
        print(f"cutover: {code.name}")  # noqa: T201
        # Given up, it must leave a source that takes writes: that is looked at next.
        assert code in (ExitCode.DONE, ExitCode.BLOCKED, ExitCode.FAILED), shop.said[-2:]


def _strike(shop: CommandLine, servers: Servers, name: str) -> None:
    print(f"{time.monotonic():.1f} {name}")  # noqa: T201
    fault: Fault = FAULTS[name]
    fault(shop, servers)


@pytest.mark.parametrize("run", range(max(1, RUNS)))
def test_killed_again_and_again(
    bare: CommandLine, servers: Servers, run: int, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = SEED + run
    print(f"seed {seed}")  # noqa: T201
    done = Run(bare, servers, seed, PLUGINS[seed % 2]).go(kills=KILLS, seconds=SECONDS)
    with capsys.disabled():
        if RUNS:
            print(f"\n{run + 1}/{RUNS} {done}", flush=True)  # noqa: T201


@pytest.mark.parametrize("run", range(max(1, RUNS // 10)))
def test_whatever_happens(shop: CommandLine, servers: Servers, writer: Writer, run: int) -> None:
    chance = random.Random(SEED + run)  # noqa: S311
    plugin = chance.choice(PLUGINS)
    print(f"seed {SEED + run}, {plugin}")  # noqa: T201
    shop("migrate", "--yes", "--detach", "--plugin", plugin)
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 3))
        _strike(shop, servers, chance.choice(WHILE_COPYING))
    _attend(shop, lambda state: state.phase in (Phase.CATCH_UP, Phase.REPLICATE))
    for name in chance.choices(tuple(FAULTS), k=5):
        time.sleep(chance.uniform(0, 1.5))
        _attend(shop, lambda _: shop.directory.worker_alive())
        _strike(shop, servers, name)
    assert writer.running, writer.tally().ended
    _attend(shop, is_ready)
    cutting = shop.start("cutover", "--confirm", shop.database)
    time.sleep(chance.uniform(0, 2))
    _strike(shop, servers, chance.choice(WHILE_COPYING))
    cutting.wait()
    _cut_over(shop)
    assert (state := shop.state()).proven, shop.told(state)
    assert against_tally(shop.target, writer.tally()) == {}
