"""Big values: unchanged TOASTed ones that the stream leaves out, in every order of changes."""

import itertools

import pytest
from harness import Pairing

pytestmark = pytest.mark.postgres

BIG = "(select string_agg(md5((g * {0})::text), '') from generate_series(1, 200) g)"
CHANGES = {
    "small": "update t set n = n + 1 where id = 1",
    "big": f"update t set a = {BIG.format(7)} || n where id = 1",
    "null": "update t set b = null where id = 1",
    "both": f"update t set a = {BIG.format(8)}, b = 'short', n = n + 1 where id = 1",
    "nothing": "update t set n = n where id = 1",
    "other": f"update t set b = {BIG.format(9)}::bytea where id = 1",
    "away": "update t set id = 2 where id = 1; update t set id = 1 where id = 2",
}
IDENTITIES = ("default", "full", "using index other")


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_orders_of_changes(plain: Pairing, identity: str, batch_rows: int) -> None:
    key = "" if identity == "full" else "alter table t add primary key (id);"
    setup = f"""
        create table t (id int not null, a text, b bytea, n int, m int not null default 5);
        {key}
        alter table t alter a set storage external;
        alter table t alter b set storage external;
        create unique index other on t (m);
        {"drop index other;" if identity == "full" else ""}
        alter table t replica identity {identity}
    """
    insert = f"insert into t values (1, {BIG.format(1)}, {BIG.format(2)}::bytea, 0)"
    with plain.case(setup) as case:
        for first, second in itertools.permutations(CHANGES, 2):
            case.transaction("delete from t", insert, CHANGES[first], CHANGES[second])
            case.run(*(CHANGES[second], CHANGES[first], CHANGES["small"]))
        case.check(batch_rows=batch_rows)


@pytest.mark.parametrize("batch_rows", [1, 1000])
def test_a_key_that_is_toasted_itself(plain: Pairing, batch_rows: int) -> None:
    """An index takes 2,700 bytes, and TOAST begins at 2,000: the old key is then in the stream."""
    setup = """
        create table t (k text, l int, n int, primary key (k, l));
        alter table t alter k set storage external;
        create table f (k text not null unique, n int);
        alter table f replica identity full;
        alter table f alter k set storage external
    """
    key = "(select string_agg(md5((g * {0})::text), '') from generate_series(1, 79) g)"
    with plain.case(setup) as case:
        for number in (1, 2, 3):
            case.run(f"insert into t values ({key.format(number)}, 1, 0)")
            case.run(f"insert into f values ({key.format(number)}, 0)")
        case.check()
        case.run("update t set n = n + 1", "update f set n = n + 1")
        case.run("update t set n = n + 1, l = 2", "delete from t where k > 'b'")
        case.run("update f set n = 2", "delete from f where k > 'b'", "update f set k = 'short'")
        case.transaction("update t set l = 3", "update t set n = 5", "update t set l = 2")
        case.check(batch_rows=batch_rows)


def test_an_update_that_leaves_nothing_to_set(plain: Pairing) -> None:
    """Every value is an unchanged TOASTed one: nothing changes, but the row has to be there."""
    setup = """
        create table f (a text); alter table f replica identity full;
        alter table f alter a set storage external;
        create table k (id int primary key)
    """
    with plain.case(setup) as case:
        case.run(f"insert into f values ({BIG.format(1)}), ({BIG.format(2)})")
        case.run("insert into k values (1), (2)")
        case.run("update f set a = a", "update k set id = id")
        case.check()
        case.on_targets("delete from k where id = 2")
        case.run("update k set id = id where id = 2")
        for stopped in case.stops():
            assert "UPDATE" in stopped.title
            assert "id = 2" in stopped.detail


def test_a_value_of_50_megabytes(plain: Pairing) -> None:
    setup = "create table t (id int primary key, a text, n int)"
    with plain.case(setup + "; alter table t alter a set storage external") as case:
        case.run(r"""
            insert into t select 1, repeat(repeat('fifty ', 200) || e'🐘\t\r"\\''\\.\n', 43000), 1
        """)
        assert case.check()["t"]
        case.run("update t set a = left(a, 5000000), n = 2", "update t set id = 2")
        case.check()
