"""What is said before a migration begins."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lmtui.forecast import commands, copy_seconds, suggested_jobs
from lmtui.look import Seen
from lmtui.plan import Plan

SEEN = Seen(
    side="source", label="", version="17.2", provider="", tls="", latency=0.0, role="",
    superuser=False, may_replicate=True, database="d", bytes=25 * 1024**3, tables=30, indexes=9,
    standby=False, system=1, extensions={}, available={}, timescaledb="", free_connections=90,
    processes=16,
)  # fmt: skip


@pytest.mark.parametrize(
    ("free", "processes", "tables", "jobs"),
    [
        (90, 16, 30, (8, 4)),
        (90, 8, 30, (4, 4)),
        (12, 16, 30, (4, 4)),
        (90, 16, 1, (1, 1)),
        (0, 0, 0, (1, 1)),
    ],
)
def test_jobs_follow_the_room_on_both_sides(
    free: int, processes: int, tables: int, jobs: tuple[int, int]
) -> None:
    target = replace(SEEN, free_connections=free, processes=processes)
    assert suggested_jobs(replace(SEEN, tables=tables), target) == jobs


@given(st.integers(-5, 500), st.integers(-5, 500), st.integers(0, 64), st.integers(0, 10_000))
def test_there_is_always_one_job_and_never_many(
    source: int, target: int, processes: int, tables: int
) -> None:
    jobs = suggested_jobs(
        replace(SEEN, free_connections=source, tables=tables),
        replace(SEEN, free_connections=target, processes=processes),
    )
    assert 1 <= jobs.indexes <= jobs.tables <= 8


def test_the_copy_takes_between_two_speeds() -> None:
    quick, slow = copy_seconds(SEEN)
    assert (round(quick), round(slow)) == (102, 1024)


def test_every_command_is_named_in_order() -> None:
    both = {"source": 'sh"op', "target": "t"}
    found = commands(Plan(table_jobs=6), Path("/w"), both, timescaledb=True)
    texts = [one.text for one in found]
    assert texts[0].startswith("CREATE_REPLICATION_SLOT")
    assert any("pgcopydb clone --dir /w/pgcopydb" in text for text in texts)
    assert any("--table-jobs 6" in text for text in texts)
    assert 'ALTER DATABASE "sh""op" SET default_transaction_read_only = on' in texts
    assert texts[-1].startswith("SELECT pg_drop_replication_slot")


def test_what_is_not_chosen_is_not_named() -> None:
    plan = Plan(fence="none", skip_roles=True, plugin="wal2json")
    names = {"source": "d", "target": "t"}
    texts = [one.text for one in commands(plan, Path("/w"), names, timescaledb=False)]
    assert not any("ALTER DATABASE" in text or "CREATE ROLE" in text for text in texts)
    assert not any("alter_job" in text for text in texts)
    fenced = commands(Plan(fence="terminate"), Path("/w"), names, timescaledb=False)
    assert any("REVOKE CONNECT" in one.text for one in fenced)
