"""Whatever is killed, nothing is lost and nothing doubled."""

from collections.abc import Callable

import pytest
from command_line import CommandLine, against_tally, is_ready
from conftest import Servers
from faults import FAULTS

from lmtui.demo.writer import Writer
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


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
    shop.wait_for(is_ready)
    shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}
    assert shop.status()["proven"] is True


def test_killed_at_each_step_behind_the_drain(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    going = shop.start("cutover", "--confirm", shop.database)
    steps: tuple[Callable[[State], bool], ...] = (
        lambda state: state.phase is Phase.FINALIZE,
        lambda state: state.phase is Phase.VALIDATE,
        lambda state: state.proof is not None,
    )
    for reached in steps:
        shop.wait_for(reached)
        shop.kill_supervisor()
        shop.end(going, code=1)
        assert "resume" in shop("status")
        going = shop.start("resume")
    shop.end(going)
    assert against_tally(shop.target, writer.tally()) == {}
    assert shop.status()["proven"] is True
