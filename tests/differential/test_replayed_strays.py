"""Rows that only the target has, under a key that its server does not keep unique.

A deferrable constraint is checked by a trigger, and those of a target's tables do not fire while it
is replayed into (`session_replication_role = replica`): a key may then be there twice.
"""

import pytest
from harness import Case, Pairing

from lmtui.validation.compare import compare

pytestmark = pytest.mark.postgres

DEFERRABLE = "create table t (id int primary key deferrable initially deferred, n int)"


def _stray(case: Case, statement: str) -> None:
    case.on_targets("set session_replication_role = replica")
    case.on_targets(statement)
    case.on_targets("reset session_replication_role")


def _differing(case: Case, pairing: Pairing) -> list[list[str]]:
    return [
        [
            f"{one.name}: {one.source_rows}, {one.target_rows}"
            for one in compare(pairing.endpoint, replica.target).tables
            if one.schema == case.schema and not one.equal
        ]
        for replica in case.replicas
    ]


def test_a_key_that_is_there_twice_is_found_by_the_comparison(plain: Pairing) -> None:
    with plain.case(
        "create table d (id int primary key, u int unique deferrable initially deferred)"
    ) as case:
        case.on_targets("insert into d values (99, 5)")
        case.run("insert into d values (1, 4)", "insert into d values (2, 5)")
        case.replay()
        for replica in case.replicas:
            rows = replica.connection.execute("select id from d where u = 5 order by 1").fetchall()
            assert rows == [(2,), (99,)]
        assert _differing(case, plain) == [["d: 2, 3"]] * 2
        case.on_targets("delete from d where id = 99")
        case.check()
        assert _differing(case, plain) == [[]] * 2


@pytest.mark.parametrize("change", ["update t set n = n + 1 where id = 1", "delete from t"])
@pytest.mark.parametrize("full", [False, True])
def test_a_change_that_meets_two_rows_stops(plain: Pairing, change: str, full: bool) -> None:
    setup = "create table t (id int primary key, n int);"
    if full:
        setup += "create unique index u on t (id); alter table t replica identity full"
    with plain.case(setup, target_setup=DEFERRABLE) as case:
        case.run("insert into t values (1, 0), (2, 0)")
        case.check()
        _stray(case, "insert into t values (1, 0)")
        case.run(change)
        if full:
            # Of rows that are the same in all, one is changed; the other is what differs.
            case.replay()
            assert [len(found) for found in _differing(case, plain)] == [1, 1]
            return
        for error in case.stops():
            assert "2 rows of the target have this key" in error.detail


@pytest.mark.parametrize("change", ["update t set n = n + 1", "delete from t"])
def test_a_row_too_many_does_not_stand_for_one_that_is_missing(plain: Pairing, change: str) -> None:
    """One statement changes many rows, and meets as many as it should."""
    with plain.case("create table t (id int primary key, n int)", target_setup=DEFERRABLE) as case:
        case.run("insert into t select i, 0 from generate_series(1, 5) i")
        case.check()
        _stray(case, "insert into t values (1, 7)")
        case.on_targets("delete from t where id = 5")
        case.run(change)
        for error in case.stops():
            assert "2 rows of the target have this key" in error.detail
