"""A cutover that is given up: the fence is lifted, replay goes on, and a later one succeeds."""

import os
import signal
from contextlib import closing

import psycopg
import pytest
from command_line import CommandLine, against_tally, execute, is_read_only, is_ready, one

from lmtui.cutover.readiness import readiness
from lmtui.demo.writer import Writer
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def _fenced(state: State) -> bool:
    return state.phase is Phase.CUT_OVER and state.cutover.fenced_at is not None


def _ready_but_for_it(state: State) -> bool:
    waived = ["prepared_transactions"]
    return state.sample is not None and readiness(state, state.sample, waived).ready


def test_given_up_by_timeout_by_ctrl_c_and_by_a_crash(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    with closing(psycopg.connect(shop.source.conninfo())) as session:
        session.execute("update telemetry.devices set name = 'renamed' where device_id = 1")
        session.execute("prepare transaction 'left open'")

    waive = ("--waive", "prepared_transactions")
    printed = shop("cutover", "--confirm", shop.database, "--timeout", "2", *waive, code=1)
    assert "longer than 2 s" in printed
    assert "the fence is lifted" in printed
    assert not is_read_only(shop.source)
    assert shop.state().phase is Phase.REPLICATE
    # The fence has ended the writer, as it must; an application would come back now.
    tally = writer.tally()
    assert against_tally(shop.source, tally) == {}
    shop.wait_until_replayed()
    assert against_tally(shop.target, tally) == {}

    shop.wait_for(_ready_but_for_it)
    shop.wait_for(lambda state: state.sample and state.sample.readiness.blockers)
    refused = shop.refused("cutover", "--confirm", shop.database, code=3)
    assert "prepared_transactions: Prepared transactions are open" in refused
    assert "--waive prepared_transactions" in refused
    cutting = shop.start("cutover", "--confirm", shop.database, *waive)
    shop.wait_for(_fenced)
    assert shop.state().cutover.waived == ("prepared_transactions",)
    assert "waived by the operator: prepared_transactions" in shop.directory.ledger.read_text()
    os.kill(cutting.pid, signal.SIGINT)
    printed = shop.end(cutting, code=130)
    assert "cancelled" in printed
    assert not is_read_only(shop.source)
    shop.wait_for(_ready_but_for_it)

    cutting = shop.start("cutover", "--confirm", shop.database, *waive)
    shop.wait_for(_fenced)
    shop.kill_supervisor()
    shop.end(cutting, code=1)
    assert is_read_only(shop.source)
    assert "lmtui resume" in shop("status")
    shop("resume", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE and not state.cutover.requested)
    assert not is_read_only(shop.source)

    execute(
        shop.source,
        "insert into public.writer_ledger (transaction_id) values (-1)",
        "commit prepared 'left open'",
    )
    assert "cannot begin" in shop.refused("cutover", "--confirm", shop.database, code=3)
    shop.wait_for(is_ready)
    assert "successfully completed" in shop("cutover", "--confirm", shop.database)
    assert one(shop.target, "select count(*) from public.writer_ledger where transaction_id < 0")
    assert one(shop.target, "select name from telemetry.devices where device_id = 1") == "renamed"
    assert shop.status()["proven"] is True
