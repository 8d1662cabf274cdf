"""Faults at random moments of the initial copy: what was copied stays, and the end is proven.

One run is a test like others; `make copy-chaos RUNS=100` does a hundred, and says what each did.
"""

import contextlib
import os
import random
import secrets
import signal
import time
from pathlib import Path

import pytest
from command_line import CommandLine, against_tally, execute, is_ready
from conftest import Servers

from lmtui.demo.writer import Writer
from lmtui.events import PointTaken, SlotCreated, TablesCopied
from lmtui.journal import Reader
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration, pytest.mark.timeout(300)]

RUNS = int(os.environ.get("LMTUI_COPY_CHAOS_RUNS", "0"))
SEED = int(os.environ.get("LMTUI_CHAOS_SEED", "0")) or secrets.randbelow(1_000_000)
SECONDS = 120.0


def kill_supervisor(shop: CommandLine, _servers: Servers) -> None:
    shop.kill_supervisor()


def restart_source(_shop: CommandLine, servers: Servers) -> None:
    servers.source.restart()


def restart_target(_shop: CommandLine, servers: Servers) -> None:
    servers.target.restart()


def kill_pgcopydb(_shop: CommandLine, _servers: Servers) -> None:
    """One of its processes, whichever it is."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "comm").read_text().strip() == "pgcopydb":
                os.kill(int(entry.name), signal.SIGKILL)
                return


FAULTS = (kill_supervisor, kill_supervisor, restart_source, restart_target, kill_pgcopydb)


@pytest.mark.parametrize("run", range(max(1, RUNS)))
def test_copy_goes_on_after_anything(
    shop: CommandLine,
    servers: Servers,
    writer: Writer,
    run: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(SEED + run)  # noqa: S311
    print(f"seed {SEED + run}")  # noqa: T201
    execute(
        shop.source,
        "create table public.large as select i as id, repeat(md5(i::text), 10) as filler"
        " from generate_series(1, 100000) i",
        "alter table public.large add primary key (id)",
    )
    shop("migrate", "--yes", "--detach", "--table-jobs", chance.choice("124"))
    done = []
    deadline = time.monotonic() + SECONDS
    while (state := shop.state()).phase not in (Phase.CATCH_UP, Phase.REPLICATE):
        assert time.monotonic() < deadline, shop.told(state)
        if not shop.directory.worker_alive():
            shop("resume", "--detach")
        elif len(done) < 3:
            time.sleep(chance.uniform(0.2, 2.5))
            fault = chance.choice(FAULTS)
            done.append(fault.__name__)
            fault(shop, servers)
        time.sleep(0.1)
    if not shop.directory.worker_alive():
        shop("resume", "--detach")
    shop.wait_for(is_ready, 120)
    assert "successfully completed" in shop("cutover", "--confirm", shop.database)
    assert against_tally(shop.target, writer.tally()) == {}
    kept = _copied_once(shop)
    with capsys.disabled():
        if RUNS:
            print(f"\n{run + 1}/{RUNS} {', '.join(done)}; kept {kept}", flush=True)  # noqa: T201


def _copied_once(shop: CommandLine) -> list[int]:
    """No table is told as copied twice under one slot; returns how many were kept at each point."""
    reader = Reader(shop.directory)
    reader.poll()
    kept, told = [], set()
    for record in reader.records:
        match record.event:
            case SlotCreated():
                # Nothing was copied before: what was told would have been kept.
                assert not told
            case TablesCopied(tables=tables):
                assert told.isdisjoint(tables)
                told |= {*tables}
            case PointTaken(kept=count):
                kept.append(count)
    return kept
