"""How long preflight takes on a large source, and whether it keeps writers waiting.

    python bench/preflight.py [--tables 10000] [--chunks 50000] [--version 17]

Makes two throw-away servers, the source with so many tables and chunks, and asks all checks while a
writer updates a row, again and again. Prints the slowest checks and the writer's longest wait.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg

from lmtui.checks import registry, run_checks
from lmtui.checks.check import Check
from lmtui.checks.render import summary
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint

HYPERTABLES = 10
BATCH = 500


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def fill(source: Endpoint, tables: int, chunks: int) -> None:
    """Make the tables, every tenth without a key, and the chunks, a row in each."""
    with psycopg.connect(source.conninfo(), autocommit=True) as session:
        session.execute("set synchronous_commit = off")
        session.execute("create table written (id int primary key, n int)")
        session.execute("insert into written values (1, 0)")
        for first in range(0, tables, BATCH):
            session.execute(
                f"do $$ begin for n in {first}..{min(first + BATCH, tables) - 1} loop"
                " execute format('create table t%s (id int %s, name text, at timestamptz)', n,"
                " case when n % 10 > 0 then 'primary key' end); end loop; end $$"
            )
        each = chunks // HYPERTABLES
        for number in range(HYPERTABLES):
            session.execute(f"create table h{number} (at timestamptz not null, value int)")
            session.execute(
                f"select create_hypertable('h{number}', 'at',"
                " chunk_time_interval => interval '1 hour')"
            )
            for first in range(0, each, BATCH):
                session.execute(
                    f"insert into h{number} select timestamptz '2000-01-01Z'"  # noqa: S608
                    " + n * interval '1 hour', n from generate_series(%s::int, %s) n",
                    (first, min(first + BATCH, each) - 1),
                )


def write(source: Endpoint, end: threading.Event, waits: list[float]) -> None:
    """Update rows until told to end; notes how long each took, in seconds."""
    with psycopg.connect(source.conninfo(), autocommit=True) as session:
        # Whoever waits for longer than this fails, and with it the measurement.
        session.execute("set lock_timeout = '200ms'")
        while not end.is_set():
            before = time.monotonic()
            session.execute("update written set n = n + 1")
            session.execute("insert into h0 values (timestamptz '2000-01-01 00:30Z', 1)")
            waits.append(time.monotonic() - before)


def watch(source: Endpoint, end: threading.Event, locks: dict[str, int]) -> None:
    """Sample the locks of preflight's sessions: each mode, and how often it was seen."""
    with psycopg.connect(source.conninfo(), autocommit=True) as session:
        while not end.is_set():
            for mode, number in session.execute(
                "select concat_ws(' on ', l.mode, case when l.mode <> 'AccessShareLock' then"
                " coalesce(l.relation::regclass::text, l.locktype) end), count(*)"
                " from pg_locks l join pg_stat_activity a on a.pid = l.pid"
                " where a.application_name = 'lmtui check' and l.locktype <> 'virtualxid'"
                " group by 1"
            ):
                locks[mode] = locks.get(mode, 0) + number


def timed(taken: dict[str, float]) -> None:
    """Note how long each check takes."""
    ask = Check.__call__

    def noted(check, facts, session):  # type: ignore[no-untyped-def]
        before = time.monotonic()
        finding = ask(check, facts, session)
        taken[check.id] = time.monotonic() - before
        return finding

    Check.__call__ = noted  # type: ignore[method-assign]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--chunks", type=int, default=50_000)
    parser.add_argument("--version", type=int, default=17)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        settings = {"max_wal_size": "4GB", "autovacuum": "off"}
        with (
            Cluster(Path(one) / "s", version=options.version, settings=settings) as sources,
            Cluster(Path(two) / "t", version=options.version) as targets,
        ):
            source = create_database(sources.endpoint("postgres"), "large", timescaledb=True)
            target = create_database(
                targets.endpoint("postgres", "target"), "large", timescaledb=True
            )
            before = time.monotonic()
            fill(source, options.tables, options.chunks)
            say(f"filled in {time.monotonic() - before:.0f} s")
            for _ in range(2):
                measure(source, target)


def measure(source: Endpoint, target: Endpoint) -> None:
    """One run of all checks beside a writer."""
    taken: dict[str, float] = {}
    waits: list[float] = []
    end = threading.Event()
    locks: dict[str, int] = {}
    writer = threading.Thread(target=write, args=(source, end, waits))
    watcher = threading.Thread(target=watch, args=(source, end, locks))
    writer.start()
    watcher.start()
    timed(taken)
    before = time.monotonic()
    findings = run_checks(source, target)
    whole = time.monotonic() - before
    end.set()
    writer.join()
    watcher.join()
    say(f"{len(registry.CHECKS)} checks, {whole:.2f} s; {summary(findings)}")
    for name in sorted(taken, key=taken.__getitem__, reverse=True)[:12]:
        say(f"  {taken[name]:6.2f} s  {name}")
    for finding in findings:
        if finding.severity == "failed":
            say(f"  not checked: {finding.id}: {finding.detail}")
    say(f"  locks seen: {', '.join(f'{mode} {n}' for mode, n in sorted(locks.items())) or 'none'}")
    say(f"  writer: {len(waits)} rounds, the longest {max(waits) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
