"""A row of a hypertable whose time changes: it goes to another chunk, which no UPDATE can do."""

from collections.abc import Iterator
from typing import Any

import pytest

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import Located, Update
from lmtui.replay.facts import CatalogFacts, TableFacts
from lmtui.replay.single import SingleChanges
from lmtui.replay.tables import Tables

pytestmark = pytest.mark.postgres

H = ("public", "h")
FACTS = CatalogFacts(tables=(TableFacts(schema="public", name="h", identity=("id", "t")),))


@pytest.fixture
def target(timescale_databases: tuple[Endpoint, Endpoint]) -> Iterator[Connection]:
    with connect(timescale_databases[1]) as connection:
        connection.execute("set search_path to public")
        connection.execute(
            "create table h (id int generated always as identity, t bigint, note text,"
            " n numeric(6,2), g bigint generated always as (t + 1) stored, primary key (id, t))"
        )
        connection.execute("select create_hypertable('h', 't', chunk_time_interval => 100)")
        connection.execute("insert into h (t, note, n) values (5, 'kept', 1.5), (6, 'other', 2)")
        yield connection


def _rows(target: Connection) -> list[Any]:
    return target.execute("select id, t, note, n::text, g from h order by id, t").fetchall()


def _apply(target: Connection, old: tuple[str, str], *new: tuple[str, str | None]) -> None:
    names, values = zip(*new, strict=True)
    change = Update(H, names, values, ("id", "t"), old)
    SingleChanges(target, Tables(target, FACTS)).apply_all([Located(change, 1)])


def test_it_keeps_what_the_stream_does_not_name(target: Connection) -> None:
    _apply(target, ("1", "5"), ("id", "1"), ("t", "505"), ("n", None))
    assert _rows(target) == [(1, 505, "kept", None, 506), (2, 6, "other", "2.00", 7)]
    _apply(target, ("1", "505"), ("id", "3"), ("t", "506"), ("note", "new"))
    assert _rows(target) == [(2, 6, "other", "2.00", 7), (3, 506, "new", None, 507)]


def test_a_row_that_is_not_there_stops_the_replay(target: Connection) -> None:
    before = _rows(target)
    with pytest.raises(ReplayStoppedError, match="UPDATE") as stop:
        _apply(target, ("1", "4"), ("id", "1"), ("t", "505"))
    assert "0 rows" in stop.value.detail
    assert _rows(target) == before


def test_a_place_that_is_taken_stops_the_replay(target: Connection) -> None:
    before = _rows(target)
    with pytest.raises(ReplayStoppedError) as stop:
        _apply(target, ("1", "5"), ("id", "2"), ("t", "6"))
    assert "23505" in stop.value.detail
    assert _rows(target) == before
