"""One transaction of many rows: what is told meanwhile is what goes on."""

import pytest
from command_line import CommandLine, execute, one

from lmtui.state import State

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


def test_large_transaction_is_told_as_that(bare: CommandLine) -> None:
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
    assert [words for words in told if "large transaction" in words[1]], told
    assert one(bare.target, "select count(*) from public.item") == 400_000
