"""One value of 50 MB: what receiver and applier need for it stays in bounds."""

from pathlib import Path

import pytest
from command_line import CommandLine, execute, one

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

# 50 MB, and 100 MB as a plugin prints them.
VALUE = "decode(repeat(md5('%s'), 3125000), 'hex')"
BOUND = 300 * 1000 * 1000


def _peak(pid: int) -> int:
    """The most memory (resident, bytes) that a process has used."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
def test_a_large_value_in_bounded_memory(bare: CommandLine, plugin: str) -> None:
    execute(
        bare.source,
        "create table public.item (id int primary key, words bytea)",
        "alter table public.item alter words set storage external",
    )
    bare("migrate", "--yes", "--detach", "--plugin", plugin)
    bare.wait_for(lambda state: state.caught_up)
    execute(
        bare.source,
        f"insert into public.item values (1, {VALUE % 'inserted'})",
        f"update public.item set words = {VALUE % 'updated'}",
    )
    bare.wait_for(lambda state: state.sample is not None
                  and state.sample.replay.applied.update == 1, 60)  # fmt: skip
    peaks = {
        name: _peak(pid)
        for name in ("receiver", "applier")
        for pid in bare.children(f"lmtui.replay.{name}")
    }
    assert len(peaks) == 2
    assert max(peaks.values()) < BOUND, peaks
    digest = "select md5(words) from public.item"
    assert one(bare.target, digest) == one(bare.source, digest)
