"""Snapshot, migrate, stop, resume, abort; and a cutover that nothing fences."""

import json

import pytest
from command_line import CommandLine, against_tally, is_read_only, is_ready, one

from lmtui.demo.writer import Writer
from lmtui.phases import Phase, Status

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def test_stopped_and_resumed_then_cut_over_without_a_fence(
    shop: CommandLine, writer: Writer
) -> None:
    printed = shop("snapshot")
    assert "created successfully" in printed
    assert "lmtui migrate --dir" in printed
    assert (shop.status()["phase"], shop.status()["status"]) == ("copy", "waiting")
    shop("migrate", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE)

    assert "Stopped" in shop("stop")
    status = shop.status()
    assert (status["phase"], status["status"]) == ("replicate", "stopped")
    assert status["worker"]["alive"] is False
    assert status["cutover"]["ready"] is False
    assert "resume" in shop.refused("cutover", "--confirm", shop.database, code=4)
    assert "resume" in shop.refused("stop", code=4)
    assert "--resume" in shop.refused("migrate", "--yes", code=5)
    shop("resume", "--detach")
    # What was known before the stop says nothing of now.
    assert "cannot begin" in shop.refused("cutover", "--confirm", shop.database, code=3)

    assert "not confirmed" in shop.refused("cutover", "--confirm", "other", code=3)
    assert "--confirm" in shop.refused("cutover", code=2)
    assert "not confirmed" in shop.refused("abort", "--confirm", "other", code=3)
    shop.wait_for(is_ready)
    steps = shop("cutover", "--dry-run", "--fence", "none")
    assert "No fence" in steps
    assert shop.state().phase is Phase.REPLICATE

    unfenced = ("cutover", "--confirm", shop.database, "--fence", "none")
    printed = shop(*unfenced, code=3)
    assert "NOT PROVEN" in printed
    assert "on the source after the end" in printed
    assert "Stop the writers first" in printed
    assert writer.running
    assert not is_read_only(shop.source)
    status = shop.status()
    assert (status["phase"], status["proven"]) == ("replicate", None)
    assert status["cutover"]["not_proven"]["changes_after_end"] > 0
    shop.wait_for(is_ready)

    printed = shop(*unfenced, "--accept-unproven", code=6)
    assert "NOT proven, as accepted" in printed
    assert "changes on the source after the end" in printed
    assert writer.running
    assert not is_read_only(shop.source)
    status = shop.status()
    assert (status["phase"], status["proven"]) == ("complete", False)
    report = json.loads(shop("report", "--format", "json"))
    assert report["proof"]["changes_after_end"] > 0
    assert report["accepted_unproven"] is True
    assert len(report["given_back"]) == 1
    assert "after" in shop("report")
    assert one(shop.source, "select count(*) from pg_replication_slots "
               "where database = current_database()") == 0  # fmt: skip
    assert "nothing to resume" in shop.refused("resume", code=3)
    shop("clean")
    assert shop.status()["phase"] == "cleaned_up"


def test_stopped_during_the_copy_it_begins_again(shop: CommandLine, writer: Writer) -> None:
    migrating = shop.start("migrate", "--yes")
    shop.wait_for(lambda state: state.copy_plan is not None)
    shop("stop")
    shop.end(migrating)
    assert shop.state().status is Status.STOPPED
    resuming = shop.start("migrate", "--resume")
    shop.wait_for(is_ready)
    shop("cutover", "--confirm", shop.database, "--fence", "terminate")
    assert "successfully completed" in shop.end(resuming)
    assert against_tally(shop.target, writer.tally()) == {}
    shop("clean")
    assert not is_read_only(shop.source)
    assert one(
        shop.source, "select has_database_privilege('shop_app', current_database(), 'connect')"
    )


def test_aborted_during_the_copy(shop: CommandLine, writer: Writer) -> None:
    migrating = shop.start("migrate", "--yes")
    shop.wait_for(lambda state: state.copy_plan is not None)
    printed = shop("abort", "--confirm", shop.database)
    assert "Both sides are as they were" in printed
    shop.end(migrating)
    assert shop.status()["phase"] == "cleaned_up"
    assert writer.running
    assert one(shop.source, "select count(*) from pg_replication_slots "
               "where database = current_database()") == 0  # fmt: skip
    findings = json.loads(shop("check", "--json"))
    assert findings
    assert "The target is empty" in shop("check")
    assert "clean --prune" in shop.refused("migrate", "--yes", code=5)
    shop("clean", "--prune")
    # The same target serves once more.
    shop("migrate", "--yes", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.CATCH_UP)
    shop("abort", "--confirm", shop.database)
    assert "The target is empty" in shop("check")
