"""What the target keeps of dropped chunks is left out, and nothing else is."""

import pytest
from compared import Pair, on_both, only, run

from lmtui.database import connect
from lmtui.replay import progress
from lmtui.replay.change import DroppedRange
from lmtui.replay.facts import RangesFacts
from lmtui.replay.lsn import parse_lsn
from lmtui.validation.compare import compare

pytestmark = pytest.mark.postgres

METRICS = (
    "create table m (at bigint not null, device int not null, value float8)",
    "select create_hypertable('m', 'at', chunk_time_interval => 100)",
    "select add_dimension('m', 'device', number_partitions => 2)",
    "insert into m select g, g % 5, g from generate_series(0, 399) g",
)


def keep(pair: Pair, *boxes: tuple[DroppedRange, ...]) -> None:
    """What replay would have remembered."""
    fact = RangesFacts(hypertable=1, schema="public", name="m", data_type="bigint", kept=boxes)
    with connect(pair[1]) as connection:
        progress.create(connection, "lmtui_test", parse_lsn("0/1"))
        progress.remember(connection, "lmtui_test", {"ranges 1": fact})


FIRST = DroppedRange("at", 0, 100, False)


def test_rows_of_the_kept_time_are_expected(timescale_databases: Pair) -> None:
    on_both(timescale_databases, *METRICS)
    run(timescale_databases[0], "select drop_chunks('m', 100)")
    assert not compare(*timescale_databases).equal
    keep(timescale_databases, (FIRST,))
    proof = compare(*timescale_databases)
    assert proof.equal
    assert proof.rows == ()
    verdict = only(proof)
    assert (verdict.source_rows, verdict.target_rows) == (300, 400)
    assert verdict.note == "100 rows more on the target, kept of dropped chunks: 0 to 100"


@pytest.mark.parametrize(
    "change",
    [
        "delete from m where at = 100",
        "update m set value = -1 where at = 399",
        "insert into m values (100, 1, 1)",
    ],
)
def test_one_row_elsewhere_is_found(timescale_databases: Pair, change: str) -> None:
    on_both(timescale_databases, *METRICS)
    run(timescale_databases[0], "select drop_chunks('m', 100)")
    keep(timescale_databases, (FIRST,))
    run(timescale_databases[1], change)
    assert not only(compare(*timescale_databases)).equal


def test_what_the_source_has_in_that_time_again_must_be_there(timescale_databases: Pair) -> None:
    on_both(timescale_databases, *METRICS)
    run(timescale_databases[0], "select drop_chunks('m', 100)")
    keep(timescale_databases, (FIRST,))
    # Two equal rows are two rows.
    again = "insert into m values (50, 7, 7), (50, 7, 7), (60, 0, 60)"
    run(timescale_databases[0], again)
    verdict = only(compare(*timescale_databases))
    assert not verdict.equal
    assert "2 rows of the source in that time are missing" in verdict.note
    run(timescale_databases[1], "insert into m values (50, 7, 7)")
    assert "1 row of the source" in only(compare(*timescale_databases)).note
    run(timescale_databases[1], "insert into m values (50, 7, 7)")
    assert only(compare(*timescale_databases)).equal


def test_one_part_of_a_second_dimension(timescale_databases: Pair) -> None:
    on_both(timescale_databases, *METRICS)
    half = 1073741823
    gone = f"_timescaledb_functions.get_partition_hash(device) < {half}"
    run(timescale_databases[0], f"delete from m where at < 100 and {gone}")
    keep(timescale_databases, (FIRST, DroppedRange("device", None, half, True)))
    assert only(compare(*timescale_databases)).equal
    run(timescale_databases[1], f"delete from m where at < 100 and not {gone}")
    assert not only(compare(*timescale_databases)).equal
