"""Every check is tripped and not tripped: as superuser and as plain owner, on each version."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from awkward import CASES, SECRET
from moments import (
    APPLIED,
    MOMENTS,
    NEVER_APPLIED,
    NOBODY,
    TOLD,
    Moment,
    Stage,
    extension,
    reloaded,
)
from preflight import execute, facts_of, statements

from lmtui.checks import run_checks
from lmtui.checks.facts import Facts
from lmtui.checks.registry import CHECKS, chosen
from lmtui.clean import clean_remedies
from lmtui.database import connect
from lmtui.events import Finding
from lmtui.plan import Plan
from lmtui.remedies.apply import apply_remedies
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

_known: dict[tuple[str, str], Facts] = {}


def _read(stage: Stage) -> Facts:
    """What the servers say, asked once: a moment of this kind changes only what was read."""
    key = stage.source.conninfo(), stage.target.conninfo()
    if key not in _known:
        _known[key] = facts_of(stage.source, stage.target, stage.plan)
    return _known[key]


def _finding(stage: Stage, name: str) -> Finding | None:
    if stage.facts is None:
        found = run_checks(stage.source, stage.target, only=[name], plan=stage.plan)
        return found[0] if found else None
    facts = stage.facts(_read(stage))
    [check] = chosen([name])
    side = stage.target if check.side == "target" else stage.source
    with closing(connect(side, read_only=True)) as session:
        return check(facts, session) if check.applies(facts) else None


@pytest.mark.parametrize("role", ["superuser", "owner"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment.id}-{moment.severity}")
def test_it_is_found_while_it_lasts(stages: dict[str, Stage], moment: Moment, role: str) -> None:
    stage = stages[role]
    with pytest.MonkeyPatch.context() as patch, moment.happens(stage, patch) as now:
        finding = _finding(now, moment.id)
    assert finding is not None
    assert finding.severity == moment.severity, finding
    assert moment.evidence in finding.title + finding.detail
    assert not finding.fixes or finding.id in APPLIED | NEVER_APPLIED


def test_every_check_has_something_that_trips_it() -> None:
    tripped = {case.id for case in CASES if {case.severity, case.plain} - {"ok", ""}}
    tripped |= {moment.id for moment in MOMENTS}
    assert {check.id for check in CHECKS} - tripped == TOLD
    assert not {moment.id for moment in MOMENTS} & TOLD


def test_good_databases_trip_nothing(stages: dict[str, Stage]) -> None:
    """Every check, as both roles: what a moment trips is in order without it."""
    always = {"source.size", "target.settings", "source.statistics"}
    assert not always & {moment.id for moment in MOMENTS}
    for role, stage in stages.items():
        found = run_checks(stage.source, stage.target)
        # TimescaleDB itself asks for a superuser.
        asked = {"target.timescaledb_restore"} if role == "owner" else set[str]()
        assert {f.id for f in found if f.severity != "ok"} - always == asked, found
        passed = {f.id for f in found}
        # The others do not apply to good databases.
        assert {check.id for check in CHECKS} - passed <= {
            "extensions.skipped", "source.old_snapshot_threshold", "timescaledb.direct_compress",
            "hypertables.candidates", "hypertables.planned", "hypertables.target",
        }  # fmt: skip


@pytest.mark.parametrize("role", ["superuser", "owner"])
def test_sessions_older_than_the_remedy_are_told(
    stages: dict[str, Stage], role: str, tmp_path: Path
) -> None:
    name = "timescaledb.batch_delete"
    stage = stages[role].other("source", dbname="community")
    pair = stage.source, stage.target
    defaults = "select * from pg_db_role_setting"
    before = execute(stage.superuser[0], defaults)
    directory = WorkDirectory(tmp_path / "work")
    [finding] = run_checks(*pair, only=[name])
    assert (finding.severity, len(finding.fixes)) == ("blocker", 1)
    with closing(psycopg.connect(stage.source.conninfo(application="till 7"))) as older:
        apply_remedies(directory, pair, finding.fixes)
        said = "till 8"
        # What began within a moment of the change might still have missed it.
        while "till 8" in said:
            with closing(psycopg.connect(stage.source.conninfo(application="till 8"))):
                [now] = run_checks(*pair, only=[name], directory=directory.root)
            said = now.detail
        assert now.severity == "blocker"
        assert "till 7" in now.detail
        assert [fix.name for fix in now.fixes] == [str(older.info.backend_pid)]
    while (now := run_checks(*pair, only=[name], directory=directory.root)[0]).severity != "ok":
        assert "till 7" in now.detail
    clean_remedies(directory, *pair)
    assert execute(stage.superuser[0], defaults) == before


@pytest.mark.parametrize("version", ["2.11.2", "2.15.3"])
def test_an_older_timescaledb_has_the_identity_on_chunks(
    stages: dict[str, Stage], version: str
) -> None:
    """Below 2.12 on all, below 2.16 where there is compression; as if the server had it."""
    stage = stages["superuser"].other("source", dbname="community")
    execute(stage.source, "alter table metric replica identity nothing")
    facts = extension(version)(_read(stage))
    [check] = chosen(["identity.missing"])
    # As the older one lets each chunk be altered; a newer one refuses that.
    on_chunks = (
        "update pg_class set relreplident = '{}' where oid in (select show_chunks('metric'))"
    )
    try:
        with closing(connect(stage.source, read_only=True)) as session:
            finding = check(facts, session)
            [statement] = [s for s in statements(finding.remedy) if "show_chunks" in s]
            assert "show_chunks('public.metric')" in statement
            assert "public.metric" not in {fix.name for fix in finding.fixes}
            execute(stage.source, on_chunks.format("f"))
            assert "public.metric" not in check(facts, session).detail
    finally:
        execute(
            stage.source,
            on_chunks.format("n"),
            "alter table metric replica identity default",
        )


# Settings that are wrong on purpose: the check, its database, and what makes them so.
_SPOILT = (
    ("source.plugin", "calm", "alter system set output_plugin_libraries = 'pgoutput'"),
    (
        "timescaledb.wal_markers",
        "community",
        "alter system set timescaledb.enable_compression_wal_markers = off",
    ),
    (
        "timescaledb.direct_compress",
        "community",
        "alter database community set timescaledb.enable_direct_compress_copy = on",
    ),
    ("source.old_snapshot_threshold", "calm", "alter system set old_snapshot_threshold = '1h'"),
)
_SETTINGS = """
select array_agg(line order by line) from (
    select format('%s %s %s', name, setting, applied) as line from pg_file_settings
    union all
    select format('%s %s %s', setdatabase, setrole, setconfig) from pg_db_role_setting) as lines
"""


@pytest.mark.parametrize(("name", "database", "spoil"), _SPOILT, ids=lambda value: str(value)[:27])
def test_a_setting_is_mended_and_put_back(
    stages: dict[str, Stage], tmp_path: Path, name: str, database: str, spoil: str
) -> None:
    stage = stages["superuser"].other("source", dbname=database)
    pair = stage.source, stage.target
    untouched = execute(stage.source, _SETTINGS)
    try:
        reloaded(stage.source, spoil)
    except psycopg.errors.UndefinedObject:
        pytest.skip("this version has no such setting")
    try:
        before = execute(stage.source, _SETTINGS)
        directory = WorkDirectory(tmp_path / "work")
        if not (found := run_checks(*pair, only=[name])):
            pytest.skip("this TimescaleDB has no such setting")
        [finding] = found
        assert finding.severity == "blocker"
        apply_remedies(directory, pair, finding.fixes)
        [now] = run_checks(*pair, only=[name], directory=directory.root)
        assert now.severity == "ok"
        clean_remedies(directory, *pair)
        assert execute(stage.source, _SETTINGS) == before
    finally:
        reloaded(stage.source, spoil.replace(" set ", " reset ").partition(" = ")[0])
    assert execute(stage.source, _SETTINGS) == untouched


# The four ways to begin that the vendor's documentation has, in each one's own terms.
_WAYS = (
    ("self-hosted", "ALTER SYSTEM SET wal_level = 'logical';", 'ALTER ROLE "nobody" REPLICATION;'),
    ("rds", "set rds.logical_replication = 1 in the DB parameter group", "GRANT rds_replication"),
    (
        "aurora",
        "set rds.logical_replication = 1 in the DB cluster parameter group",
        'GRANT rds_replication TO "nobody";',
    ),
    ("mst", "Managed Service for TimescaleDB sets wal_level itself", "ALTER ROLE"),
)


@pytest.mark.parametrize(("provider", "level", "right"), _WAYS, ids=lambda value: value[:10])
def test_each_way_is_told_in_its_own_terms(
    stages: dict[str, Stage], provider: str, level: str, right: str
) -> None:
    stage = replace(stages["owner"], plan=Plan(source_provider=provider))
    facts = facts_of(stage.source, stage.target, stage.plan)
    details = {**facts.source.details}
    details["wal_level"] = details["wal_level"]._replace(value="replica", shown="replica")
    replica = replace(facts, source=replace(facts.source, details=details))
    [check] = chosen(["source.wal_level"])
    with closing(connect(stage.source, read_only=True)) as session:
        finding = check(replica, session)
    assert finding.severity == "blocker"
    assert level in finding.remedy
    assert not finding.fixes
    stranger = stage.other("source", user=NOBODY, password=SECRET)
    [finding] = run_checks(
        stranger.source, stranger.target, only=["source.replication_right"], plan=stage.plan
    )
    assert finding.severity == "blocker"
    assert right in finding.remedy
    [finding] = run_checks(stage.source, stage.target, only=["source.provider"], plan=stage.plan)
    assert finding.severity == "ok"
