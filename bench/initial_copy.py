"""How long the initial copy takes: `lmtui migrate` and bare `pgcopydb clone`, in one run.

Run it in the lab with `python bench/initial_copy.py` (or `make copies`). Each round copies the same
mixed database to a new one with either, and with lmtui once more where its supervisor is killed by
force at a share of the bytes and started again. lmtui's seconds are from its start until replay
begins, preflight included; pgcopydb gets the options that lmtui gives it, and a snapshot of its
own. The rows are counted behind each.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from copy_database import count, fill, inserted_twice
from servers import Servers, checkpoint, drop_database, machine_cpu, make_database, running

from lmtui.client import DetachedClient
from lmtui.control import Stop
from lmtui.endpoint import Endpoint
from lmtui.events import CopyFinished, Record, SlotCreated, TablesCopied
from lmtui.pgcopydb import command
from lmtui.phases import Phase
from lmtui.plan import Plan
from lmtui.state import State
from lmtui.workdir import WorkDirectory

_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 1800
_SOURCE = "bench_copy"
_WAITING = (Phase.PLANNING, Phase.PREFLIGHT, Phase.PREPARE, Phase.SCHEMA, Phase.COPY)


@dataclass(frozen=True)
class Copied:
    """One copy. Seconds of the whole, and by lmtui's journal from the slot to the copy's end.

    Of a copy that was gone on with: the seconds from its second start to its end, what of the
    first part was kept and what was copied twice, in bytes of the tables, and how many tables the
    journal tells as copied more than once. `busy` is how many cores the machine used.
    """

    seconds: float
    copy: float = 0.0
    rest: float = 0.0
    kept: int = 0
    total: int = 0
    again: int = 0
    tables_twice: int = 0
    busy: float = 0.0


def main() -> int:
    """Run what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1200, help="size of the database (1200)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all three (3)")
    parser.add_argument(
        "--kill-at", type=float, default=0.8, metavar="SHARE",
        help="share of the bytes at which the supervisor is killed (0.8)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    options = parser.parse_args()
    with running() as servers:
        source = make_database(servers.source, "source", _SOURCE, timescaledb=True)
        began = time.monotonic()
        size = fill(source, options.megabytes)
        _say(f"{size / 1e6:,.0f} MB, made in {time.monotonic() - began:.0f} s")
        rows = count(source)
        kinds: dict[str, Callable[[Endpoint, Path], Copied]] = {
            "lmtui": lambda target, place: _lmtui(source, target, place, None),
            "pgcopydb": lambda target, place: _pgcopydb(source, target, place),
            "resumed": lambda target, place: _lmtui(source, target, place, options.kill_at),
        }
        found: dict[str, list[Copied]] = {name: [] for name in kinds}
        for number in range(options.rounds):
            # Whoever comes first finds other caches.
            for name in list(kinds)[:: 1 if number % 2 == 0 else -1]:
                with _target(servers) as (target, place):
                    checkpoint(servers)
                    one = kinds[name](target, place)
                    if count(target) != rows:
                        raise SystemExit(f"{name}: {count(target)} rows, not {rows}")
                found[name].append(one)
                _say(f"round {number + 1}: {_line(name, one)}")
    _say(_table(found, options.kill_at))
    if options.json:
        runs = {name: [asdict(one) for one in copies] for name, copies in found.items()}
        options.json.write_text(json.dumps({"bytes": size, **runs}, indent=1))
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _target(servers: Servers) -> Iterator[tuple[Endpoint, Path]]:
    name = f"bench_{time.monotonic_ns()}"
    target = make_database(servers.target, "target", name, timescaledb=True)
    try:
        with tempfile.TemporaryDirectory(prefix="lmtui-bench-") as place:
            yield target, Path(place)
    finally:
        drop_database(servers.target, name)


def _lmtui(source: Endpoint, target: Endpoint, place: Path, kill_at: float | None) -> Copied:
    """A migration until its replay begins, killed once on the way where that is asked for."""
    client = DetachedClient(WorkDirectory(place / "work"))
    busy, began = machine_cpu(), time.monotonic()
    client.start(source, target, Plan(table_jobs=4, index_jobs=2))
    resumed_at = began
    try:
        if kill_at is not None:
            _await(client, lambda state: _copied(state, kill_at))
            os.kill(client.poll().worker_pid, signal.SIGKILL)
            while client.alive():
                time.sleep(_POLL_SECONDS)
            resumed_at = time.monotonic()
            client.start(source, target, Plan(table_jobs=4, index_jobs=2))
        state = _await(client, lambda state: state.phase not in _WAITING)
        ended = time.monotonic()
        busy = machine_cpu() - busy
    finally:
        if client.alive():
            client.request(Stop())
        while client.alive():
            time.sleep(_POLL_SECONDS)
    records = client.records()
    tables = [
        name
        for record in records
        if isinstance(record.event, TablesCopied)
        for name in record.event.tables
    ]
    again = inserted_twice(target)
    client.clean(source, target)
    taken = state.sync.points
    return Copied(
        seconds=ended - began,
        copy=_seconds(records),
        rest=ended - resumed_at,
        kept=taken[0].bytes,
        total=sum(point.bytes for point in taken),
        again=again,
        tables_twice=len(tables) - len({*tables}),
        busy=busy / (ended - began),
    )


def _seconds(records: Sequence[Record]) -> float:
    """From the slot to the end of the copy, as the journal has it."""
    at = {type(record.event): record.at for record in records}
    return (at[CopyFinished] - at[SlotCreated]).total_seconds()


def _copied(state: State, share: float) -> bool:
    copy = state.sample.copy if state.sample is not None else None
    return bool(copy and copy.bytes_total and copy.bytes_done >= share * copy.bytes_total)


def _await(client: DetachedClient, wanted: Callable[[State], bool]) -> State:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not wanted(state := client.poll()):
        if time.monotonic() > deadline or (state.problem and not client.alive()):
            raise SystemExit(f"{state.phase} {state.problem} {state.recent[-3:]}")
        time.sleep(_POLL_SECONDS)
    return state


def _pgcopydb(source: Endpoint, target: Endpoint, place: Path) -> Copied:
    arguments = command.clone(
        Plan(table_jobs=4, index_jobs=2), place / "work", "", as_owner=True, filters=None,
        resume=False,
    )  # fmt: skip
    own = arguments.index("--snapshot")
    del arguments[own : own + 2]
    busy, began = machine_cpu(), time.monotonic()
    with (place / "log").open("ab") as log:
        code = subprocess.run(  # noqa: S603
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
            env=command.environment(os.environ, source, target, "bench"),
            timeout=_LONGEST_SECONDS, start_new_session=True,
        ).returncode  # fmt: skip
    if code:
        raise SystemExit(f"pgcopydb: {code} {(place / 'log').read_text()[-800:]}")
    seconds = time.monotonic() - began
    return Copied(seconds=seconds, copy=seconds, busy=(machine_cpu() - busy) / seconds)


def _line(name: str, one: Copied) -> str:
    words = f"{name:<9}{one.seconds:7.1f} s, {one.busy:.1f} cores busy"
    if one.total:
        words += (
            f"; the rest {one.rest:.1f} s, kept {one.kept / 1e6:,.0f} of {one.total / 1e6:,.0f} MB,"
            f" {one.again / 1e6:,.1f} MB copied twice, {one.tables_twice} tables told twice"
        )
    return words


def _table(found: Mapping[str, Sequence[Copied]], kill_at: float) -> str:
    lmtui, pgcopydb, resumed = (_median(found[name]) for name in ("lmtui", "pgcopydb", "resumed"))
    copy = _median(found["lmtui"], "copy")
    rest, again = _median(found["resumed"], "rest"), _median(found["resumed"], "again")
    total, kept = _median(found["resumed"], "total"), _median(found["resumed"], "kept")
    twice = sum(one.tables_twice for one in found["resumed"])
    return "\n".join(
        (
            f"medians of {len(found['lmtui'])} rounds",
            f"  pgcopydb clone                      {pgcopydb:7.1f} s",
            f"  lmtui migrate, until replay begins  {lmtui:7.1f} s   {lmtui / pgcopydb:.2f} times",
            f"    from the slot to the copy's end   {copy:7.1f} s   {copy / pgcopydb:.2f} times",
            f"  lmtui killed at {kill_at:.0%}, both parts   {resumed:7.1f} s",
            f"    the rest, from the second start   {rest:7.1f} s   {rest / lmtui:.2f} of a whole",
            f"    kept {kept / 1e6:,.0f} of {total / 1e6:,.0f} MB; copied twice: {again / 1e6:,.1f}"
            f" MB of tables under way, {twice} whole tables",
        )
    )


def _median(runs: Sequence[Copied], name: str = "seconds") -> float:
    return statistics.median([getattr(run, name) for run in runs])


if __name__ == "__main__":
    sys.exit(main())
