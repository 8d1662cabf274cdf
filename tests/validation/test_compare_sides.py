"""What a server, a role or an operator can do to a comparison."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from compared import ORDERS, Pair, metrics_on_both, on_both, run
from psycopg import sql

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError, ServerError
from lmtui.validation.compare import compare
from lmtui.validation.relations import Source, checksum_of, relations
from lmtui.validation.side import LOCK_SECONDS, Side

pytestmark = pytest.mark.postgres


@pytest.fixture
def narrow_role(fresh_databases: Pair) -> Iterator[Endpoint]:
    """A role on the target that may read nothing yet."""
    target = fresh_databases[1]
    run(target, "drop role if exists narrow", "create role narrow login password 'narrow'")
    yield Endpoint("target", {**target.parameters, "user": "narrow", "password": "narrow"})
    run(target, "drop owned by narrow", "drop role narrow")


def test_what_may_not_be_read_is_not_equal(fresh_databases: Pair, narrow_role: Endpoint) -> None:
    source, target = fresh_databases
    on_both(
        fresh_databases,
        "create table t (a int)",
        "create table hidden (a int)",
        "insert into hidden values (1), (2)",
        "create table wide_open (a int)",
        "alter table hidden enable row level security",
        "create sequence s",
    )
    run(
        target,
        "create policy half on hidden using (a = 1)",
        "grant select on hidden, wide_open to narrow",
    )
    proof = compare(source, narrow_role, jobs=1)
    hidden, table, wide_open = proof.tables
    assert not proof.equal
    assert wide_open.equal
    assert table.note == "target: 42501: permission denied for table t"
    assert hidden.note.startswith("target: 42501: query would be affected by row-level security")
    assert proof.sequence_mismatches == (
        "public.s: cannot be read on the target (SELECT on it is not granted)",
    )


def test_each_side_is_read_in_one_snapshot(fresh_databases: Pair) -> None:
    source, _ = fresh_databases
    run(source, "create table t (a int)", "insert into t values (1)")
    with Side(source, 1) as side:
        run(source, "insert into t values (2)", "create table u (a int)")
        (relation,) = relations(side)
        assert side.read(checksum_of(Source(relation), relation.columns)).result().rows == 1


def test_databases_in_different_encodings_are_compared(
    fresh_databases: Pair, source_server: Endpoint
) -> None:
    _, target = fresh_databases
    name = f"{target.database}_latin"
    latin = Endpoint("source", {**source_server.parameters, "dbname": name})
    create = sql.SQL("create database {} encoding 'LATIN1' locale 'C' template template0")
    with connect(source_server) as connection:
        connection.execute(create.format(sql.Identifier(name)))
    try:
        table = "create table t (a text); insert into t values ('Gruß'), ('Ærø')"
        on_both((latin, target), table)
        assert compare(latin, target).equal
        run(target, "update t set a = 'Gruss' where a = 'Gruß'")
        assert not compare(latin, target).equal
    finally:
        run(source_server, f"drop database {name} with (force)")


def test_progress_is_told_of_every_relation(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *(f"create table t{number} (a int)" for number in range(5)))
    seen: list[tuple[int, int]] = []
    compare(*fresh_databases, jobs=3, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(number, 5) for number in range(1, 6)]


def test_a_side_that_is_lost_ends_the_comparison(fresh_databases: Pair) -> None:
    on_both(fresh_databases, *(f"create table t{number} (a int)" for number in range(9)))

    def kill(_done: int, _of: int) -> None:
        run(
            fresh_databases[1],
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'lmtui validate' and datname = current_database()",
        )

    # One reading waits for a lock, so that it is under way when its session is ended.
    with connect(fresh_databases[1], autocommit=False) as other:
        other.execute("lock table public.t4")
        with pytest.raises(ServerError, match="The target was lost") as caught:
            compare(*fresh_databases, jobs=2, progress=kill)
    assert caught.value.sqlstate == "57P01"


def test_giving_up_ends_what_runs_on_the_servers(fresh_databases: Pair) -> None:
    on_both(fresh_databases, "create table a ()", "create table b ()")

    def give_up(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with connect(fresh_databases[1], autocommit=False) as other:
        other.execute("lock table public.b")
        with pytest.raises(KeyboardInterrupt):
            compare(*fresh_databases, progress=give_up)
    assert time.monotonic() - began < LOCK_SECONDS / 2


def test_a_side_that_cannot_be_reached_is_named(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    wrong = Endpoint("target", {**target.parameters, "dbname": "nowhere"})
    with pytest.raises(ConnectionFailedError, match="target"):
        compare(source, wrong)


def test_two_major_versions_write_the_same_text(
    timescale_databases: Pair,
) -> None:
    source, _ = timescale_databases
    with tempfile.TemporaryDirectory(prefix="lmtui-test-") as directory:
        try:
            server = Cluster(Path(directory) / "newer", version=18)
            server.start()
        except LmtuiError as error:
            pytest.skip(str(error))
        try:
            target = create_database(
                server.endpoint("postgres", "target"), "newer", timescaledb=True
            )
            on_both((source, target), ORDERS, "create view v as select id, amount from orders")
            metrics_on_both((source, target), "1 day")
            proof = compare(source, target)
            assert proof.equal
            assert all("expected: each server has its own version" in o for o in proof.inventory)
        finally:
            server.stop()
