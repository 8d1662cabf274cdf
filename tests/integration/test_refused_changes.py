"""A change that the target refuses, as its operator meets it: told, tried again, skipped, kept."""

import json
import re
from typing import Any

import pytest
from command_line import CommandLine, execute, is_ready, one, soon

from lmtui.demo.writer import Writer
from lmtui.phases import Phase, Status
from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

TABLE = "public.skip_me"


def _refused(shop: CommandLine) -> Any:
    """The change at which replay stands, once it does."""
    soon(lambda: shop.state().status is Status.FAILED)
    shop.wait_until_gone()
    status = shop.status()
    assert (status["phase"], status["status"]) == ("replicate", "failed")
    return status["error"]["refused"]


def _replicating(state: State) -> bool:
    return state.phase is Phase.REPLICATE


def _begin(shop: CommandLine) -> None:
    execute(shop.source, f"create table {TABLE} (id int primary key, n int)",
            f"insert into {TABLE} select i, 0 from generate_series(1, 9) i")  # fmt: skip
    shop("migrate", "--yes", "--detach")
    shop.wait_for(_replicating)


def test_told_and_tried_again(shop: CommandLine) -> None:
    _begin(shop)
    assert "does not stand at a change" in shop.refused("skip", "0/1", code=3)
    assert "runs" in shop.refused("retry", code=5)

    execute(shop.target, f"delete from {TABLE} where id = 3")
    execute(shop.source, f"update {TABLE} set n = 1 where id = 2",
            f"update {TABLE} set n = 1 where id = 3")  # fmt: skip
    refused = _refused(shop)
    assert (refused["kind"], refused["relation"]) == ("UPDATE", TABLE)
    assert (refused["key"], refused["values"]) == ("id = 3", "id = 3, n = 1")
    assert refused["statement"].startswith('update only "public"."skip_me"')
    told = shop("status")
    for words in ("Replay stopped at", "id = 3", "lmtui retry", f"lmtui skip {refused['change']}"):
        assert words in told
    # All before it is applied, nothing behind it.
    assert one(shop.target, f"select n from {TABLE} where id = 2") == 1

    files = {path: path.read_bytes() for path in shop.files()}
    for wrong in ("0/1", f"{refused['change']}#2"):
        said = shop.refused("skip", wrong, code=2)
        assert f"lmtui skip {refused['change']}" in said
    assert {path: path.read_bytes() for path in shop.files()} == files

    # Tried in vain, then mended and tried again.
    assert shop("retry", code=1).count("Replay stopped at") == 1
    execute(shop.target, f"insert into {TABLE} values (3, 0)")
    assert "Trying again: UPDATE public.skip_me" in shop("retry", "--detach")
    soon(lambda: one(shop.target, f"select n from {TABLE} where id = 3") == 1)


def test_skipped_and_kept_for_good(shop: CommandLine) -> None:
    _begin(shop)
    execute(shop.target, f"delete from {TABLE} where id = 5")
    execute(shop.source, f"update {TABLE} set n = 2 where id = 5")
    refused = _refused(shop)
    assert "called proven" in shop("skip", refused["change"], "--detach")
    soon(lambda: shop.state().skipped)
    shop.kill_supervisor()
    shop("resume", "--detach")
    shop.wait_for(is_waiting_for_the_operator)
    status = shop.status()
    assert [change["change"] for change in status["skipped"]] == [refused["change"]]
    assert status["replay"]["applied"]["skipped"] == 1
    assert status["cutover"]["blockers"][0]["code"] == "changes_skipped"

    # The data are made equal by hand; that does not make it a proof.
    execute(shop.target, f"insert into {TABLE} values (5, 2)")
    assert "changes_skipped" in shop.refused("cutover", "--confirm", shop.database, code=3)
    shop.wait_for(lambda state: state.ahead is None or not state.ahead.different)
    codes = [gate["code"] for gate in shop.status()["cutover"]["blockers"]]
    waived = ("cutover", "--confirm", shop.database, "--waive", *codes)
    assert "--accept-unproven" in shop.refused(*waived, code=3)
    shop(*waived, "--accept-unproven", code=6)
    status = shop.status()
    assert (status["phase"], status["proven"]) == ("complete", False)
    shop("clean")
    report = json.loads(shop("report", "--format", "json"))
    assert report["proof"]["verdict"] == "equal"
    assert report["proof"]["changes_skipped"] == 1
    (skipped,) = report["skipped"]
    assert (skipped["outcome"], skipped["change"]["change"]) == ("skipped", refused["change"])
    assert "SKIPPED: UPDATE public.skip_me" in shop("report")
    assert "skipped: 1" in shop("status")


def is_waiting_for_the_operator(state: State) -> bool:
    """Caught up, and shown as skipped in the sample too."""
    return bool(
        state.caught_up and state.sample is not None and state.sample.replay.applied.skipped
    )


@pytest.mark.parametrize("sqlstate", ["53100", "55P03"])
def test_what_passes_is_tried_again_and_shown_with_its_count(
    shop: CommandLine, writer: Writer, sqlstate: str
) -> None:
    """A full disk, a lock: nobody needs to do anything about the change."""
    shop("migrate", "--yes", "--detach")
    shop.wait_for(_replicating)
    execute(
        shop.target,
        f"create function full_disk() returns trigger language plpgsql as $$ begin"
        f" raise 'not now' using errcode = '{sqlstate}'; end $$",
        "create trigger full_disk before insert or update on public.customers"
        " for each row execute function full_disk()",
        "alter table public.customers enable always trigger full_disk",
    )
    # Which count is seen is a matter of when a sample is taken.
    again = rf"The target refused, tried again \(([2-9]|\d\d)\): {sqlstate}: not now"
    soon(lambda: _why(shop, again))
    assert "stalled" in shop("status")
    assert shop.status()["replay"]["verdict"] == "stalled"
    assert shop.state().status is Status.RUNNING
    execute(shop.target, "drop function full_disk() cascade")
    shop.wait_for(is_ready)
    shop.wait_until_replayed()
    assert writer.running
    assert shop.status()["replay"]["applied"]["unmatched"] == 0


def _why(shop: CommandLine, words: str) -> str:
    sample = shop.state().sample
    why = sample.replay.why if sample is not None else ""
    return why if re.search(words, why) else ""
