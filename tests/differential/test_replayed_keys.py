"""Which row a change means: keys that change, are swapped, come back, or are not there."""

import pytest
from harness import Pairing

pytestmark = pytest.mark.postgres

TABLE = "create table t (id int primary key, n int, s text);"
TEN = "insert into t select i, i, 'row ' || i from generate_series(1, 10) i"


def test_keys_change_and_are_swapped(plain: Pairing) -> None:
    with plain.case(TABLE) as case:
        case.run(TEN)
        case.transaction(
            "update t set id = -1 where id = 1",
            "update t set id = 1 where id = 2",
            "update t set id = 2 where id = -1",
        )
        case.check()
        case.transaction("update t set id = 0 where id = 3", "insert into t values (3, 33)")
        case.transaction("delete from t where id = 0", "update t set id = 0 where id = 3")
        case.run("update t set id = id + 100, n = 0 where id > 5")
        case.check()


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 1000])
def test_one_key_many_times(plain: Pairing, batch_rows: int) -> None:
    """Within one transaction, and across the borders of batches and of parts."""
    changes = (
        "insert into t values (1, 0, 'a')",
        "update t set n = 1 where id = 1",
        "delete from t where id = 1",
        "insert into t values (1, 2, 'b')",
        "delete from t where id = 1",
        "insert into t (id) values (1)",
        "update t set s = 'c' where id = 1",
        "update t set n = 3 where id = 1",
    )
    with plain.case(TABLE) as case:
        for _ in range(2):
            case.transaction(*changes)
            case.check(batch_rows=batch_rows)
            case.run("delete from t")
            case.run(*changes)
            case.check(batch_rows=batch_rows)
            case.run("delete from t")
        case.transaction(*changes)
        case.check(part_bytes=1)
        case.run("delete from t")
        case.check()


def test_a_compound_key_with_odd_values(plain: Pairing) -> None:
    with plain.case(
        "create table t (a text, b bytea, c numeric, n int, primary key (c, a, b))"
    ) as case:
        case.run(r"""
            insert into t values ('', '', 1.0), ('"', '\x00', 1.00), ('\', '\x5c', 'NaN'),
                                 ('NULL', '', 0)
        """)
        case.run("update t set n = 0")
        case.run("update t set n = n + 1", "update t set c = 1.0000 where a = '\"'")
        case.run("delete from t where a = ''", "update t set a = a || a, n = 7")
        case.check()


def test_values_equal_to_the_type_but_not_byte_by_byte(plain: Pairing) -> None:
    """The key's text may change while the key, to its index, does not."""
    setup = """
        create table c (k citext primary key, n int);
        create table n (k numeric primary key, n int);
        create table f (k float8 primary key, n int);
        create table b (k text collate case_blind primary key, n int);
    """
    with plain.case(setup) as case:
        case.run("insert into c values ('a', 1)", "insert into n values (1.0, 1)")
        case.run("insert into f values ('-0', 1)", "insert into b values ('a', 1)")
        for batch_rows in (1, 1000):
            for table, one, other in (
                ("c", "'A'", "'a'"), ("n", "1.00", "1"), ("f", "0", "'-0'"), ("b", "'A'", "'a'"),
            ):  # fmt: skip
                case.run(f"update {table} set k = {one}", f"update {table} set n = n + 1")
                case.transaction(f"delete from {table}", f"insert into {table} values ({other}, 5)")
                case.run(f"update {table} set k = {one} where k = {other}")
                case.transaction(
                    f"delete from {table}",
                    f"insert into {table} values ({other}, 5)",
                    f"delete from {table}",
                    f"insert into {table} values ({one}, 6)",
                    f"update {table} set n = n + 1, k = {other}",
                )
            case.check(batch_rows=batch_rows)


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_unique_values_are_passed_from_row_to_row(plain: Pairing, batch_rows: int) -> None:
    setup = """
        create table t (id int primary key, u int unique, v int,
                        exclude using btree (v with =));
        create table d (id int primary key, u int unique deferrable initially deferred,
                        v int unique deferrable)
    """
    with plain.case(setup) as case:
        case.run("insert into t select i, i, i from generate_series(1, 5) i")
        case.run("insert into d select i, i, i from generate_series(1, 5) i")
        case.transaction(
            "update t set u = null where id = 1",
            "update t set u = 1, v = 100 where id = 2",
            "update t set u = 2, v = 2 where id = 1",
            "delete from t where id = 3",
            "insert into t values (6, 3, 3)",
        )
        case.run("update d set u = 6 - u, v = 6 - v")
        case.transaction("update d set u = 3", "update d set u = id")
        case.check(batch_rows=batch_rows)


def test_a_deferrable_primary_key_identifies_no_row(plain: Pairing) -> None:
    """Its swap would name the wrong rows: test_decoding gives no old key. FULL does.

    wal2json leaves such an update out, which is why the preflight asks for an identity.
    """
    setup = "create table t (id int primary key deferrable, n int); "
    with plain.case(setup + "alter table t replica identity full") as case:
        case.run("insert into t values (1, 1), (2, 2), (3, 3)")
        case.run("update t set id = 4 - id", "delete from t where id = 2")
        case.check()
    with plain.case(setup) as case:
        case.run("insert into t values (1, 1), (2, 2)")
        case.check()
        case.run("update t set id = 3 - id")
        (stopped,) = case.stops("test_decoding")
        assert "which row it means" in stopped.detail


def test_foreign_keys_to_itself_and_in_circles(plain: Pairing) -> None:
    setup = """
        create table tree (id int primary key, parent int references tree on delete cascade
                           on update cascade deferrable initially deferred);
        create table a (id int primary key, b int);
        create table b (id int primary key, a int references a deferrable);
        alter table a add foreign key (b) references b on delete set null deferrable
    """
    with plain.case(setup) as case:
        case.transaction("insert into tree values (2, 1), (1, null), (4, 3), (3, 2)")
        case.transaction(
            "set constraints all deferred",
            "insert into a values (1, 1), (2, 2)",
            "insert into b values (1, 2), (2, 1)",
        )
        case.check()
        case.run("update tree set id = 20 where id = 2", "delete from tree where id = 3")
        case.transaction("set constraints all deferred", "update b set a = null", "delete from b")
        case.check()
        case.run("truncate a, b", "truncate tree")
        case.check()


def test_duplicate_rows_under_identity_full(plain: Pairing) -> None:
    """Of rows that are equal in every column exactly one is changed, or goes."""
    setup = """
        create table t (a int, b text, c json, d bpchar(3));
        alter table t replica identity full
    """
    with plain.case(setup) as case:
        case.run("""
            insert into t select 1, null, '{"a":  1}', 'x' from generate_series(1, 4);
            insert into t select 1, null, '{"a": 1}', 'x' from generate_series(1, 2);
            insert into t select null, null, null, null from generate_series(1, 3);
            insert into t select 1, '', '{"a":  1}', 'x' from generate_series(1, 2)
        """)
        case.check()
        one = "(select max(ctid) from t where {})"
        for condition in ("b is null and a = 1", "a is null", "b = ''", "a = 1"):
            at = one.format(condition)
            case.run(f"delete from t where ctid = {at}", f"update t set a = 2 where ctid = {at}")
            case.run(f"update t set b = null, a = null where ctid = {at}")
        assert len(case.check()["t"]) == 7
        case.run("delete from t")
        assert not case.check()["t"]


def test_identity_full_where_the_target_has_a_unique_key(plain: Pairing) -> None:
    """A key that may be NULL does not name a row; one that may not does."""
    setup = """
        create table t (a int unique, b int); alter table t replica identity full;
        create table u (a int not null unique, b int unique); alter table u replica identity full;
        create table e (a text not null, b int); alter table e replica identity full;
        create unique index on e (lower(a)); create unique index on e (a) where b = 1;
        create unique index on e (a collate "C")
    """
    with plain.case(setup) as case:
        case.run("insert into t values (null, 1), (null, 1), (null, 2), (1, 1), (2, null)")
        case.run("insert into u values (1, null), (2, 2), (3, null)")
        case.run("insert into e values ('a', 1), ('b', 1), ('c', 2)")
        case.check()
        for table in "tu":
            case.run(f"delete from {table} where ctid = (select min(ctid) from {table})")
            case.run(f"update {table} set b = 9 where ctid = (select max(ctid) from {table})")
            case.run(f"update {table} set a = a + 10 where a is not null")
        case.run("update e set b = b + 1", "update e set a = a || 'x'", "delete from e where b = 2")
        case.check()


def test_identity_by_an_index(plain: Pairing) -> None:
    setup = """
        create table t (id int primary key, x text not null, y int not null, n int);
        create unique index other on t (y, x) include (n);
        alter table t replica identity using index other
    """
    with plain.case(setup) as case:
        case.run("insert into t select i, 'x' || i % 3, i, i from generate_series(1, 9) i")
        case.run("update t set id = id + 10", "update t set n = 0 where y > 7")
        case.run("update t set x = x || '!' where y < 4", "delete from t where y = 5")
        case.check()
        case.transaction("delete from t where y = 1", "update t set y = 1, id = 0 where y = 2")
        case.check()


def test_tables_without_a_key_take_inserts(plain: Pairing) -> None:
    setup = """
        create table t (a int, b text);
        create table n (a int primary key, b text); alter table n replica identity nothing;
        create table e ()
    """
    with plain.case(setup) as case:
        case.run("insert into t values (1, 'x'), (1, 'x'), (null, null)")
        case.run("insert into n values (1, 'x'), (2, null)")
        case.run("insert into e default values", "insert into e default values")
        assert len(case.check()["e"]) == 2
