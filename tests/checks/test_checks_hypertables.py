"""Plain tables that become hypertables: what could, what is planned, and what the target needs."""

from pathlib import Path

import pytest
from planning import Pair, judged, planned
from preflight import checked, execute, severities

from lmtui.checks.choice import all_remedies
from lmtui.clean import clean_remedies
from lmtui.hypertables.plan_file import parse
from lmtui.hypertables.wanted import statement
from lmtui.plan import Plan
from lmtui.remedies.apply import apply_remedies
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

READINGS = (
    "create table readings (at timestamptz not null, sensor int, value float, unique (at, sensor))"
)


class TestPlanned:
    """hypertables.planned: tables, columns, intervals, and what may be NULL."""

    def test_a_good_plan_is_in_order(self, fresh_databases: Pair) -> None:
        execute(fresh_databases[0], READINGS)
        severity, words = judged(fresh_databases, planned())
        assert severity == "ok"
        assert "public.readings by at, chunks of 7 days" in words

    @pytest.mark.parametrize(
        ("definition", "words"),
        [
            ("", "does not exist on the source"),
            ("create view t as select now() as at", "is a view"),
            ("create materialized view t as select now() as at", "is a materialized view"),
            ("create table t (at timestamptz) partition by range (at)", "is a partitioned table"),
            ("create unlogged table t (at timestamptz not null)", "is an unlogged table"),
            ("create table p (at timestamptz); create table t () inherits (p)", "inheritance"),
            ("create table t (at timestamptz); create table c () inherits (t)", "inheritance"),
            ("create sequence t", "is no table"),
            ("create table t (other timestamptz)", "has no column at"),
            ("create table t (at text not null)", "is text; a hypertable is divided by"),
            ("create table t (at numeric not null)", "is numeric"),
            ("create domain d as timestamptz; create table t (at d not null)", "is public.d"),
        ],
    )
    def test_what_cannot_be_one_is_a_blocker(
        self, fresh_databases: Pair, definition: str, words: str
    ) -> None:
        if definition:
            execute(fresh_databases[0], definition)
        severity, said = judged(fresh_databases, planned("t"))
        assert severity == "blocker"
        assert words in said

    @pytest.mark.parametrize(
        ("type_", "interval", "good"),
        [
            ("timestamptz", "1 hour", True),
            ("timestamptz", "1 month", True),
            ("timestamptz", "0 days", False),
            ("timestamptz", "-1 day", False),
            ("timestamptz", "1000000 years", False),
            ("timestamptz", "soon", False),
            ("timestamptz", "86400", False),
            ("date", "7 days", True),
            ("date", "1 year", True),
            ("date", "6 hours", False),
            ("smallint", "32767", True),
            ("smallint", "32768", False),
            ("integer", "2147483648", False),
            ("bigint", "9223372036854775807", True),
            ("bigint", "0", False),
            ("bigint", "-1", False),
            ("bigint", "7 days", False),
        ],
    )
    def test_an_interval_that_the_column_does_not_take(
        self, fresh_databases: Pair, type_: str, interval: str, *, good: bool
    ) -> None:
        table = f"create table t (at {type_} not null)"
        execute(fresh_databases[0], table)
        severity, said = judged(fresh_databases, planned("t", interval=interval))
        assert (severity == "ok") is good, said
        assert good or interval in said
        if good:
            execute(
                fresh_databases[1],
                "create extension timescaledb",
                table,
                statement(planned("t", interval=interval)),
            )

    def test_rows_that_a_constraint_was_not_asked_of(self, fresh_databases: Pair) -> None:
        source, _ = fresh_databases
        table = "create table t (at timestamptz not null, id int)"
        execute(source, table, "alter table t add constraint c check (id > 0) not valid")
        severity, said = judged(fresh_databases, planned("t"))
        assert severity == "warning"
        assert "ALTER TABLE public.t VALIDATE CONSTRAINT c;" in said
        execute(source, "alter table t validate constraint c")
        assert judged(fresh_databases, planned("t"))[0] == "ok"

    def test_planned_twice_or_without_its_rows(self, fresh_databases: Pair) -> None:
        execute(fresh_databases[0], READINGS)
        severity, said = judged(fresh_databases, planned(), planned(interval="1 day"))
        assert severity == "blocker"
        assert "more than once" in said
        severity, said = judged(fresh_databases, planned(), skip_table_data=("readings",))
        assert severity == "blocker"
        assert "--skip-table-data" in said

    def test_a_column_that_may_be_null(self, fresh_databases: Pair) -> None:
        source, _ = fresh_databases
        execute(source, "create table t (at timestamptz)", "insert into t values (now())")
        severity, said = judged(fresh_databases, planned("t"))
        assert severity == "warning"
        assert "ALTER TABLE public.t ALTER COLUMN at SET NOT NULL;" in said
        execute(source, "insert into t values (null)", "analyze t")
        severity, said = judged(fresh_databases, planned("t"))
        assert severity == "blocker"
        assert "50.0% of the rows" in said


class TestTarget:
    """hypertables.target: the extension on the target, and a source without it."""

    def test_the_remedy_creates_it_and_clean_puts_it_back(
        self, fresh_databases: Pair, tmp_path: Path
    ) -> None:
        source, target = fresh_databases
        execute(source, READINGS)
        plan = Plan(hypertables=(planned(),))
        findings = checked(source, target, plan=plan)
        assert severities(findings, "blocker", "failed") == {"hypertables.target"}
        directory = WorkDirectory(tmp_path / "work")
        apply_remedies(directory, fresh_databases, all_remedies(findings.values()))
        findings = checked(source, target, plan=plan)
        assert findings["hypertables.target"].severity == "ok"
        assert findings["hypertables.planned"].severity == "ok"
        assert not severities(findings, "blocker", "failed")
        clean_remedies(directory, *fresh_databases)
        only = "hypertables.target"
        assert checked(source, target, plan=plan, only=only)[only].severity == "blocker"

    def test_a_source_with_timescaledb_is_moved_as_it_is(self, timescale_databases: Pair) -> None:
        execute(timescale_databases[0], READINGS)
        plan = Plan(hypertables=(planned(),))
        only = "hypertables.target"
        finding = checked(*timescale_databases, plan=plan, only=only)[only]
        assert finding.severity == "blocker"
        assert "The source has TimescaleDB" in finding.title


class TestCandidates:
    """hypertables.candidates: large tables by time, with the lines that plan them."""

    @pytest.fixture(autouse=True)
    def _small_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lmtui.checks.hypertables.LARGE_BYTES", 1)

    def _found(self, pair: Pair) -> tuple[str, str, str]:
        finding = checked(*pair, only="hypertables.candidates")["hypertables.candidates"]
        return finding.severity, finding.detail, finding.remedy

    def test_the_remedy_is_a_plan_that_passes(self, fresh_databases: Pair) -> None:
        source, _ = fresh_databases
        execute(source, READINGS, "insert into readings values (now(), 1, 1)", "analyze")
        severity, detail, remedy = self._found(fresh_databases)
        assert severity == "info"
        assert "public.readings" in detail
        wanted = parse(remedy.partition(":\n")[2], "remedy")
        assert judged(fresh_databases, *wanted)[0] == "ok"

    def test_what_is_in_the_way_is_told(self, fresh_databases: Pair) -> None:
        execute(
            fresh_databases[0],
            "create table event (id int primary key, created_at timestamptz not null)",
            "insert into event values (1, now())",
            "analyze",
        )
        severity, detail, remedy = self._found(fresh_databases)
        assert (severity, remedy) == ("info", "")
        assert "The primary key event_pkey does not contain it" in detail

    def test_tables_without_a_time_are_not_told(self, fresh_databases: Pair) -> None:
        source, target = fresh_databases
        execute(
            source, "create table customer (id int primary key)", "insert into customer values (1)",
            "analyze",
        )  # fmt: skip
        assert self._found(fresh_databases)[0] == "ok"
        execute(source, "create extension timescaledb")
        assert not checked(source, target, only="hypertables.candidates")
