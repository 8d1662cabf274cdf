"""One of several equal rows of a hypertable, whose rows may have no place of their own."""

import pytest

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.replay.change import Delete, Located, Update
from lmtui.replay.facts import CatalogFacts, TableFacts
from lmtui.replay.single import SingleChanges
from lmtui.replay.tables import Tables

pytestmark = pytest.mark.postgres

NAMES = ("t", "x", "c")
FACTS = CatalogFacts(tables=(TableFacts(schema="public", name="h", full=True),))


def test_exactly_one_of_them_changes_or_goes(
    timescale_databases: tuple[Endpoint, Endpoint],
) -> None:
    with connect(timescale_databases[1]) as target:
        target.execute("set search_path to public")
        target.execute(
            "create table h (t bigint not null, x numeric, c char(4), y int,"
            " g int generated always as (t + 1) stored)"
        )
        target.execute("select create_hypertable('h', 't', chunk_time_interval => 100)")
        target.execute("insert into h values (5, 1, 'a'), (5, 1, 'a'), (5, 1, 'a'), (5, 1.0, 'a')")
        single = SingleChanges(target, Tables(target, FACTS))
        old = ("5", "1", "a   ")
        single.apply_all([Located(Delete(("public", "h"), NAMES, old), 1)])
        change = Update(("public", "h"), ("x", "y"), ("2", "7"), NAMES, old)
        single.apply_all([Located(change, 2)])
        rows = target.execute("select t, x::text, c, y, g from h order by x, x::text").fetchall()
    assert rows == [
        (5, "1", "a   ", None, 6),
        (5, "1.0", "a   ", None, 6),
        (5, "2", "a   ", 7, 6),
    ]
