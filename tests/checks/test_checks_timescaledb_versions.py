"""TimescaleDB in two versions: what aligns them, what that costs, and what is put back.

The servers are those that LMTUI_COMMUNITY names, where both versions are installed.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from awkward import KEEPER, SECRET
from preflight import elsewhere, execute, facts_of

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.checks.registry import chosen
from lmtui.clean import clean_remedies
from lmtui.database import connect
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError
from lmtui.events import Finding
from lmtui.ledger import Ledger
from lmtui.plan import Plan
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


@pytest.fixture
def versions(community_versions: tuple[str, str]) -> tuple[str, str]:
    """The older version and the newer one."""
    return community_versions


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


def _as_if_it_had(version: str, pair: Pair) -> Finding:
    """What is found where the target's server has this version only."""
    facts = facts_of(*pair, Plan())
    there = {**facts.target.available, "timescaledb": version}
    target = replace(facts.target, timescaledb_versions=(version,), available=there)
    [check] = chosen([ID])
    with closing(connect(pair[1], read_only=True)) as session:
        return check(replace(facts, target=target), session)


@pytest.fixture
def keeper(community_source: Endpoint, community_target: Endpoint) -> Iterator[str]:
    """A plain role on both servers; ask for it before the databases that it is to own."""
    for server in (community_source, community_target):
        execute(server, f"create role {KEEPER} login password '{SECRET}'")
    yield KEEPER
    for server in (community_source, community_target):
        execute(server, f"drop role {KEEPER}")


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


def test_the_source_is_updated_to_what_the_target_has(
    make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(old, new)
    finding = _as_if_it_had(new, pair)
    assert finding.severity == "blocker"
    assert "connect anew" in finding.remedy
    assert all_remedies([finding]) == ()
    [fix] = named_remedies([finding], [ID])
    assert (fix.side, fix.undo) == ("source", ())
    with closing(psycopg.connect(pair[0].conninfo(), autocommit=True)) as open_before:
        open_before.execute("select count(*) from m")
        apply_remedies(directory, pair, [fix])
        with pytest.raises(psycopg.Error, match="different version"):
            open_before.execute("select count(*) from m")
    assert _version(pair[0]) == new
    assert _finding(pair).severity == "ok"
    assert execute(pair[0], "insert into m values ('2027-01-01', 2) returning v") == [(2,)]
    assert execute(pair[0], "select count(*) from m") == [(2,)]
    assert [entry.until for entry, _ in Ledger(directory).entries()] == ["told"]
    [line] = clean_remedies(directory, *pair)
    assert line.endswith("stays: it cannot be put back")
    assert _version(pair[0]) == new


def test_neither_has_the_other_s_version(make: Making, versions: tuple[str, str]) -> None:
    _, new = versions
    pair = make(new, "")
    assert _as_if_it_had(new, pair).severity == "ok"
    older = _as_if_it_had("2.10.0", pair)
    assert (older.severity, older.fixes) == ("blocker", ())
    assert f"Install TimescaleDB {new} on the target's server" in older.remedy
    newer = _as_if_it_had("9.9.0", pair)
    assert (newer.severity, newer.fixes) == ("blocker", ())
    assert "install TimescaleDB 9.9.0 on the source's server" in newer.remedy


def test_who_does_not_own_the_extension_is_told_who_may(
    keeper: str, make: Making, versions: tuple[str, str], directory: WorkDirectory
) -> None:
    old, new = versions
    pair = make(old, new)
    for side in pair:
        execute(side, f"alter database {side.parameters['dbname']} owner to {keeper}")
    plain = tuple(elsewhere(side, user=keeper, password=SECRET) for side in pair)
    for finding, statement in (
        (_finding((plain[0], plain[1])), "DROP EXTENSION timescaledb;"),
        (
            _as_if_it_had(new, (plain[0], plain[1])),
            f"ALTER EXTENSION timescaledb UPDATE TO '{new}'",
        ),
    ):
        assert finding.fixes == ()
        assert "as the extension's owner or as a superuser" in finding.remedy
        assert statement in finding.remedy
    # An extension of its own it may update.
    execute(pair[0], "drop table m", "drop extension timescaledb")
    mine = elsewhere(pair[0], user=keeper, password=SECRET)
    execute(mine, f"create extension timescaledb version '{old}'")
    execute(pair[0], f"grant create on schema public to {keeper}")
    finding = _as_if_it_had(new, (mine, plain[1]))
    apply_remedies(directory, plain, named_remedies([finding], [ID]))
    assert _version(pair[0]) == new
