"""Tables copied anew while replay goes on: under load, over crashes, and where it had stopped."""

import json

import pytest
from command_line import CommandLine, against_tally, execute, is_ready, one

from lmtui.demo.writer import Writer
from lmtui.events import ResyncBegun, TablesSynchronised
from lmtui.phases import Phase, Status

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]


def begin(shop: CommandLine) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE)


def cut_over(shop: CommandLine, writer: Writer) -> None:
    """The end has to be proven, and hold what the writer has committed."""
    shop.wait_for(is_ready, 120)
    assert "successfully completed" in shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}


def test_tables_of_every_kind_under_load(shop: CommandLine, writer: Writer) -> None:
    begin(shop)
    # Referenced and referencing; a hypertable; partitions; without a key; truncated by the writer.
    execute(shop.target, "delete from public.page_views")
    printed = shop(
        "resync", "public.orders", "public.order_lines", "telemetry.readings", "payments",
        "public.page_views", "public.search_cache",
    )  # fmt: skip
    assert "rows, as of" in printed
    state = shop.state()
    assert state.sync.under_way == ()
    assert ("telemetry", "readings") in state.sync.copied
    assert ("public", "payments_2025") in state.sync.copied
    # Once more, alone.
    shop("resync", "telemetry.readings")
    shop.wait_until_replayed()
    assert json.loads(shop("validate", "--json"))["equal"]
    cut_over(shop, writer)
    shop("clean")
    assert one(shop.target, "select to_regnamespace('lmtui') is null")


def test_supervisor_killed_at_every_step(shop: CommandLine, writer: Writer) -> None:
    begin(shop)
    for event in (ResyncBegun, TablesSynchronised):
        shop("resync", "public.orders", "telemetry.readings", "--no-wait")
        shop.wait_for(lambda state, kind=event: isinstance(state.recent[-1].event, kind))
        shop.kill_supervisor()
        shop("resume", "--detach")
        shop.wait_for(lambda state: not state.sync.under_way)
    cut_over(shop, writer)


def test_way_on_where_replay_has_stopped(shop: CommandLine, writer: Writer) -> None:
    begin(shop)
    execute(shop.target, "delete from public.stock")
    shop.wait_for(lambda state: state.status is Status.FAILED)
    shop.wait_until_gone()
    assert "rows, as of" in shop("resync", "stock")
    cut_over(shop, writer)
    assert shop.state().skipped == ()


def test_what_cannot_be_copied_anew(shop: CommandLine, writer: Writer) -> None:
    begin(shop)
    assert "public.orders" in shop.refused("resync", "public.order", code=2)
    chunk = one(shop.source, "select public.show_chunks('telemetry.readings')::text limit 1")
    assert "telemetry.readings" in shop.refused("resync", chunk, code=2)
    cut_over(shop, writer)
    assert "phase complete" in shop.refused("resync", "public.orders", code=3)


def test_repair_of_rows_that_nothing_identifies(shop: CommandLine, writer: Writer) -> None:
    execute(
        shop.source,
        "create table public.visits (visited_at date, page text) partition by range (visited_at)",
        *(
            f"create table public.visits_{year} partition of public.visits"
            f" for values from ('{year}-01-01') to ('{year + 1}-01-01')"
            for year in (2025, 2026)
        ),
        "alter table public.visits_2025 replica identity full",
        "alter table public.visits_2026 replica identity full",
        "insert into public.visits select date '2025-06-01' + i, '/' || i"
        " from generate_series(1, 500) i",
    )
    begin(shop)
    execute(shop.target, "delete from public.page_views", "delete from public.visits")
    printed = shop(
        "validate", "--repair", "page_views", "public.visits", "--confirm", shop.database
    )
    assert "The rows of public.page_views cannot be repaired one by one" in printed
    assert "Copied anew: public.page_views," in printed
    # A partitioned table is a name only: the stream has its partitions.
    assert "Copied anew: public.visits_2025, public.visits_2026, 500 rows" in printed
    assert "Equal as of" in printed
    execute(shop.source, "insert into public.visits values ('2025-02-03', '/late')")
    cut_over(shop, writer)
    assert one(shop.target, "select count(*) from public.visits") == 501


def test_copy_in_waves(shop: CommandLine, writer: Writer) -> None:
    execute(
        shop.source,
        "create table public.large as select i as id, repeat(md5(i::text), 20) as filler"
        " from generate_series(1, 100000) i",
    )
    # A third of a second: what is under way is copied to its end, the rest by another snapshot.
    shop("migrate", "--yes", "--detach", "--table-jobs", "1", "--max-snapshot-age", "0.0001")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE, 200)
    points = shop.state().sync.points
    assert len([point for point in points if point.tables]) > 1
    cut_over(shop, writer)
