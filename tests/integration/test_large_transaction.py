"""One transaction of many rows: what is told meanwhile is what goes on."""

import pytest
from command_line import CommandLine, execute, one

from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def test_large_transaction_is_not_called_stalled(bare: CommandLine) -> None:
    """It may be over before there is anything to tell: see the next one for the words."""
    execute(bare.source, "create table public.item (id int primary key, words text)")
    bare("migrate", "--yes", "--detach")
    bare.wait_for(lambda state: state.caught_up)
    execute(
        bare.source,
        "insert into public.item select i, repeat('x', 150) from generate_series(1, 400000) i",
    )
    told: list[tuple[str, str]] = []

    def replayed(state: State) -> bool:
        assert state.sample is not None
        replay = state.sample.replay
        if (replay.verdict, replay.why) not in told[-1:]:
            told.append((replay.verdict, replay.why))
        return replay.applied.insert >= 400_000

    bare.wait_for(replayed, 90)
    assert not [words for words in told if words[0] == "stalled"], told
    assert one(bare.target, "select count(*) from public.item") == 400_000


def test_a_target_that_is_slow_with_it_is_not_called_stalled(bare: CommandLine) -> None:
    """Nothing is committed for long, and every batch is on its way."""
    execute(bare.source, "create table public.item (id int primary key, words text)")
    bare("migrate", "--yes", "--detach")
    bare.wait_for(lambda state: state.caught_up)
    execute(
        bare.target,
        "create function slow() returns trigger language plpgsql as $$ begin"
        " perform pg_sleep(1); return null; end $$",
        "create trigger slow before insert on public.item for each statement"
        " execute function slow()",
        "alter table public.item enable always trigger slow",
    )
    execute(
        bare.source,
        "insert into public.item select i, repeat('x', 150) from generate_series(1, 200000) i",
    )
    told: set[str] = set()

    def replayed(state: State) -> bool:
        assert state.sample is not None
        replay = state.sample.replay
        told.add(f"{replay.verdict}: {replay.why}")
        return replay.applied.insert >= 200_000

    bare.wait_for(replayed, 90)
    assert not [words for words in told if words.startswith("stalled")], told
    assert [words for words in told if "pplying a large transaction" in words], told
    assert one(bare.target, "select count(*) from public.item") == 200_000
