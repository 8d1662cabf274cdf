"""Transactions: rolled back in part, prepared, very many, and larger than a part of the spool."""

import resource
import time
from collections.abc import Callable

import pytest
from harness import Pairing

pytestmark = pytest.mark.postgres

TABLE = "create table t (id int primary key, n int, s text);"


def test_savepoints_and_subtransactions(plain: Pairing) -> None:
    with plain.case(TABLE) as case:
        case.transaction(
            "insert into t values (1, 1)",
            "savepoint a",
            "insert into t values (2, 2)",
            "savepoint b",
            "update t set n = 9",
            "delete from t where id = 1",
            "rollback to b",
            "update t set n = n + 1",
            "release a",
            "savepoint c",
            "truncate t",
            "insert into t values (3, 3)",
            "rollback to c",
        )
        assert case.check()["t"] == [("1", "2", None), ("2", "3", None)]
        case.run("""
            do $$ begin
                for i in 10..300 loop
                    begin
                        insert into t values (i, i, 'x');
                        if i % 3 = 0 then raise division_by_zero; end if;
                        update t set n = -i where id = i - 1;
                    exception when division_by_zero then null;
                    end;
                end loop;
            end $$
        """)
        case.run("begin; insert into t values (5, 5); rollback")
        case.check()
        case.check(part_bytes=1)


def test_what_is_rolled_back_leaves_nothing(plain: Pairing) -> None:
    """Also where it went to the receiver's disk in part, and where TRUNCATE was in it."""
    with plain.case(TABLE) as case:
        for end in ("rollback", "commit"):
            case.run("begin", "insert into t select i, i from generate_series(1, 2000) i")
            case.run("truncate t", "insert into t values (1, 1)", end)
        case.check(part_bytes=2000)


@pytest.mark.parametrize("part_bytes", [1, 3000, None])
def test_a_transaction_in_parts(plain: Pairing, part_bytes: int | None) -> None:
    """Each part is applied by itself: changes of one key meet across their borders."""
    with plain.case(
        TABLE + "create table f (n int, s text); alter table f replica identity full"
    ) as case:
        case.run("insert into t select i, 0 from generate_series(1, 20) i")
        case.transaction(
            "insert into t select i, i, 'x' from generate_series(21, 60) i",
            "insert into f select i % 7, 'x' from generate_series(21, 60) i",
            "update t set n = n + 1",
            "update t set id = id + 100 where id > 50",
            "delete from t where id % 2 = 0",
            "insert into t select i, i, 'y' from generate_series(2, 60, 2) i",
            "update f set n = 0 where n > 5",
            "delete from f where ctid in (select min(ctid) from f group by n)",
            "update t set s = 'z' where id < 30",
        )
        case.run("update t set n = 5 where id = 3")
        case.check(part_bytes=part_bytes)


def test_a_large_transaction_in_bounded_memory(
    plain: Pairing, record_property: Callable[[str, object], None]
) -> None:
    rows = 200_000
    with plain.case(TABLE) as case:
        case.transaction(
            f"insert into t select i, i, md5(i::text) from generate_series(1, {rows}) i",
            f"update t set n = n + 1 where id <= {rows // 4}",
            f"delete from t where id > {rows - rows // 4}",
        )
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        case.replay()
        seconds = time.monotonic() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        said = f"{rows * 3 // 2} changes in {seconds:.1f} s, memory +{grown:.0f} MB"
        record_property("large_transaction", said)
        assert grown < 150, said
        sums = "select count(*), sum(id), sum(n), md5(string_agg(s, '' order by id)) from t"
        (wanted,) = case.source.execute(sums).fetchall()
        for replica in case.replicas:
            assert replica.connection.execute(sums).fetchall() == [wanted]


def test_thousands_of_transactions_of_one_row(plain: Pairing) -> None:
    with plain.case(TABLE) as case:
        case.run("""
            do $$ begin
                for i in 1..4000 loop
                    insert into t values (i, i, 'x');
                    if i % 5 = 0 then update t set n = 0 where id = i - 3; end if;
                    if i % 7 = 0 then delete from t where id = i - 4; end if;
                    commit;
                end loop;
            end $$
        """)
        case.check()


def test_prepared_transactions(plain: Pairing) -> None:
    """They are replayed when they are committed, whatever came in between."""
    with plain.case(TABLE) as case:
        case.run("begin", "insert into t values (1, 1)", "prepare transaction 'one'")
        case.run("insert into t values (2, 2)")
        case.run("begin", "insert into t values (3, 3)", "prepare transaction 'two'")
        case.run("begin", "update t set n = 5", "delete from t where id = 9", "commit")
        assert len(case.check()["t"]) == 1
        case.run("commit prepared 'one'", "rollback prepared 'two'", "update t set n = n + 1")
        assert len(case.check()["t"]) == 2
