"""Hypertables are compared by their root, whatever their chunks are called."""

import pytest
from compared import Pair, metrics_on_both, on_both, only, run

from lmtui.validation.compare import compare

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("interval", ["1 day", "3 days"])
def test_hypertables_are_compared_whole(timescale_databases: Pair, interval: str) -> None:
    metrics_on_both(timescale_databases, interval)
    proof = compare(*timescale_databases)
    assert proof.equal
    told = [] if interval == "1 day" else ["dimension 1 of", "number of chunks of"]
    assert [line.partition(" public.metrics:")[0] for line in proof.inventory] == told
    assert (only(proof).kind, only(proof).source_rows) == ("hypertable", 200)


@pytest.mark.parametrize(
    "change",
    [
        "delete from metrics where at = '2026-01-03 00:00+00'",
        "update metrics set value = -1 where at = '2026-01-03 00:00+00'",
        "insert into metrics select * from metrics where at = '2026-01-03 00:00+00'",
        "select drop_chunks('metrics', timestamptz '2026-01-02')",
    ],
)
def test_one_row_of_one_chunk_is_found(timescale_databases: Pair, change: str) -> None:
    metrics_on_both(timescale_databases, "1 day")
    run(timescale_databases[1], change)
    assert not only(compare(*timescale_databases)).equal


def test_a_plain_table_may_become_a_hypertable(timescale_databases: Pair) -> None:
    source, target = timescale_databases
    on_both(timescale_databases, "create table m (at timestamptz not null)")
    run(target, "select create_hypertable('m', 'at', create_default_indexes => false)")
    on_both(timescale_databases, "insert into m values ('2026-01-01'), ('2026-02-01')")
    proof = compare(source, target)
    assert proof.equal
    assert proof.inventory == (
        "public.m: table on the source, hypertable on the target",
        "compression of public.m: only on the target",
        "dimension 1 of public.m: only on the target",
        "number of chunks of public.m: only on the target (expected: each side cuts its chunks"
        " itself)",
    )
