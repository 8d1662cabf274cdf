"""What only newer versions of PostgreSQL have."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from harness import Pairing

from lmtui.demo.cluster import Cluster

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def eighteen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairing]:
    """A source and its replicas on one server of version 18."""
    root = tmp_path_factory.mktemp("eighteen")
    with (
        tempfile.TemporaryDirectory(prefix="lmtui-test-") as directory,
        Cluster(Path(directory) / "server", version=18) as server,
        closing(
            Pairing(
                server.endpoint("postgres", "source"),
                server.endpoint("postgres", "target"),
                "eighteen",
                root,
            )
        ) as pairing,
    ):
        yield pairing


def test_virtual_generated_columns(eighteen: Pairing) -> None:
    setup = """
        create table t (id int primary key, a int, g int generated always as (a * 2) virtual);
        create table f (a int, g int generated always as (a * 2) virtual, b text);
        alter table f replica identity full
    """
    with eighteen.case(setup) as case:
        for one_by_one in (False, True):
            case.run("insert into t (id, a) select i, i from generate_series(1, 20) i")
            case.run("insert into f (a, b) select i % 3, 'x' from generate_series(1, 20) i")
            case.run("update t set a = a + 1", "delete from t where g > 30")
            case.run("delete from f where ctid = (select max(ctid) from f where a = 1)")
            case.run("update f set b = null where a = 2", "update t set id = id + 100")
            case.check(one_by_one=one_by_one)
