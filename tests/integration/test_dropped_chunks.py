"""Chunks that the source drops while it is replayed: dropped on the target too, or kept."""

import json

import pytest
from command_line import CommandLine, execute, is_ready, one

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

BORDER = (
    "select min(range_end)::text from timescaledb_information.chunks"
    " where hypertable_name = 'readings'"
)
COUNT = "select count(*) from telemetry.readings"


@pytest.mark.parametrize("keep", [False, True])
def test_dropped_chunks(shop: CommandLine, keep: bool) -> None:
    shop("migrate", "--yes", "--detach", *(["--keep-dropped-chunks"] if keep else []))
    shop.wait_for(is_ready)
    border = one(shop.source, BORDER)
    before = one(shop.source, COUNT)
    execute(shop.source, f"select public.drop_chunks('telemetry.readings', timestamptz '{border}')")
    left = one(shop.source, COUNT)
    assert left < before
    shop.wait_until_replayed()
    state = shop.wait_for(lambda state: is_ready(state) and state.sample)
    assert state.sample is not None
    if keep:
        state = shop.wait_for(lambda state: state.sample and state.sample.replay.kept)
        assert "kept of dropped chunks: telemetry.readings: " in shop("status")
        shop.wait_for(lambda state: state.ahead and state.ahead.compared == state.ahead.units)
        assert shop.state().ahead.different == ()
        gates = {gate["code"] for gate in shop.status()["cutover"]["warnings"]}
        assert "chunks_kept" in gates
    shop("cutover", "--confirm", shop.database)
    assert shop.status()["proven"] is True
    assert one(shop.target, COUNT) == (before if keep else left)
    report = json.loads(shop("report", "--format", "json"))
    verdict = next(one for one in report["proof"]["compared"] if one["name"] == "readings")
    assert verdict["equal"]
    assert ("kept of dropped chunks" in verdict["note"]) == keep
    assert bool(report["kept"]) == keep
