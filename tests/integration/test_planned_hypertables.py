"""The file of --hypertables: what it says is judged before anything is touched, and is kept."""

from pathlib import Path

import pytest
from command_line import CommandLine, execute, is_ready, one

from lmtui.phases import Phase
from lmtui.plan import Plan

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

PLAN = '[[hypertable]]\ntable = "public.readings"\ncolumn = "at"\ninterval = "1 day"\n'


@pytest.fixture
def plain(bare: CommandLine) -> CommandLine:
    """A source without TimescaleDB that has a table of readings."""
    execute(
        bare.source,
        "drop extension timescaledb",
        "create table public.readings (at timestamptz primary key, value float)",
        "insert into public.readings select now() - n * interval '1 hour', n"
        " from generate_series(1, 100) n",
    )
    return bare


def test_after_a_snapshot_and_over_a_stop(plain: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    plain("snapshot")
    file.write_text("[[hypertable]]\n", encoding="utf-8")
    assert f"{file}, line 1" in plain.refused("migrate", "--hypertables", str(file), code=2)
    file.write_text(PLAN.replace("readings", "writings"), encoding="utf-8")
    words = plain.refused("migrate", "--hypertables", str(file), code=3)
    assert "public.writings does not exist on the source" in words
    assert plain.status()["status"] == "waiting"
    file.write_text(PLAN, encoding="utf-8")
    plain("migrate", "--detach", "--hypertables", str(file))
    plain.wait_for(lambda state: state.phase is Phase.REPLICATE)
    file.unlink()
    plain("stop")
    plain("resume", "--detach")
    assert [w.name for w in Plan.load(plain.directory).hypertables] == ["readings"]
    plain.wait_for(is_ready)
    execute(plain.source, "insert into public.readings values (now() + interval '9 days', 0)")
    assert "proven" in plain("cutover", "--confirm", plain.database)
    assert one(plain.target, "select count(*) from public.readings") == 101
    chunks = "select count(*) from timescaledb_information.chunks"
    assert int(str(one(plain.target, chunks))) > 4
