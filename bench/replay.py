"""How fast changes are replayed: lmtui, PostgreSQL's own subscription and pgcopydb, in one run.

Run it in the lab with `python bench/replay.py`. For every workload, slots are made first, then the
source is changed, then each engine in its turn brings the very same changes to a database of its
own, timed from its start until the source's last row is there. Both sides are compared afterwards.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import figures
import steady
from engines import EndedError, Engine, Lmtui, Pgcopydb, Subscription
from figures import Figure
from servers import (
    Servers,
    checkpoint,
    drop_database,
    machine_cpu,
    make_database,
    running,
    server_cpu,
)
from workloads import COMMON, MORE, WORKLOADS, Workload

from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.validation.compare import compare

_ROWS, _QUICK_ROWS = 300_000, 60_000
_LIMIT, _QUICK_LIMIT = 10.0, 4.0
# pgcopydb buffers what it applies; what is not there soon after its end does not come.
_POLL_SECONDS = 0.005


def main() -> int:
    """Run what was asked for and print it."""
    options = _options()
    usual = (
        [one for one in WORKLOADS if one.name == "hypertable-50"] if options.steady else WORKLOADS
    )
    chosen = _chosen(options.workloads, [*WORKLOADS, *MORE]) if options.workloads else usual
    found: list[Figure] = []
    with running() as servers:
        if options.steady:
            for workload in chosen:
                _steady(servers, workload, options)
            return 0
        for workload in chosen:
            rows = max(1000, int(options.rows * workload.share))
            runs = [_run(servers, workload, rows, options) for _ in range(options.repeat)]
            medians = figures.medians(runs)
            found += medians
            say(figures.table(workload, medians))
    if options.json:
        options.json.write_text(json.dumps([figure.as_json() for figure in found], indent=1))
    return 0


def say(text: str) -> None:
    """Print, and let it be seen at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    names = ", ".join(workload.name for workload in (*WORKLOADS, *MORE))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help=f"changes of a workload ({_ROWS:,})")
    parser.add_argument("--workloads", help=f"some of: {names}")
    parser.add_argument("--engines", help="parts of names: wal2json, test_decoding, sub, pgcopydb")
    parser.add_argument("--repeat", type=int, default=1, help="runs, of which medians are shown")
    parser.add_argument("--limit", type=float, help="seconds after which an engine is given up")
    parser.add_argument("--pgcopydb-017", metavar="PATH", help="measure this pgcopydb 0.17 too")
    parser.add_argument("--quick", action="store_true", help="fewer rows, less patience")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument(
        "--steady", type=int, metavar="RATE",
        help="instead: the lag at a load of RATE rows/s (inserts only; into a hypertable)",
    )  # fmt: skip
    parser.add_argument("--seconds", type=float, default=15.0, help="how long, with --steady")
    options = parser.parse_args()
    options.rows = options.rows or (_QUICK_ROWS if options.quick else _ROWS)
    options.limit = options.limit or (_QUICK_LIMIT if options.quick else _LIMIT)
    return options


def _chosen(names: str, workloads: Sequence[Workload]) -> list[Workload]:
    by_name = {workload.name: workload for workload in workloads}
    try:
        return [by_name[name] for name in names.split(",")]
    except KeyError as error:
        raise SystemExit(f"There is no workload {error}; there are: {', '.join(by_name)}") from None


def _engines(options: argparse.Namespace) -> list[Engine]:
    # pgcopydb leaves changes of its own on a source, so it comes last.
    engines: list[Engine] = [
        Subscription(),
        Lmtui("wal2json"),
        Lmtui("test_decoding"),
        Pgcopydb("pgcopydb 0.18", "pgcopydb"),
    ]
    if options.pgcopydb_017:
        engines.append(Pgcopydb("pgcopydb 0.17", options.pgcopydb_017))
    if options.engines:
        wanted = options.engines.split(",")
        engines = [engine for engine in engines if any(part in engine.name for part in wanted)]
    return engines


def _run(
    servers: Servers, workload: Workload, rows: int, options: argparse.Namespace
) -> list[Figure]:
    """One source, changed once, and every engine in its turn."""
    engines = _engines(options)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="lmtui-bench-") as place:
        source = make_database(servers.source, "source", "bench", timescaledb=workload.timescaledb)
        ready: list[tuple[Engine, str, Endpoint]] = []
        try:
            _make(source, workload, rows)
            for number, engine in enumerate(engines):
                name = f"bench{number}"
                if workload.timescaledb and not engine.hypertables:
                    found.append(Figure(workload.name, engine.name, "cannot: rows of a hypertable"))
                    continue
                target = make_database(
                    servers.target, "target", name, timescaledb=workload.timescaledb
                )
                _make(target, workload, rows)
                engine.prepare(source, target, Path(place) / name)
                ready.append((engine, name, target))
            wal = _change(source, workload, rows)
            for engine, name, target in ready:
                found.append(
                    _drain(servers, workload, engine, source, target, rows, wal, options.limit)
                )
                engine.remove()
                drop_database(servers.target, name)
        finally:
            drop_database(servers.source, "bench")
    return found


def _steady(servers: Servers, workload: Workload, options: argparse.Namespace) -> None:
    """Every engine under its own load."""
    if workload.append is None:
        raise SystemExit(f"There is no steady load of {workload.name}")
    what = workload.title.partition(",")[0]
    say(f"\n{what} at {options.steady:,} rows/s for {options.seconds:.0f} s")
    for engine in _engines(options):
        if workload.timescaledb and not engine.hypertables:
            say(f"  {engine.name:22}cannot: rows of a hypertable")
            continue
        with tempfile.TemporaryDirectory(prefix="lmtui-bench-") as place:
            source, target = (
                make_database(cluster, side, "bench", timescaledb=workload.timescaledb)
                for cluster, side in ((servers.source, "source"), (servers.target, "target"))
            )
            try:
                for side in (source, target):
                    _make(side, workload, 0)
                engine.prepare(source, target, Path(place) / "work")
                engine.start()
                with _open(source) as writing, _open(target) as watching:
                    lag = steady.measure(
                        engine.name, writing, watching, workload.append, options.steady,
                        options.seconds,
                    )  # fmt: skip
                engine.stop()
                say(lag.line())
            finally:
                drop_database(servers.target, "bench")
                drop_database(servers.source, "bench")


def _make(endpoint: Endpoint, workload: Workload, rows: int) -> None:
    with _open(endpoint) as connection:
        connection.execute(COMMON + workload.schema)
        if fill := workload.fill(rows):
            connection.execute(fill)
            connection.execute("vacuum (analyze)")


def _open(endpoint: Endpoint) -> Connection:
    connection = connect(endpoint, statement_timeout=0)
    connection.execute("set search_path to public")
    return connection


def _change(source: Endpoint, workload: Workload, rows: int) -> int:
    """Run the workload; returns the bytes of log that it wrote."""
    with _open(source) as connection:
        connection.execute("set synchronous_commit to off")
        (before,) = connection.execute("select pg_current_wal_insert_lsn()").fetchall()[0]
        connection.execute(workload.run(rows))
        connection.execute("insert into marker values (1)")
        (wrote,) = connection.execute(
            "select pg_current_wal_insert_lsn() - %s::pg_lsn", (before,)
        ).fetchall()[0]
    return int(wrote)


def _drain(
    servers: Servers, workload: Workload, engine: Engine, source: Endpoint, target: Endpoint,
    rows: int, wal: int, limit: float,
) -> Figure:  # fmt: skip
    checkpoint(servers)
    filled = _applied(target)
    with _open(target) as watching:
        before = server_cpu(servers.source), server_cpu(servers.target), machine_cpu()
        began = time.monotonic()
        outcome = _await_marker(engine, watching, began + limit)
        seconds = time.monotonic() - began
        after = server_cpu(servers.source), server_cpu(servers.target), machine_cpu()
        usage = engine.stop()
    on_source, on_target, on_machine = (b - a for a, b in zip(before, after, strict=True))
    changes = workload.changes(rows)
    if outcome:
        changes = _applied(target) - filled
    else:
        outcome = _compared(source, target)
    return Figure(
        workload.name, engine.name, outcome, changes=changes, seconds=seconds,
        wal=wal * changes / workload.changes(rows), receiver=usage.receiver, applier=usage.applier,
        source=on_source, target=on_target, peak=usage.peak,
        others=max(0.0, on_machine - on_source - on_target - usage.receiver - usage.applier),
    )  # fmt: skip


def _await_marker(engine: Engine, watching: Connection, deadline: float) -> str:
    """Start the engine and wait for the source's last row; returns what went wrong, if anything."""
    began = time.monotonic()
    try:
        engine.start()
        while not watching.execute("select from marker").rowcount:
            engine.check()
            if time.monotonic() > deadline:
                return f"gave up at {deadline - began:.0f} s"
            time.sleep(_POLL_SECONDS)
    except EndedError as ended:
        if not watching.execute("select from marker").rowcount:
            return f"lost rows ({ended})"
    return ""


def _applied(target: Endpoint) -> int:
    """The changes that a target has seen, from its statistics."""
    with _open(target) as connection:
        (count,) = connection.execute(
            "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_user_tables"
            " where schemaname not like '\\_timescaledb%' or relname like '%\\_chunk'"
        ).fetchall()[0]
    return int(count)


def _compared(source: Endpoint, target: Endpoint) -> str:
    proof = compare(source, target)
    for verdict in proof.tables:
        if verdict.schema == "public" and not verdict.equal:
            return (
                f"MISMATCH in {verdict.name}: {verdict.source_rows} rows on the source,"
                f" {verdict.target_rows} on the target {verdict.note}"
            )
    return ""


if __name__ == "__main__":
    sys.exit(main())
