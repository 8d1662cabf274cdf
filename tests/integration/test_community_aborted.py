"""An abort after a remedy aligned TimescaleDB: what can be is put back, and what stays is told.

The servers are those that LMTUI_COMMUNITY names, where two versions are installed.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, execute, one

from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

ID = "extensions.timescaledb_version"
VERSION = "select extversion from pg_extension where extname = 'timescaledb'"


@pytest.fixture
def two(
    community_source: Endpoint, community_target: Endpoint, tmp_path: Path
) -> Iterator[CommandLine]:
    """Two databases without TimescaleDB."""
    name = f"two_{tmp_path.name[-12:].lower().replace('-', '_')}"
    command_line = CommandLine(
        tmp_path / "work",
        create_database(community_source, name, timescaledb=False),
        create_database(community_target, name, timescaledb=False),
    )
    try:
        yield command_line
    finally:
        command_line.leave()


@pytest.mark.parametrize("updated", [False, True], ids=["recreated", "updated"])
def test_an_abort_after_it_was_aligned(
    two: CommandLine, community_versions: tuple[str, str], *, updated: bool
) -> None:
    old, new = community_versions
    ours, theirs = (new, old) if updated else (old, new)
    for side, version in ((two.source, ours), (two.target, theirs)):
        execute(side, f"create extension timescaledb version '{version}'")
    execute(
        two.source,
        "set search_path = public",
        "create table m (at timestamptz primary key, v int)",
        "select create_hypertable('m', 'at')",
        "insert into m values ('2026-01-01', 1)",
    )
    two("check", "--fix", ID, "--only", ID)
    assert one(two.target, VERSION) == ours
    two("migrate", "--yes", "--detach")
    two.wait_for(lambda state: state.phase is Phase.REPLICATE)
    printed = two("abort", "--confirm", two.database)
    assert one(two.target, "select to_regclass('public.m')::text") is None
    if updated:
        assert one(two.target, VERSION) == new
        assert "stays: it cannot be put back" in printed
        assert "Both sides are as they were before, but for what stays." in printed
    else:
        assert one(two.target, VERSION) == new
        assert "DROP EXTENSION timescaledb, put back" in printed
        assert "Both sides are as they were before." in printed
