"""A pooler on the way to a server."""

import pytest
from pooling import pooler

from lmtui.checks import blocking, run_checks
from lmtui.endpoint import Endpoint

pytestmark = pytest.mark.postgres

IDS = ["source.pooler", "target.pooler", "source.replication_connection", "source.plugin"]


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_transaction_pooler_is_found(
    source_server: Endpoint, target_server: Endpoint, side: str
) -> None:
    ways = {"source": source_server, "target": target_server}
    with pooler(ways[side]) as way:
        found = {f.id: f for f in run_checks(**{**ways, side: way}, only=IDS)}
    other = "target" if side == "source" else "source"
    assert found[f"{side}.pooler"].severity == "blocker"
    assert "2 server processes" in found[f"{side}.pooler"].detail
    assert found[f"{other}.pooler"].severity == "ok"
    if side == "source":
        refused = found["source.replication_connection"]
        assert refused.severity == "blocker"
        assert "unsupported startup parameter: replication" in refused.detail
        assert "pooler" in refused.remedy
    assert blocking(found.values())
