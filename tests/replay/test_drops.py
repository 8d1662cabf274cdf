"""Chunks dropped on the source, mirrored on a target whose chunks may be cut in another way."""

from collections.abc import Iterator
from typing import LiteralString

import pytest

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.replay.change import DropChunks, DroppedRange
from lmtui.replay.drops import drop_chunks
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.tables import Tables

pytestmark = pytest.mark.postgres

DAY = 86_400_000_000
NEW_YEAR = 1_767_225_600_000_000


@pytest.fixture
def target(timescale_databases: tuple[Endpoint, Endpoint]) -> Iterator[Connection]:
    """A session as the applier's: of a replica, in one transaction."""
    with connect(timescale_databases[1], autocommit=False) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set search_path to public")
        connection.commit()
        yield connection


def _drop(target: Connection, *ranges: DroppedRange) -> None:
    change = DropChunks(("public", "h"), ranges)
    drop_chunks(target, Tables(target, CatalogFacts()).table(change.relation), change)
    target.commit()


def _days(first: int, last: int) -> DroppedRange:
    return DroppedRange("t", NEW_YEAR + first * DAY, NEW_YEAR + last * DAY, closed=False)


def _values(target: Connection, query: LiteralString) -> list[object]:
    return [value for (value,) in target.execute(query)]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
@pytest.mark.parametrize("cut", ["1 day", "3 days"])
def test_it_takes_the_rows_of_the_range(target: Connection, kind: str, cut: str) -> None:
    target.execute(f"create table h (t {kind} not null, n int)")  # type: ignore[arg-type]
    target.execute(
        "select create_hypertable('h', 't', chunk_time_interval => %s::interval)", (cut,)
    )
    target.execute("insert into h select '2026-01-01'::date + n, n from generate_series(0, 9) n")
    _drop(target, _days(2, 4))
    assert _values(target, "select n from h order by n") == [0, 1, 4, 5, 6, 7, 8, 9]
    assert _values(target, "show session_replication_role") == ["replica"]


def test_chunks_within_the_range_go_whole(target: Connection) -> None:
    target.execute("create table h (t timestamptz not null, n int)")
    target.execute("select create_hypertable('h', 't', chunk_time_interval => interval '1 day')")
    target.execute("insert into h select '2026-01-01'::date + n, n from generate_series(0, 9) n")
    _drop(target, _days(2, 4))
    assert _values(target, "select count(*) from timescaledb_information.chunks") == [8]
    # Nothing of them is left in the catalog.
    target.execute("insert into h values ('2026-01-03', 2), ('2026-01-04', 3)")
    assert _values(target, "select count(*) from timescaledb_information.chunks") == [10]


@pytest.mark.parametrize("kind", ["smallint", "integer", "bigint"])
def test_numbers_up_to_the_last_of_their_type(target: Connection, kind: str) -> None:
    last = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}[kind] - 1
    target.execute(f"create table h (t {kind} not null)")  # type: ignore[arg-type]
    target.execute("select create_hypertable('h', 't', chunk_time_interval => 1000)")
    target.execute("insert into h values (-5), (5), (%s), (%s)", (last - 2000, last))
    start = last // 1000 * 1000
    end = None if kind == "bigint" else start + 1000
    _drop(target, DroppedRange("t", start, end, closed=False))
    assert _values(target, "select t from h order by t") == [-5, 5, last - 2000]
    _drop(target, DroppedRange("t", None, 0, closed=False))
    assert _values(target, "select t from h order by t") == [5, last - 2000]


def test_one_of_two_chunks_of_the_same_time(target: Connection) -> None:
    target.execute("create table h (t timestamptz not null, d int not null)")
    target.execute(
        "select create_hypertable('h', 't', 'd', 2, chunk_time_interval => interval '1 day')"
    )
    target.execute(
        "insert into h select '2026-01-01'::date + n, d"
        " from generate_series(0, 1) n, generate_series(1, 20) d"
    )
    half: LiteralString = "from h where _timescaledb_functions.get_partition_hash(d) < 1073741823"
    (count,) = _values(target, f"select count(*) {half}")
    _drop(target, _days(0, 1), DroppedRange("d", None, 1_073_741_823, closed=True))
    assert _values(target, f"select count(*) {half} and t < '2026-01-02'") == [0]
    assert isinstance(count, int)
    assert _values(target, "select count(*) from h") == [40 - count // 2]


def test_a_table_that_is_no_hypertable(target: Connection) -> None:
    target.execute("create table h (t timestamptz not null, n int)")
    target.execute("insert into h select '2026-01-01'::date + n, n from generate_series(0, 9) n")
    _drop(target, _days(2, 9))
    assert _values(target, "select n from h order by n") == [0, 1, 9]
