"""Tables whose rows are not pgcopydb's to copy."""

import pytest

from lmtui.errors import UsageError
from lmtui.hypertables.wanted import Wanted
from lmtui.pgcopydb.command import filters
from lmtui.pgcopydb.progress import Apart, CopyState
from lmtui.plan import Plan
from lmtui.sample import TableCopy


def _plan(schema: str, name: str) -> Plan:
    wanted = Wanted(schema=schema, name=name, column="at", interval="1 day")
    return Plan(skip_table_data=("public.x",), hypertables=(wanted,))


@pytest.mark.parametrize("name", ["public.readings", "Ab.Odd na.me", "öffentlich.straße_1$"])
def test_their_rows_are_left_out(name: str) -> None:
    schema, table = name.split(".", 1)
    assert filters(_plan(schema, table)) == f"[exclude-table-data]\npublic.x\n{name}\n"


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("public", 'a"b'), ("public", "a,b"), ("public", "a{b"), ("public", "a=b"), ("a.b", ""),
        ("public", "null"), ("public", " a"), ("public", "a\nb"), ("public", "~/a/"),
    ],
)  # fmt: skip
def test_a_name_that_pgcopydb_would_take_for_another_is_refused(schema: str, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be made a hypertable"):
        filters(_plan(schema, name))


def test_they_are_as_far_as_they_are() -> None:
    tables = tuple(
        TableCopy(schema="s", name=name, bytes_done=100, bytes_total=100, state="done")
        for name in "abcd"
    )
    state = CopyState(tables, 2, 1)
    assert state.with_apart({}) is state
    apart = {
        ("s", "a"): Apart("waiting"),
        ("s", "b"): Apart("copying", 130),
        ("s", "c"): Apart("done", 0),
    }
    found = state.with_apart(apart)
    assert [(one.name, one.state, one.bytes_done) for one in found.tables] == [
        ("a", "waiting", 0), ("b", "copying", 100), ("c", "done", 100), ("d", "done", 100),
    ]  # fmt: skip
    assert not found.complete
    assert (found.indexes_total, found.indexes_done) == (2, 1)
