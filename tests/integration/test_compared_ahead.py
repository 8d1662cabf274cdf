"""Both sides are compared while writers and replay go on, and what differs is found and mended."""

import json

import pytest
from command_line import CommandLine, against_tally, execute, is_read_only, is_ready, one

from lmtui.demo.writer import Writer
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

QUIET = "update telemetry.devices set name = 'corrupted' where device_id = 3"


def _all_compared(state: State) -> bool:
    ahead = state.ahead
    return ahead is not None and ahead.compared == ahead.units > 0 and not ahead.different


def test_compared_at_a_common_point_under_load(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    state = shop.wait_for(_all_compared)
    assert state.ahead is not None
    assert state.ahead.lsn != "0/0"
    assert "Equal as of " in shop("validate")

    # What nothing in the stream would tell.
    execute(shop.target, QUIET)
    printed = shop("validate", code=6)
    assert "DIFFERENT telemetry.devices" in printed
    assert "telemetry.devices: device_id = 3" in printed
    assert "target: name = corrupted" in printed
    blocked = shop.refused("cutover", "--confirm", shop.database, code=3)
    assert "validation_failed" in blocked
    said = json.loads(shop("validate", "--json", code=6))
    assert (said["equal"], said["rows"][0]["key"]) == (False, "device_id = 3")

    refused = shop.refused("validate", "--repair", "telemetry.devices", code=2)
    assert "--confirm" in refused
    refused = shop.refused("validate", "--repair", "telemetry.devices", "--confirm", "x", code=3)
    assert "not confirmed" in refused
    repair = ("validate", "--repair", "telemetry.devices", "--confirm", shop.database)
    assert "Equal as of " in shop(*repair)
    assert one(shop.target, "select name from telemetry.devices where device_id = 3") != "corrupted"
    assert "No row of telemetry.devices differs" in shop.refused(*repair, code=3)

    rehearsed = json.loads(shop("rehearse", "--json"))
    assert rehearsed["downtime"] >= rehearsed["drain"] > 0
    assert rehearsed["parts"] >= state.ahead.units
    assert "as rehearsed" in shop("cutover", "--dry-run")
    assert "A cutover now would take about" in shop("rehearse")
    assert shop.state().phase is Phase.REPLICATE

    # Changed behind the comparison: seen at the cutover, and the source goes on.
    shop.wait_for(is_ready)
    execute(shop.target, QUIET)
    shop("cutover", "--confirm", shop.database, code=3)
    proof = shop.state().not_proven
    assert proof is not None
    assert [row.key for row in proof.rows] == ["device_id = 3"]
    assert [one.name for one in proof.tables if not one.equal] == ["devices"]
    assert not is_read_only(shop.source)
    shop.wait_until_replayed()
    tally = writer.tally()
    assert against_tally(shop.target, tally) == {}
