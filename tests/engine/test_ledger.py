"""The ledger and the plan: what a crash leaves of them can always be read."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.endpoint import Endpoint
from lmtui.ledger import KINDS, Entry, Ledger
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that was made."""
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    return directory


def record(ledger: Ledger, what: str, until: str = "clean") -> Entry:
    return ledger.record(side="source", what=what, undo=f"undo {what}", before="x", until=until)


def names(entries: list[Entry]) -> list[str]:
    return [entry.what for entry in entries]


def test_nothing_is_open_before_anything_is_written(directory: WorkDirectory) -> None:
    assert Ledger(directory).open_entries() == []


def test_entries_are_put_back_latest_first(directory: WorkDirectory) -> None:
    ledger = Ledger(directory)
    first, second, third = (record(ledger, what) for what in ("a", "b", "c"))
    assert names(Ledger(directory).open_entries()) == ["c", "b", "a"]
    ledger.mark_undone(second)
    assert names(Ledger(directory).open_entries()) == ["c", "a"]
    ledger.mark_undone(second)
    ledger.mark_undone(third)
    ledger.mark_undone(first)
    assert Ledger(directory).open_entries() == []
    assert [entry.id for entry in (first, second, third)] == [1, 2, 3]
    assert record(Ledger(directory), "d").id == 4


def test_kinds_are_put_back_at_their_time(directory: WorkDirectory) -> None:
    ledger = Ledger(directory)
    for kind in KINDS:
        record(ledger, kind, kind)
    assert names(ledger.open_entries()) == list(reversed(KINDS))
    for kind in KINDS:
        assert names(ledger.open_entries((kind,))) == [kind]


def test_crash_while_writing_loses_only_what_was_not_done(directory: WorkDirectory) -> None:
    """At every byte; and what is written afterwards stands on a line of its own."""
    ledger = Ledger(directory)
    first, second = record(ledger, "a"), record(ledger, "b")
    ledger.mark_undone(first)
    content = directory.ledger.read_bytes()
    lines = content.splitlines(keepends=True)
    for length in range(len(content) + 1):
        directory.ledger.write_bytes(content[:length])
        whole = sum(length >= sum(map(len, lines[: n + 1])) for n in range(3))
        expected = [[], ["a"], ["b", "a"], ["b"]][whole]
        assert names(Ledger(directory).open_entries()) == expected
        added = record(Ledger(directory), "c")
        assert added.id == min(whole, 2) + 1
        assert names(Ledger(directory).open_entries()) == ["c", *expected]
        Ledger(directory).mark_undone(added)
        assert names(Ledger(directory).open_entries()) == expected
    assert second.what == "b"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
text_lists = st.lists(texts, max_size=3).map(tuple)


@given(
    st.builds(
        Plan,
        table_jobs=st.integers(1, 99),
        skip_roles=st.booleans(),
        skip_extensions=text_lists,
        skip_table_data=text_lists,
        snapshot_only=st.booleans(),
    )
)
def test_plan_is_read_back(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> None:
    directory = WorkDirectory(tmp_path_factory.mktemp("plan"))
    assert Plan.load(directory) == Plan()
    plan.save(directory)
    assert Plan.load(directory) == plan


def test_plan_of_another_version_is_read(directory: WorkDirectory) -> None:
    directory.plan.write_bytes(b'{"table_jobs": 9, "chosen_by_a_later_version": true}')
    assert Plan.load(directory) == Plan(table_jobs=9)


def test_plan_has_no_place_for_a_secret() -> None:
    """Connection strings stay in the environment."""
    fields = msgspec.json.decode(msgspec.json.encode(Plan()))
    parameters = Endpoint.parse("source", "postgres://u:p@h/d").parameters
    assert not {name for name in fields if name in parameters or "uri" in name}
