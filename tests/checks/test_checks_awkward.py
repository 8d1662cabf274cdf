"""One awkward database for each version: as superuser, as plain owner, mended, and put back."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from awkward import CASES, FINAL, KEEPER, SECRET
from awkward_case import Case
from preflight import elsewhere, execute

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.checks.registry import CHECKS
from lmtui.clean import clean_remedies
from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.events import Finding
from lmtui.remedies.apply import apply_remedies
from lmtui.remedies.remedy import NAMED, RESTART, SQL
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

# All that a remedy may change: settings of server, database and role, tables, triggers, extensions.
_CATALOG = """
select array_agg(line order by line) from (
    select format('setting %s %s', name, setting) as line from pg_file_settings
    union all
    select format('default %s %s %s', setdatabase, setrole, setconfig) from pg_db_role_setting
    union all
    select format('table %s %s %s %s', c.oid::regclass, c.relkind, c.relreplident,
                  c.relpersistence) from pg_class c where c.oid >= 16384 and c.relkind <> 't'
                                                      and c.relnamespace <> 99
    union all
    select format('index %s %s %s', indexrelid::regclass, indisreplident, indisvalid)
      from pg_index where indexrelid >= 16384 and indrelid not in (
          select oid from pg_class where relkind = 't')
    union all
    select format('trigger %s %s %s', tgrelid::regclass, tgname, tgenabled) from pg_trigger
     where not tgisinternal
    union all
    select format('event trigger %s %s', evtname, evtenabled) from pg_event_trigger
    union all
    select format('extension %s %s', extname, extversion) from pg_extension) as catalog
"""


class Pair(NamedTuple):
    """Both sides, as the superuser and as the plain owner, and what was found as each."""

    version: int
    superuser: tuple[Endpoint, Endpoint]
    owner: tuple[Endpoint, Endpoint]
    found: Mapping[str, Finding]
    found_by_owner: Mapping[str, Finding]


@pytest.fixture(scope="module", params=[17, 18])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Two servers of the version; the source's database has one of everything."""
    version = request.param
    try:
        binaries(version)
    except LmtuiError as error:
        pytest.skip(error.title)
    place = tmp_path_factory.mktemp("awkward")
    settings = {"autovacuum": "off"}
    with (
        Cluster(place / "s", version=version, settings=settings) as sources,
        Cluster(place / "t", version=version) as targets,
    ):
        superuser = sources.endpoint("shop"), targets.endpoint("shop", "target")
        owner = tuple(elsewhere(side, user=KEEPER, password=SECRET) for side in superuser)
        for side, locale in zip(superuser, ("C.UTF-8", "C"), strict=True):
            execute(
                elsewhere(side, dbname="postgres"),
                f"create role {KEEPER} login replication password '{SECRET}'",
                f"create database shop owner {KEEPER} template template0 encoding 'UTF8'"
                f" locale '{locale}'",
            )
            execute(side, "create extension timescaledb")
        for case in CASES:
            _happen(case, superuser, owner)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("lmtui.checks.wal.SAMPLE_SECONDS", 0.0)
            yield Pair(
                version,
                superuser,
                (owner[0], owner[1]),
                _by_id(run_checks(*superuser)),
                _by_id(run_checks(owner[0], owner[1])),
            )


def _happen(case: Case, superuser: tuple[Endpoint, ...], owner: tuple[Endpoint, ...]) -> None:
    sides = superuser if case.where.startswith("+") else owner
    side = sides[case.where.endswith("target")]
    # A database may be read-only by default by now.
    execute(side, "set default_transaction_read_only = off", *case.statements)


def _by_id(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


def _catalog(sides: tuple[Endpoint, ...]) -> list[Any]:
    return [execute(side, _CATALOG) for side in sides]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_as_superuser(pair: Pair, case: Case) -> None:
    finding = pair.found[case.id]
    assert finding.severity == case.severity, finding
    assert case.evidence in finding.detail


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_as_plain_owner(pair: Pair, case: Case) -> None:
    finding = pair.found_by_owner[case.id]
    assert finding.severity == (case.plain or case.severity), finding


def test_no_check_could_not_run(pair: Pair) -> None:
    for found in (pair.found, pair.found_by_owner):
        assert [f for f in found.values() if f.severity == "failed"] == []
        assert set(found) <= {check.id for check in CHECKS}


def test_a_plain_owner_is_not_offered_what_only_a_superuser_may(pair: Pair) -> None:
    for finding in pair.found_by_owner.values():
        for statement in (s for fix in finding.fixes for s in fix.statements):
            assert not statement.startswith(("ALTER SYSTEM", "ALTER EVENT TRIGGER")), finding


@pytest.mark.parametrize("as_owner", [False, True], ids=["superuser", "owner"])
def test_each_remedy_mends_its_finding_and_is_put_back(
    pair: Pair, tmp_path: Path, *, as_owner: bool
) -> None:
    sides = pair.owner if as_owner else pair.superuser
    found = pair.found_by_owner if as_owner else pair.found
    mended = 0
    for finding in found.values():
        fixes = [fix for fix in finding.fixes if fix.kind in (SQL, RESTART, NAMED)]
        if finding.id in FINAL or not fixes:
            continue
        before = _catalog(pair.superuser)
        directory = WorkDirectory(tmp_path / finding.id)
        apply_remedies(directory, sides, named_remedies([finding], [finding.id]))
        assert _catalog(pair.superuser) != before, finding.id
        [now] = run_checks(*sides, only=[finding.id])
        assert now.severity in ("ok", "info"), now
        assert not [fix for fix in now.fixes if fix.kind == SQL], now
        clean_remedies(directory, *sides)
        assert _catalog(pair.superuser) == before, finding.id
        mended += 1
    assert mended >= (6 if as_owner else 11)


def test_all_at_once_and_back(pair: Pair, tmp_path: Path) -> None:
    before = _catalog(pair.superuser)
    directory = WorkDirectory(tmp_path / "work")
    remedies = all_remedies(pair.found.values())
    assert apply_remedies(directory, pair.superuser, remedies) == len(remedies)
    now = _by_id(run_checks(*pair.superuser))
    assert {f.id for f in now.values() if f.severity == "blocker"} <= {
        "target.empty",
        "tools.pg_dump",
    }
    assert not all_remedies(now.values())
    # What was mended is found to be so, and nothing is applied twice.
    clean_remedies(directory, *pair.superuser)
    assert _catalog(pair.superuser) == before
    assert clean_remedies(directory, *pair.superuser) == ()


def test_every_way_out_of_a_table_works(pair: Pair, tmp_path: Path) -> None:
    finding = pair.found["identity.missing"]
    ways = [fix.name for fix in finding.fixes]
    assert ways[:1] == ["public.keyless"]
    assert {"public.late", "public.late:full", "public.two_keys", "public.two_keys:two_keys_b_key"}
    # The smaller key goes first.
    by_name = {fix.name: fix for fix in finding.fixes}
    assert by_name["public.two_keys"].statements == (
        "ALTER TABLE public.two_keys REPLICA IDENTITY USING INDEX two_keys_a_key;",
    )
    assert by_name["public.late"].statements[0].startswith("CREATE UNIQUE INDEX CONCURRENTLY")
    before = _catalog(pair.superuser)
    for way in ways:
        directory = WorkDirectory(tmp_path / way)
        remedies = named_remedies([finding], [f"identity.missing/{way}"])
        apply_remedies(directory, pair.owner, remedies)
        [now] = run_checks(*pair.superuser, only=["identity.missing"])
        table = way.partition(":")[0]
        assert table not in {fix.name for fix in now.fixes}
        clean_remedies(directory, *pair.owner)
        assert _catalog(pair.superuser) == before
