"""TimescaleDB in two versions: what aligns them, what that costs, and what is put back.

The servers are those that LMTUI_COMMUNITY names, where both versions are installed.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from preflight import execute

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.clean import clean_remedies
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError
from lmtui.events import Finding
from lmtui.ledger import Ledger
from lmtui.remedies.apply import apply_remedies
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]
Making = Callable[[str, str], Pair]
ID = "extensions.timescaledb_version"
TABLE = (
    "create table m (at timestamptz primary key, v int)",
    "select create_hypertable('m', 'at')",
    "insert into m values ('2026-01-01', 1)",
)


@pytest.fixture(scope="module")
def versions(community_source: Endpoint) -> tuple[str, str]:
    """The older version and the newer one."""
    rows = execute(
        community_source,
        "select version from pg_available_extension_versions where name = 'timescaledb'"
        " order by string_to_array(version, '.')::int[]",
    )
    if len(rows) < 2:
        pytest.skip("LMTUI_COMMUNITY has one version of TimescaleDB only")
    return rows[0][0], rows[-1][0]


@pytest.fixture
def make(
    community_source: Endpoint, community_target: Endpoint, tmp_path: Path
) -> Iterator[Making]:
    """Two databases with these versions; the source's has a hypertable."""
    name = f"two_{tmp_path.name[-12:].lower().replace('-', '_')}"

    def making(ours: str, theirs: str) -> Pair:
        source = create_database(community_source, name, timescaledb=False)
        target = create_database(community_target, name, timescaledb=False)
        for side, version in ((source, ours), (target, theirs)):
            if version:
                execute(side, f"create extension timescaledb version '{version}'")
        execute(source, *TABLE)
        return source, target

    yield making
    for server in (community_source, community_target):
        execute(server, f"drop database if exists {name} with (force)")


def _finding(pair: Pair) -> Finding:
    [finding] = run_checks(*pair, only=[ID])
    return finding


def _version(endpoint: Endpoint) -> str:
    rows = execute(endpoint, "select extversion from pg_extension where extname = 'timescaledb'")
    return str(rows[0][0]) if rows else ""


def test_it_is_created_in_the_sources_version(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    for_source = versions[0]
    pair = make(for_source, "")
    execute(pair[1], "drop extension if exists timescaledb")
    finding = _finding(pair)
    if finding.severity == "ok":
        pytest.skip("the target's default version is the source's")
    apply_remedies(directory, pair, all_remedies([finding]))
    assert _version(pair[1]) == for_source
    assert _finding(pair).severity == "ok"
    clean_remedies(directory, *pair)
    assert _version(pair[1]) == ""


def test_it_is_created_anew_in_an_empty_target(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(old, new)
    finding = _finding(pair)
    assert all_remedies([finding]) == ()
    apply_remedies(directory, pair, named_remedies([finding], [ID]))
    assert _version(pair[1]) == old
    assert _finding(pair).severity == "ok"
    said = clean_remedies(directory, *pair)
    assert [line.endswith(", put back") for line in said] == [True, True]
    assert _version(pair[1]) == new


def test_what_was_built_upon_it_since_is_kept(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(old, new)
    apply_remedies(directory, pair, named_remedies([_finding(pair)], [ID]))
    execute(pair[1], *TABLE)
    said = clean_remedies(directory, *pair)
    assert [", kept, since " in line for line in said] == [True, True]
    assert _version(pair[1]) == old
    assert execute(pair[1], "select count(*) from m") == [(1,)]


def test_a_target_that_holds_something_keeps_its_extension(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(old, new)
    offered = named_remedies([_finding(pair)], [ID])
    execute(pair[1], *TABLE)
    finding = _finding(pair)
    assert finding.severity == "blocker"
    assert finding.fixes == ()
    assert "empty database" in finding.remedy
    # What was offered before is refused now.
    with pytest.raises(ServerError, match="DROP EXTENSION"):
        apply_remedies(directory, pair, offered)
    assert _version(pair[1]) == new
    assert execute(pair[1], "select count(*) from m") == [(1,)]
    assert Ledger(directory).open_entries() == []


def test_an_update_is_told_and_stays(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(new, old)
    finding = _finding(pair)
    assert "cannot be put back" in finding.remedy
    assert all_remedies([finding]) == ()
    with closing(psycopg.connect(pair[1].conninfo(), autocommit=True)) as open_before:
        open_before.execute("select count(*) from timescaledb_information.jobs")
        apply_remedies(directory, pair, named_remedies([finding], [ID]))
        assert _version(pair[1]) == new
        assert _finding(pair).severity == "ok"
        with pytest.raises(psycopg.Error, match="different version"):
            open_before.execute("select count(*) from timescaledb_information.jobs")
    assert [entry.until for entry, _ in Ledger(directory).entries()] == ["told"]
    [line] = clean_remedies(directory, *pair)
    assert line.endswith("stays: it cannot be put back")
    assert _version(pair[1]) == new


def test_an_update_waits_briefly_and_tries_again(
    make: Making,
    versions: tuple[str, str],
    directory: WorkDirectory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lmtui.remedies.apply.LOCK_SECONDS", 0.2)
    monkeypatch.setattr("lmtui.remedies.apply.PAUSE_SECONDS", 0.01)
    old, new = versions
    pair = make(new, old)
    execute(pair[1], *TABLE)
    remedies = named_remedies([_finding(pair)], [ID])
    told: list[str] = []
    with closing(psycopg.connect(pair[1].conninfo())) as writer:
        writer.execute("insert into m values ('2027-01-01', 2)")

        def hear(words: str) -> None:
            told.append(words)
            if words.startswith("busy"):
                with suppress(psycopg.OperationalError):
                    writer.commit()

        apply_remedies(directory, pair, remedies, tell=hear)
    assert told[1].startswith("busy")
    assert _version(pair[1]) == new
    assert execute(pair[1], "select count(*) from m") == [(2,)]
