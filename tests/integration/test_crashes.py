"""Whatever is killed, nothing is lost and nothing doubled."""

import os
import signal
from collections.abc import Callable

import pytest
from command_line import CommandLine, against_tally
from conftest import Servers
from faults import FAULTS

from lmtui.demo.writer import Writer
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def _ready(state: State) -> bool:
    return state.sample is not None and state.sample.readiness.ready


def test_all_that_can_be_killed_is(shop: CommandLine, servers: Servers, writer: Writer) -> None:
    migrating = shop.start("migrate", "--yes")
    shop.wait_for(lambda state: state.copy_plan is not None)
    shop.kill_supervisor()
    assert "resume" in shop("status")
    shop.end(migrating, code=1)
    assert "lmtui resume goes on" in shop.said[-1]
    shop("resume", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.CATCH_UP)
    for name, fault in FAULTS.items():
        fault(shop, servers)
        shop.wait_until_replayed()
        assert writer.running, name
    shop.wait_for(_ready)
    shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}
    assert shop.status()["proven"] is True


@pytest.mark.parametrize(
    "reached",
    [
        lambda state: state.phase is Phase.FINALIZE,
        lambda state: state.phase is Phase.VALIDATE,
        lambda state: state.proof is not None,
    ],
    ids=["finalize", "validate", "proof"],
)
def test_killed_behind_the_drain(
    shop: CommandLine, writer: Writer, reached: Callable[[State], bool]
) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(_ready)
    cutting = shop.start("cutover", "--confirm", shop.database)
    shop.wait_for(reached)
    os.kill(shop.state().worker_pid, signal.SIGKILL)
    shop.end(cutting, code=1)
    assert "resume" in shop("status")
    shop("resume")
    assert against_tally(shop.target, writer.tally()) == {}
    assert shop.status()["proven"] is True
