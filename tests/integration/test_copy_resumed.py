"""The initial copy goes on after anything: what is copied stays, the rest has its own point."""

import pytest
from command_line import CommandLine, against_tally, execute, is_ready, one
from conftest import Servers

from lmtui.cutover.readiness import readiness
from lmtui.demo.writer import Writer
from lmtui.events import PointTaken, SlotCreated, TablesCopied
from lmtui.journal import Reader
from lmtui.pgcopydb.progress import read_copy
from lmtui.phases import Phase
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]


def records(shop: CommandLine, kind: type) -> list:
    reader = Reader(shop.directory)
    reader.poll()
    return [record.event for record in reader.records if isinstance(record.event, kind)]


def copied_once(shop: CommandLine) -> None:
    """No table that was told as copied is told again, and the slot is the first one."""
    told = [name for event in records(shop, TablesCopied) for name in event.tables]
    assert len(told) == len({*told})
    assert len(records(shop, SlotCreated)) == 1


def some_copied(state: State) -> bool:
    return state.sample is not None and state.sample.copy.tables_done > 3


def cut_over(shop: CommandLine, writer: Writer) -> None:
    shop.wait_for(is_ready, 120)
    assert "successfully completed" in shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}


def fill(shop: CommandLine, **rows: int) -> None:
    """Tables that take a while, the larger the earlier."""
    for name, count in rows.items():
        execute(
            shop.source,
            f"create table public.{name} as select i as id, repeat(md5(i::text), 20) as filler"
            f" from generate_series(1, {count}) i",
            f"alter table public.{name} add primary key (id)",
        )


def is_copying(shop: CommandLine, name: str) -> bool:
    """Whether this table is under way, as pgcopydb's own catalog has it."""
    state = read_copy(shop.directory.pgcopydb, {("public", name)})
    return state is not None and any(table.state == "copying" for table in state.tables)


def test_supervisor_killed(shop: CommandLine, writer: Writer) -> None:
    fill(shop, large=150_000)
    shop("migrate", "--yes", "--detach", "--table-jobs", "2")
    shop.wait_for(some_copied)
    shop.kill_supervisor()
    shop("resume", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE)
    copied_once(shop)
    taken = records(shop, PointTaken)
    assert taken
    assert taken[0].kept > 3
    points = shop.status()["synchronised"]["points"]
    assert len(points) > 1
    assert sum(point["tables"] for point in points) >= 30
    cut_over(shop, writer)


def test_source_restarted(servers: Servers, shop: CommandLine, writer: Writer) -> None:
    fill(shop, large=150_000)
    shop("migrate", "--yes", "--detach", "--table-jobs", "2")
    shop.wait_for(some_copied)
    servers.source.restart()
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE, 200)
    copied_once(shop)
    cut_over(shop, writer)


@pytest.mark.parametrize(
    "statement",
    [
        "truncate public.large",
        "alter table public.large alter column id type bigint",
        "drop table public.large",
        "select public.drop_chunks('telemetry.readings', older_than => now() - interval '2 days')",
    ],
)
def test_table_changed_under_the_copy(shop: CommandLine, writer: Writer, statement: str) -> None:
    fill(shop, first=200_000, large=50_000)
    shop("migrate", "--yes", "--detach", "--table-jobs", "1")
    shop.wait_for(lambda _: is_copying(shop, "first"))
    execute(shop.source, statement)
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE, 200)
    copied_once(shop)
    if statement.startswith("alter"):
        assert (
            one(
                shop.target,
                "select format_type(atttypid, -1) from pg_attribute"
                " where attrelid = 'public.large'::regclass and attname = 'id'",
            )
            == "bigint"
        )
        assert one(shop.target, "select count(*) from public.large") == 50000
    execute(shop.source, *_settled(statement))
    if statement.startswith("drop table"):
        execute(shop.target, statement)
    shop.wait_for(is_ready_but_for_drift, 90)
    assert "successfully completed" in shop(
        "cutover", "--confirm", shop.database, "--waive", "schema_drift", "--waive",
        "chunks_dropped",
    )  # fmt: skip


def _settled(statement: str) -> list[str]:
    return ["insert into public.large values (1, 'again')"] if "truncate" in statement else []


def is_ready_but_for_drift(state: State) -> bool:
    waived = ("schema_drift", "chunks_dropped")
    return state.sample is not None and readiness(state, state.sample, waived).ready
