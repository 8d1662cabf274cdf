import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from awkward import KEEPER, SECRET
from moments import NOBODY, Stage
from preflight import elsewhere, execute
from stubs import make_community

from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.workdir import WorkDirectory

SETTINGS = {"max_prepared_transactions": "5", "autovacuum": "off"}


@pytest.fixture(autouse=True)
def quick_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of writing over a moment: what it is does not matter to most tests."""
    monkeypatch.setattr("lmtui.checks.wal.SAMPLE_SECONDS", 0.0)


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that is not made yet."""
    return WorkDirectory(tmp_path / "work")


@pytest.fixture
def keyless(fresh_databases: tuple[Endpoint, Endpoint]) -> tuple[Endpoint, Endpoint]:
    """The source has a table `log` without a key."""
    execute(fresh_databases[0], "create table log (line text)")
    return fresh_databases


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
