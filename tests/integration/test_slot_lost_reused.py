"""A slot that is lost: the stream begins anew, and what of the target is equal is kept."""

import pytest
from command_line import CommandLine, against_tally, execute, is_ready, one, soon

from lmtui.demo.writer import Writer
from lmtui.events import TablesCopied, TablesSynchronised
from lmtui.journal import Reader
from lmtui.phases import Phase, Status

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]


def lose_slot(shop: CommandLine) -> None:
    """Stop, and drop the slot as somebody would who takes it for a leftover."""
    shop("stop")
    shop.wait_until_gone()
    soon(
        lambda: one(
            shop.source,
            "select bool_and(pg_drop_replication_slot(slot_name) is not null)"
            " from pg_replication_slots where database = current_database() and not active",
        )
    )


def test_slot_lost_while_replay_had_stopped(shop: CommandLine, writer: Writer) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE)
    lose_slot(shop)
    execute(
        shop.source,
        "update public.products set name = name || '!' where product_id = 1",
        "update telemetry.readings set humidity = 0.5 where device_id = 101",
    )
    shop("resume", "--detach")
    shop.wait_for(lambda state: state.status is Status.FAILED)
    assert "--reuse-target" in shop("status")
    shop("migrate", "--reuse-target", "--detach")
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE and state.sync.aside == {}, 120)
    reader = Reader(shop.directory)
    reader.poll()
    kept = [
        name
        for record in reader.records
        if isinstance(record.event, TablesSynchronised) and not record.event.rows
        for name in record.event.tables
    ]
    # What nobody has written to since stays as it was copied.
    assert len(kept) > 5
    assert ("public", "products") not in kept
    assert len([r for r in reader.records if isinstance(r.event, TablesCopied)]) == 1
    shop.wait_for(is_ready, 120)
    assert "successfully completed" in shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}
    shop("clean")
