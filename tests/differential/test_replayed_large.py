"""The way of very large rows, taken by all rows: each type, and each kind of change."""

import pytest
from every_type import TYPES, Type
from harness import Case, Pairing

from lmtui.replay import apply, intake, large
from lmtui.replay.large import LargeRows
from lmtui.replay.runs import Run

pytestmark = pytest.mark.postgres

GROUPS = [tuple(TYPES[start : start + 30]) for start in range(0, len(TYPES), 30)]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Every row is large, in small pieces; what became of each."""
    seen: list[int | None] = []
    written = LargeRows.apply

    def watched(rows: LargeRows, run: Run) -> int | None:
        seen.append(written(rows, run))
        return seen[-1]

    for module in (apply, intake):
        monkeypatch.setattr(module, "LARGE_BYTES", 0)
    monkeypatch.setattr(large, "PIECE_BYTES", 7)
    monkeypatch.setattr(LargeRows, "apply", watched)
    return seen


@pytest.mark.parametrize("types", GROUPS, ids=[types[0].name for types in GROUPS])
def test_types(plain: Pairing, counts: list[int | None], types: tuple[Type, ...]) -> None:
    setup = "".join(
        f"create table v{number} (id int primary key, v {type_.name});"
        for number, type_ in enumerate(types)
    )
    with plain.case(setup) as case:
        for number, type_ in enumerate(types):
            _change(case, number, type_)
        case.check()
    assert set(counts) == {1}


def _change(case: Case, number: int, type_: Type) -> None:
    cast = type_.name.partition(" collate")[0]
    values = [f"({value})::{cast}" for value in type_.values]
    if type_.name != "short_domain":
        values.append(f"null::{cast}")
    rows = enumerate(values, 1)
    case.run(
        f"insert into v{number} values " + ", ".join(f"({at}, {value})" for at, value in rows),
        f"update v{number} v set v = (select o.v from v{number} o"
        f" where o.id = v.id % {len(values)} + 1), id = id + 100",
    )


def test_each_kind_of_change(plain: Pairing, counts: list[int | None]) -> None:
    """With what is generated, unchanged and stored apart, named oddly, or named by all of it."""
    long = "(select string_agg(md5((i * %s)::text), '\"''\\') from generate_series(1, 400) i)"
    with plain.case("""
        create table t ("k'""{,}" int, b text, "ü" text, n int generated always as (k * 2) stored,
            k int, primary key ("k'""{,}", k));
        alter table t alter b set storage external;
        create table f (id int primary key, s text, x text);
        alter table f replica identity full;
        create table w (s text, n int);
        alter table w replica identity full;
    """) as case:
        case.transaction(
            f'insert into t ("k\'""{{,}}", b, "ü", k) values (1, {long % 1}, E\'\\\\.\\n\', 1)',
            f"insert into t values (2, {long % 2}, null, default, 7)",
            "update t set \"ü\" = E'\\\\.\\n\\r\\b\\x01''' || chr(8364)",
            "update t set k = k + 1 where k = 7",
            f"insert into f values (1, {long % 3}, null), (2, '', 'null')",
            "update f set x = 'y' where id = 1",
            "update f set id = 3 where id = 1",
            "insert into w values ('a', 1), ('a', 1), (null, 2), ('', 3)",
            "update w set n = 5 where s is null",
            "delete from w where ctid = (select min(ctid) from w where s = 'a')",
            "delete from t where k = 1",
        )
        rows = case.check()
        assert [len(rows[table]) for table in "tfw"] == [1, 2, 3]
    # Inserts and updates by key went this way; deletes and rows without a key did not.
    assert {*counts} == {1, None}


def test_rows_of_a_hypertable(timescale: Pairing, counts: list[int | None]) -> None:
    with timescale.case("""
        create table h (time timestamptz not null, id int, s text, primary key (time, id));
        select create_hypertable('h', 'time', chunk_time_interval => interval '1 day');
    """) as case:
        case.run(
            "insert into h select timestamptz '2026-01-01 00:00+00' + i * interval '7 hours', i,"
            " 'x' from generate_series(1, 9) i",
            "update h set s = 'y' || id where id > 3",
        )
        assert len(case.check()["h"]) == 9
    assert counts


def test_a_row_that_is_not_there_stops(plain: Pairing, counts: list[int | None]) -> None:
    with plain.case("create table t (id int primary key, s text)") as case:
        case.run("insert into t values (1, 'a'), (2, 'b')")
        case.check()
        case.on_targets("delete from t where id = 2")
        case.run("update t set s = 'c'")
        for error in case.stops():
            assert "0 rows of the target have this key" in str(error.detail)
    assert 0 in counts
