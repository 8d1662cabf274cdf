"""One change that cannot be applied is passed over where the operator wants it: only that one.

It is counted in the target transaction in which it is passed over, and it is applied after all
where its cause is gone.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from harness import Case, Pairing, Replica
from test_replay_stops import SETUP, TROUBLES

from lmtui.children import Child
from lmtui.database import connect
from lmtui.endpoint import TARGET_VARIABLE
from lmtui.replay import progress
from lmtui.replay.reports import ApplierReport, ChangesSkipped, Halted, Report

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(
    "name",
    [
        "duplicate key", "row to update", "row to delete", "whole row to delete", "missing table",
        "missing column", "bad cast", "check constraint", "trigger error",
        "foreign key that a TRUNCATE would break",
    ],
)  # fmt: skip
def test_a_change_is_skipped_and_all_others_are_applied(plain: Pairing, name: str) -> None:
    trouble = TROUBLES[name]
    with plain.case(SETUP) as case:
        case.on_targets(trouble.broken)
        case.run(
            "insert into f values (7, 'before')", trouble.statement,
            "insert into f values (8, 'after')",
        )  # fmt: skip
        stops = case.stops()
        assert case.skipped() == [(0, []), (0, [])]
        case.skip(stops)
        case.replay()
        named = [error.refused.change for error in stops if error.refused]
        assert case.skipped() == [(1, [change]) for change in named]
        for replica in case.replicas:
            rows = replica.connection.execute("select s from f where a in (7, 8) order by a")
            assert rows.fetchall() == [("before",), ("after",)]
        # Nothing of it is passed over, or counted, once more.
        case.run("insert into f values (9, 'later')")
        case.replay()
        assert case.skipped() == [(1, [change]) for change in named]


def test_the_rows_are_equal_but_for_the_skipped_one(plain: Pairing) -> None:
    with plain.case(SETUP) as case:
        case.on_targets("insert into t values (9, -1)")
        case.transaction(
            "insert into t values (8, 8)", "insert into t values (9, 9)",
            "insert into t values (10, 10)",
        )  # fmt: skip
        case.skip(case.stops())
        case.replay()
        for replica in case.replicas:
            counts = progress.read(replica.connection, case.name).counts
            assert (counts.insert, counts.skipped) == (2, 1)
        case.on_targets("update t set n = 9 where id = 9")
        case.check()


def test_a_mended_change_is_applied_and_not_skipped(plain: Pairing) -> None:
    with plain.case(SETUP) as case:
        case.on_targets("insert into t values (9, -1)")
        case.run("insert into t values (9, 9)")
        case.skip(case.stops())
        case.on_targets("delete from t where id = 9")
        case.check()
        assert case.skipped() == [(0, []), (0, [])]


def test_only_the_very_change_is_skipped(plain: Pairing) -> None:
    """Rows of one COPY share an LSN: each has a name, the same at every start and in any parts."""
    with plain.case(SETUP) as case:
        case.on_targets("insert into t select i, -1 from generate_series(50, 52) i")
        with case.source.cursor().copy("copy t (id, n) from stdin") as copy:
            copy.write("".join(f"{i}\t{i}\n" for i in range(40, 60)))
        seen: list[str] = []
        for part_bytes in (None, 300, 120):
            stops = case.stops(part_bytes=part_bytes)
            again = case.stops(part_bytes=77)
            (name, other) = [error.refused.change for error in stops if error.refused]
            assert [error.refused and error.refused.change for error in again] == [name, other]
            assert name == other
            assert name not in seen
            assert f"id = {50 + len(seen)}" in stops[0].detail
            seen.append(name)
            case.skip(stops)
        places = {name.partition("#")[0] for name in seen}
        assert [int(name.partition("#")[2]) for name in seen] == [11, 12, 13]
        assert len(places) == 1
        case.replay(part_bytes=200)
        assert case.skipped() == [(3, seen)] * 2
        case.on_targets("update t set n = id where id between 50 and 52")
        case.check()


def test_a_skipped_row_is_missed_by_what_comes_after(plain: Pairing) -> None:
    """Each change is the operator's to decide on, also where one follows from another."""
    with plain.case(SETUP) as case:
        case.on_targets("alter table t add constraint c check (id <> 9)")
        case.transaction("insert into t values (9, 9)", "update t set n = 10 where id = 9")
        first = case.stops()
        case.skip(first)
        second = case.stops()
        assert all("UPDATE" in error.title and "0 rows" in error.detail for error in second)
        # What was passed over before a stop is passed over, and counted, when that is decided.
        assert case.skipped() == [(0, []), (0, [])]
        case.skip(second)
        case.replay()
        assert [number for number, _ in case.skipped()] == [2, 2]


def test_a_truncate_of_many_tables_is_one_change(plain: Pairing) -> None:
    with plain.case("create table a (id int primary key); create table b (id int references a)"
                    ";create table c (id int); insert into a values (1)") as case:  # fmt: skip
        case.on_targets("create table d (id int references a)")
        case.run("truncate a, b, c", "insert into c values (1)")
        stops = case.stops()
        for error in stops:
            assert error.refused is not None
            assert error.refused.relation.count(".") == 3
            assert "#" not in error.refused.change
        case.skip(stops)
        case.replay()
        assert [number for number, _ in case.skipped()] == [1, 1]


class _Process:
    """An applier as it is in a migration, and what it tells."""

    def __init__(self, case: Case, replica: Replica) -> None:
        self.skipped: list[str] = []
        self.applied = 0
        self._child = Child(
            "lmtui.replay.applier",
            ["--dir", str(replica.directory.root), "--slot", case.name, "--plugin",
             replica.plugin],
            {**os.environ, TARGET_VARIABLE: replica.target.uri()},
            replica.directory.logs / "applier.log",
            self._hear,
        )  # fmt: skip

    def _hear(self, report: Report) -> None:
        assert not isinstance(report, Halted), report
        if isinstance(report, ChangesSkipped):
            self.skipped += [one.change for one in report.changes]
        elif isinstance(report, ApplierReport):
            self.applied = report.skipped

    def told(self) -> bool:
        """Whether it has told of what it skipped, and of the count."""
        return bool(self.skipped and self.applied)

    def kill(self) -> None:
        """End it as a crash would."""
        os.kill(self._child.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it, whatever it does."""
        self._child.stop()


@contextlib.contextmanager
def _process(case: Case, replica: Replica) -> Iterator[_Process]:
    process = _Process(case, replica)
    try:
        yield process
    finally:
        process.stop()


def test_killed_between_the_skip_and_its_commit(plain: Pairing) -> None:
    """Not counted before it is committed, and never twice; told again at the next start."""
    with plain.case(SETUP) as case:
        case.on_targets("insert into t values (9, -1)")
        case.run("insert into t values (8, 8)", "insert into t values (9, 9)")
        stops = case.stops()
        case.skip(stops)
        case.run("insert into f values (8, 'after')")
        for replica, error in zip(case.replicas, stops, strict=True):
            assert error.refused is not None
            name = error.refused.change
            with connect(replica.target, autocommit=False, statement_timeout=0) as holder:
                # The row that the transaction writes last: it stands before its commit.
                holder.execute(
                    "select from lmtui.progress where slot = %s for update", (case.name,)
                )
                with _process(case, replica) as process:
                    _await(
                        replica.connection,
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                        " and datname = current_database()"
                        " and application_name like 'lmtui applier%'",
                    )
                    process.kill()
                holder.rollback()
            assert process.skipped == []
            assert progress.read_skipped(replica.connection, case.name) == []
            assert progress.read(replica.connection, case.name).counts.skipped == 0
            query = f"select count(*) from {case.schema}.f where s = 'after'"
            for times in (1, 2):
                with _process(case, replica) as process:
                    _await(replica.connection, query)
                    _until(process.told)
                assert process.skipped == [name], times
                assert process.applied == 1
        assert [number for number, _ in case.skipped()] == [1, 1]
        case.on_targets("update t set n = 9 where id = 9")
        case.check()


def _await(connection: psycopg.Connection[tuple[object, ...]], query: str) -> None:
    _until(lambda: connection.execute(query.encode()).fetchall()[0][0])


def _until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_all_that_was_committed_before_is_applied_when_it_stops(plain: Pairing) -> None:
    """And the skips before it are decided: each stop is told with the place of the one before."""
    with plain.case(SETUP) as case:
        case.on_targets("insert into t values (20), (33)")
        case.run(*(f"insert into t values ({i}, {i})" for i in range(10, 40)))
        first = case.stops()
        for replica in case.replicas:
            rows = replica.connection.execute("select max(n) from t").fetchall()
            assert rows == [(19,)]
        case.skip(first)
        second = case.stops()
        assert [number for number, _ in case.skipped()] == [1, 1]
        for replica in case.replicas:
            rows = replica.connection.execute("select max(n) from t").fetchall()
            assert rows == [(32,)]
        case.skip(second)
        case.replay()
        assert [number for number, _ in case.skipped()] == [2, 2]
        case.on_targets("update t set n = id where id in (20, 33)")
        case.check()
