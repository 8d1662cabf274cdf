"""Whatever is killed, nothing is lost and nothing doubled."""

import pytest
from command_line import CommandLine, against_tally, is_ready
from conftest import Servers
from faults import FAULTS

from lmtui.demo.writer import Writer
from lmtui.phases import Phase

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
