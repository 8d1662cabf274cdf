"""What cannot be applied is never passed over: it is named, nothing after it is applied.

Once the target is mended, the replay goes on from there and both sides are equal.
"""

import re
from dataclasses import dataclass, replace

import pytest
from harness import Case, Pairing
from psycopg import sql

from lmtui.endpoint import Endpoint
from lmtui.errors import ReplayStoppedError
from lmtui.replay.lsn import parse_lsn

pytestmark = pytest.mark.postgres

SETUP = """
    create table t (id int primary key, n int, s text);
    insert into t values (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three');
    create table f (a int, s text); alter table f replica identity full;
    insert into f values (1, 'x'), (2, 'y');
    create table p (id int primary key) partition by list (id);
    create table p1 partition of p for values in (1);
"""


@dataclass(frozen=True)
class Trouble:
    """What is wrong with the target, what then fails, what is said of it, and what mends it."""

    broken: str
    statement: str
    said: tuple[str, ...]
    mended: str
    kind: str = "INSERT"
    table: str = "t"


TRIGGER = """
    create function refuse() returns trigger language plpgsql as $$ begin {} end $$;
    create trigger refuse before insert or update on t for each row when (new.id = 9)
    execute function refuse();
    alter table t enable always trigger refuse
"""
INSERT = "insert into t values (9, 9, 'nine')"
NO_TRIGGER = "drop function refuse cascade"
TROUBLES = {
    "duplicate key": Trouble(
        "insert into t values (9)", INSERT, ("23505", "t_pkey", "id = 9"),
        "delete from t where id = 9",
    ),
    "duplicate of another key": Trouble(
        "create unique index u on t (s)", "insert into t values (9, 9, 'one')",
        ("23505", "id = 9"), "drop index u",
    ),
    "row to update": Trouble(
        "delete from t where id = 2", "update t set n = 0 where id = 2",
        ("0 rows of the target", "id = 2"), "insert into t values (2, 2, 'two')", "UPDATE",
    ),
    "row whose key is updated": Trouble(
        "delete from t where id = 2", "update t set id = 9 where id = 2",
        ("0 rows of the target", "id = 2"), "insert into t values (2, 2, 'two')", "UPDATE",
    ),
    "row to delete": Trouble(
        "delete from t where id = 2", "delete from t where id = 2",
        ("0 rows of the target", "id = 2"), "insert into t values (2, 2, 'two')", "DELETE",
    ),
    "whole row to update": Trouble(
        "update f set s = 'Y' where a = 2", "update f set a = 5 where a = 2",
        ("0 rows of the target", "a = 2, s = y"), "update f set s = 'y' where a = 2", "UPDATE", "f",
    ),
    "whole row to delete": Trouble(
        "update f set s = null where a = 2", "delete from f where a = 2",
        ("0 rows of the target", "a = 2, s = y"), "update f set s = 'y' where a = 2", "DELETE", "f",
    ),
    "missing table": Trouble(
        "alter table t rename to away", INSERT, ("no table", "id = 9"),
        "alter table away rename to t",
    ),
    "missing column": Trouble(
        "alter table t rename s to away", INSERT, ("no column s", "id = 9"),
        "alter table t rename away to s",
    ),
    "missing key column": Trouble(
        "alter table t rename id to away", "delete from t where id = 3",
        ("no column id", "id = 3"), "alter table t rename away to id", "DELETE",
    ),
    "missing partition": Trouble(
        "alter table p1 rename to away", "insert into p values (1)", ("no table", "id = 1"),
        "alter table away rename to p1", table="p1",
    ),
    "bad cast": Trouble(
        "alter table t alter s type int using null", INSERT, ("22P02", '"nine"', "id = 9"),
        "alter table t alter s type text;"
        " update t set s = (array['one', 'two', 'three'])[id]",
    ),
    "too long": Trouble(
        "alter table t alter s type varchar(5)", "update t set s = 'thirteen' where id = 3",
        ("22001", "id = 3"), "alter table t alter s type text", "UPDATE",
    ),
    "check constraint": Trouble(
        "alter table t add constraint c check (id <> 9)", INSERT, ("23514", "id = 9"),
        "alter table t drop constraint c",
    ),
    "null": Trouble(
        "alter table t alter n set not null", "update t set n = null where id = 2",
        ("23502", "id = 2"), "alter table t alter n drop not null", "UPDATE",
    ),
    "trigger error": Trouble(
        TRIGGER.format("raise 'no nines';"), INSERT, ("P0001", "no nines", "id = 9"), NO_TRIGGER
    ),
    "trigger that swallows inserts": Trouble(
        TRIGGER.format("return null;"), INSERT, ("0 rows were stored", "id = 9"), NO_TRIGGER
    ),
    "trigger that swallows updates": Trouble(
        TRIGGER.format("return null;"), "update t set id = 9 where id = 3",
        ("0 rows of the target", "id = 3"), NO_TRIGGER, "UPDATE",
    ),
    "an index's limit": Trouble(
        "create index i on t (s)",
        "insert into t select 9, 9, string_agg(md5(i::text), '') from generate_series(1, 999) i",
        ("54000", "id = 9"), "drop index i",
    ),
    "foreign key that a TRUNCATE would break": Trouble(
        "create table r (id int references t)", "truncate t", ("0A000", "foreign key"),
        "drop table r", "TRUNCATE",
    ),
    "view in the place of a table": Trouble(
        "alter table t rename to away; create view t as select * from away", INSERT,
        ("no table", "id = 9"), "drop view t; alter table away rename to t",
    ),
}  # fmt: skip


def _position(case: Case) -> int:
    rows = case.source.execute("select pg_current_wal_insert_lsn()::text").fetchall()
    return parse_lsn(rows[0][0])


def _named(error: ReplayStoppedError, case: Case, trouble: Trouble, begin: int, end: int) -> None:
    found = re.fullmatch(r"Replay stopped at (\S+): (\w+) (.+)", error.title)
    assert found, error
    assert found.group(2, 3) == (trouble.kind, f"{case.schema}.{trouble.table}")
    assert begin <= parse_lsn(found[1]) < end
    for words in trouble.said:
        assert words in error.detail
    assert "Nothing after it was applied" in error.hint
    assert error.refused is not None
    assert error.refused.change == found[1]
    assert f"lmtui skip {found[1]}" in error.hint
    if "no table" not in trouble.said[0] and "no column" not in trouble.said[0]:
        assert f"Statement: {trouble.kind.lower()} " in error.detail


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_the_replay_stops_and_goes_on(plain: Pairing, trouble: Trouble) -> None:
    with plain.case(SETUP) as case:
        case.on_targets(trouble.broken)
        case.run("insert into f values (7, 'before')")
        begin = _position(case)
        case.run(trouble.statement)
        end = _position(case)
        case.run("insert into f values (8, 'after')", "insert into t values (99, 99)")
        for error in case.stops():
            _named(error, case, trouble, begin, end)
        for replica in case.replicas:
            after = replica.connection.execute("select from f where s = 'after'")
            assert after.rowcount == 0
        # A restart without mending stops at the same place.
        for error in case.stops():
            _named(error, case, trouble, begin, end)
        case.on_targets(trouble.mended)
        case.check()
        case.run("insert into t values (100)", "update f set s = 'z'")
        case.check()


def test_what_came_before_in_other_batches_stays(plain: Pairing) -> None:
    """All that was committed before the change's own transaction is applied, and stays."""
    with plain.case(SETUP) as case:
        case.run("insert into t values (50)")
        case.check()
        case.on_targets("insert into t values (60)")
        case.run(
            "update t set n = 5 where id = 50", "insert into t values (60, 60)", "delete from f"
        )
        case.stops()
        for replica in case.replicas:
            rows = replica.connection.execute("select n from t where id = 50").fetchall()
            assert rows == [(5,)]
        case.on_targets("delete from t where id = 60")
        case.check()


def test_a_transaction_in_parts_is_undone_whole(plain: Pairing) -> None:
    with plain.case(SETUP) as case:
        case.on_targets("insert into t values (500)")
        case.transaction("insert into t select i, i from generate_series(10, 1000) i")
        (error, _) = case.stops(part_bytes=2000)
        assert "id = 500" in error.detail
        for replica in case.replicas:
            rows = replica.connection.execute("select count(*) from t").fetchall()
            assert rows == [(4,)]
        case.on_targets("delete from t where id = 500")
        case.check(part_bytes=2000)


def test_a_right_that_is_missing(plain: Pairing) -> None:
    """An ordinary role that may replay, but not insert into one table."""
    with plain.case(SETUP) as case:
        role, endpoints = sql.Identifier("limited"), [replica.target for replica in case.replicas]
        server = case.replicas[0].connection
        server.execute("create role limited login password 'limited'")
        server.execute("grant set on parameter session_replication_role to limited")
        try:
            for one in case.replicas:
                for schema in (case.schema, "lmtui"):
                    one.connection.execute(
                        sql.SQL(
                            "grant usage on schema {0} to {1};"
                            "grant all on all tables in schema {0} to {1}"
                        ).format(sql.Identifier(schema), role)
                    )
                one.target = Endpoint(
                    "target",
                    {**one.target.parameters, "user": "limited", "password": "limited"},
                )
            case.run("insert into t values (10)", "update t set n = 10")
            case.check()
            case.on_targets("revoke insert on t from limited")
            case.run("update t set n = 11", "insert into t values (11)")
            for error in case.stops():
                assert re.search(r"INSERT case_\d+\.t$", error.title)
                assert "42501" in error.detail
                assert "id = 11" in error.detail
            case.on_targets("grant insert on t to limited")
            case.check()
            case.on_targets("revoke delete on t from limited")
            case.run("delete from t where id = 11", "insert into t values (12)")
            case.skip(case.stops())
            case.replay()
            assert [number for number, _ in case.skipped()] == [1, 1]
            case.on_targets("delete from t where id = 11")
            case.check()
        finally:
            for one, endpoint in zip(case.replicas, endpoints, strict=True):
                one.target = replace(endpoint)
                one.connection.execute("drop owned by limited")
            server.execute("drop role limited")


def test_a_trigger_that_fails_only_at_the_end(plain: Pairing) -> None:
    """A deferred one is asked at the commit: the transaction is known then, not the change."""
    trigger = """
        create function refuse() returns trigger language plpgsql
            as $$ begin raise 'too late'; end $$;
        create constraint trigger refuse after insert on t deferrable initially deferred
            for each row when (new.id = 9) execute function refuse();
        alter table t enable always trigger refuse
    """
    with plain.case(SETUP) as case:
        case.on_targets(trigger)
        case.run("insert into t values (8)")
        begin = _position(case)
        case.run(INSERT)
        end = _position(case)
        case.run("insert into t values (10)")
        for _ in range(2):
            for error in case.stops():
                found = re.fullmatch(
                    r"Replay stopped at the commit of what ended at (\S+)", error.title
                )
                assert found, error
                assert begin < parse_lsn(found[1]) <= end
                assert "too late" in error.detail
                assert error.refused is None
                assert "lmtui retry" in error.hint
        for replica in case.replicas:
            rows = replica.connection.execute("select id from t where id > 3").fetchall()
            assert rows == [(8,)]
        case.on_targets(NO_TRIGGER)
        case.check()


def test_a_constraint_that_fails_only_at_the_end(plain: Pairing) -> None:
    """Its own trigger does not fire for a replica, unless somebody has told it to."""
    always = """
        alter table t add constraint only_one unique (n) deferrable initially deferred;
        do $$ begin execute (
            select format('alter table t enable always trigger %I', tgname)
            from pg_trigger where tgrelid = 't'::regclass and tgisinternal
        ); end $$
    """
    with plain.case(SETUP) as case:
        case.on_targets(always)
        case.transaction("insert into t values (8, 1)", "insert into t values (9, 9)")
        for error in case.stops():
            assert "23505" in error.detail
            assert f"Deferred: {case.schema}.t.only_one" in error.detail
        case.on_targets("alter table t drop constraint only_one")
        case.check()
