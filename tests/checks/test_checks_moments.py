"""Every check is tripped and not tripped: as superuser and as plain owner, on each version."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from awkward import CASES, KEEPER, SECRET
from moments import MOMENTS, NOBODY, TOLD, Moment, Stage
from preflight import elsewhere, execute, facts_of
from stubs import make_community

from lmtui.checks import run_checks
from lmtui.checks.facts import Facts
from lmtui.checks.registry import CHECKS, chosen
from lmtui.database import connect
from lmtui.demo.cluster import Cluster, binaries
from lmtui.errors import LmtuiError
from lmtui.events import Finding

pytestmark = pytest.mark.postgres

SETTINGS = {"max_prepared_transactions": "5", "autovacuum": "off"}


@pytest.fixture(scope="module", params=[17, 18])
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Stage]]:
    """A pair of servers of the version, as the superuser and as the databases' owner."""
    version = request.param
    try:
        binaries(version)
    except LmtuiError as error:
        pytest.skip(error.title)
    place = tmp_path_factory.mktemp("moments")
    with (
        pytest.MonkeyPatch.context() as patch,
        Cluster(place / "s", version=version, settings=SETTINGS) as sources,
        Cluster(place / "t", version=version, settings=SETTINGS) as targets,
    ):
        # A host that has the client of the servers' version.
        patch.setenv("PATH", f"{binaries(version)}:{os.environ['PATH']}")
        superuser = sources.endpoint("calm"), targets.endpoint("calm", "target")
        for side in superuser:
            server = elsewhere(side, dbname="postgres")
            execute(
                server,
                f"create role {KEEPER} login replication password '{SECRET}'",
                f"create role {NOBODY} login password '{SECRET}'",
                f"grant set on parameter session_replication_role to {KEEPER}",
                f"create database calm owner {KEEPER}",
                f"create database moved owner {KEEPER}",
                f"create database community owner {KEEPER}",
                f"create database latin owner {KEEPER} encoding 'LATIN1' locale 'C'"
                " template template0",
            )
            execute(side, "create extension timescaledb")
            # An extension of the target belongs to who may restore it.
            execute(side, "create extension hstore")
        execute(
            elsewhere(superuser[0], dbname="moved"),
            "create schema ext",
            "create extension timescaledb schema ext",
        )
        make_community(elsewhere(superuser[0], dbname="community"), KEEPER)
        execute(
            elsewhere(superuser[0], user=KEEPER, password=SECRET),
            "create table bag (id int primary key, things hstore)",
        )
        owner = [elsewhere(side, user=KEEPER, password=SECRET) for side in superuser]
        yield {
            "superuser": Stage(*superuser, superuser),
            "owner": Stage(owner[0], owner[1], superuser),
        }


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


def test_every_check_has_something_that_trips_it() -> None:
    tripped = {case.id for case in CASES if {case.severity, case.plain} - {"ok", ""}}
    tripped |= {moment.id for moment in MOMENTS}
    assert {check.id for check in CHECKS} - tripped == TOLD
    assert not {moment.id for moment in MOMENTS} & TOLD


def test_good_databases_trip_nothing(stages: dict[str, Stage]) -> None:
    """Every check, as both roles: what a moment trips is in order without it."""
    always = {"source.size", "target.settings", "source.statistics"}
    assert not always & {moment.id for moment in MOMENTS}
    for stage in stages.values():
        found = run_checks(stage.source, stage.target)
        assert {f.id for f in found if f.severity != "ok"} <= always, found
        passed = {f.id for f in found}
        # The others do not apply to good databases.
        assert {check.id for check in CHECKS} - passed <= {
            "extensions.skipped", "source.old_snapshot_threshold", "timescaledb.direct_compress",
        }  # fmt: skip
