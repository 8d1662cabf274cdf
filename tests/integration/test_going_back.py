"""A source that was kept ready: what going back takes is said, and does it."""

import json
import re

import psycopg
import pytest
from command_line import CommandLine, execute, is_read_only, is_ready, one

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def test_kept_ready_written_to_and_gone_back(shop: CommandLine) -> None:
    execute(shop.source, "create table public.kept (id serial primary key, words text)",
            "insert into public.kept (words) select 'x' from generate_series(1, 20)")  # fmt: skip
    shop("migrate", "--yes", "--detach", "--keep-source-ready")
    shop.wait_for(is_ready)
    # Nothing is kept before there is a cutover.
    assert "nothing to go back from" in shop.refused("going-back", code=3)
    said = shop("cutover", "--confirm", shop.database)
    assert "lmtui going-back says what it takes" in said
    assert is_read_only(shop.source)
    found = json.loads(shop("going-back", "--json"))
    assert found["fenced"] is True
    assert found["target"] == found["source"] == {"rows": [], "sequences": [], "unknown": []}

    # The application goes on, on the target.
    execute(shop.target, "insert into public.kept (words) select 'y' from generate_series(1, 3)",
            "update public.kept set words = 'z' where id = 1",
            "delete from public.kept where id = 2")  # fmt: skip
    told = shop("going-back")
    assert "public.kept: 3 inserted, 1 updated, 1 deleted" in told
    assert "setval('public.kept_id_seq', 23, true)" in told
    assert f"The slot {shop.state().slot} is dropped" in told
    assert "reset default_transaction_read_only" in told
    report = shop("report")
    assert "## Going back to the source" in report
    assert "3 inserted, 1 updated, 1 deleted" in report
    assert "going-back" in shop("status")
    assert "Migration successfully completed" in shop("status")

    # The statements as they were told, and nothing else, put the source back to work.
    for statement in re.findall(r"(?:lift the fence|again): (.*?);\n", told + "\n"):
        execute(shop.source, statement)
    for statement in re.findall(r"^select setval.*;$", told, re.MULTILINE):
        execute(shop.source, statement)
    assert not is_read_only(shop.source)
    with psycopg.connect(shop.source.conninfo(application="the application")) as session:
        assert session.execute(
            "insert into public.kept (words) values ('back') returning id"
        ).fetchall() == [(24,)]
    told = shop("going-back")
    assert "the source has no fence" in told.lower()
    assert "WRITTEN ON THE SOURCE since the cutover, public.kept: 1 inserted" in told
    shop("clean")
    assert "Going back" not in shop("report")
    assert "after clean" in shop.refused("going-back", code=3)
    assert one(shop.source, "select count(*) from pg_replication_slots"
               " where database = current_database()") == 0  # fmt: skip


def test_not_kept_where_nobody_asked(shop: CommandLine) -> None:
    shop("migrate", "--yes", "--detach")
    shop.wait_for(is_ready)
    shop("cutover", "--confirm", shop.database)
    assert "--keep-source-ready" in shop.refused("going-back", code=3)
    assert "Going back" not in shop("report")
