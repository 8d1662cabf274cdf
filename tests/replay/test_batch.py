"""The net effect of changes is what they do one after the other."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmtui.replay.batch import Appended, OutOfOrderError, Stage, Step, TableBatch
from lmtui.replay.change import Delete, Insert, Names, Update, Values

R = ("public", "t")
Change = Insert | Update | Delete
Key = tuple[str | None, ...]


@dataclass
class Model:
    """A table: its rows by key, and strict about what may be done to them."""

    key: Names
    rows: dict[Key, dict[str, str | None]] = field(default_factory=dict)

    def key_of(self, row: dict[str, str | None]) -> Key:
        return tuple(row[name] for name in self.key)

    def insert(self, names: Names, values: Values) -> None:
        row = dict(zip(names, values, strict=True))
        assert self.key_of(row) not in self.rows
        self.rows[self.key_of(row)] = row

    def delete(self, key: Key) -> None:
        del self.rows[key]

    def update(self, key: Key, names: Names, values: Values) -> None:
        row = self.rows.pop(key)
        row = row | dict(zip(names, values, strict=True))
        assert self.key_of(row) not in self.rows
        self.rows[self.key_of(row)] = row

    def change(self, change: Change) -> None:
        """One change, as it is."""
        if isinstance(change, Insert):
            self.insert(change.names, change.values)
            return
        names, values = change.key_names, change.key_values
        if isinstance(change, Update):
            key = self.key_of(
                dict(zip(names or change.names, values or change.values, strict=True))
            )
            self.update(key, change.names, change.values)
        else:
            self.delete(self.key_of(dict(zip(names, values, strict=True))))

    def step(self, step: Step) -> None:
        """One step: of a stage the deletes, the updates and the inserts, each in any order."""
        if isinstance(step, Stage):
            for key in reversed(step.deletes):
                self.delete(key if len(self.key) > 1 else (key,))
            for key, row in reversed(step.updates.items()):
                self.update(key if len(self.key) > 1 else (key,), *row)
            for row in reversed(step.inserts.values()):
                self.insert(*row)
        elif isinstance(step, Appended):
            for row in step.rows:
                self.insert(*row)
        else:
            self.change(step)


@dataclass(frozen=True)
class History:
    """A table as it is, and what a source then did to it."""

    key: Names
    before: dict[Key, dict[str, str | None]]
    changes: list[Change]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any valid history over few keys, in the forms of both plugins."""
    key = draw(st.sampled_from([("k",), ("b", "k")]))
    columns = ("k", "a", "b", "toasted")
    whole_old_row = draw(st.booleans())
    values = st.sampled_from([None, "", "1", "2"])
    model = Model(key)

    def row(chosen: Key) -> dict[str, str | None]:
        return {name: draw(values) for name in columns} | dict(zip(key, chosen, strict=True))

    keys = st.tuples(*(st.sampled_from("xyz") for _ in key))
    for chosen in draw(st.sets(keys)):
        model.rows[chosen] = row(chosen)
    before = {chosen: dict(there) for chosen, there in model.rows.items()}
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 14))):
        chosen = draw(keys)
        if chosen not in model.rows:
            new = row(chosen)
            change: Change = Insert(R, tuple(new), tuple(new.values()))
        else:
            old = model.rows[chosen]
            identity = old if whole_old_row else {name: old[name] for name in key}
            given_old = (tuple(identity), tuple(identity.values()))
            if draw(st.booleans()):
                change = Delete(R, *given_old)
            else:
                after = draw(keys) if draw(st.booleans()) else chosen
                if after in model.rows and after != chosen:
                    after = chosen
                new = row(after)
                if draw(st.booleans()):
                    new = {name: value for name, value in new.items() if name != "toasted"}
                if after == chosen and not whole_old_row and draw(st.booleans()):
                    given_old = ((), ())
                change = Update(R, tuple(new), tuple(new.values()), *given_old)
        model.change(change)
        changes.append(change)
    return History(key, before, changes)


def batched(key: Names, changes: list[Change]) -> list[Step]:
    batch = TableBatch(key)
    for change in changes:
        batch.add(change)
    return batch.steps


def table(history: History) -> Model:
    return Model(history.key, {key: dict(row) for key, row in history.before.items()})


@given(histories())
@settings(max_examples=500)
def test_steps_give_the_same_table_as_the_changes(history: History) -> None:
    wanted, got = table(history), table(history)
    for change in history.changes:
        wanted.change(change)
    for step in batched(history.key, history.changes):
        got.step(step)
    assert got.rows == wanted.rows


@given(histories())
def test_without_a_key_everything_keeps_its_order(history: History) -> None:
    got: list[Change] = []
    for step in batched((), history.changes):
        if isinstance(step, Appended):
            got += [Insert(R, *row) for row in step.rows]
        else:
            assert isinstance(step, Update | Delete)
            got.append(step)
    assert got == history.changes


def insert(key: str) -> Insert:
    return Insert(R, ("k", "a"), (key, "new"))


def update(key: str, old: str = "") -> Update:
    return Update(R, ("k", "a"), (key, "changed"), *((("k",), (old,)) if old else ((), ())))


def delete(key: str) -> Delete:
    return Delete(R, ("k",), (key,))


@pytest.mark.parametrize(
    "changes",
    [
        [insert("x"), insert("x")],
        [update("x"), insert("x")],
        [delete("x"), update("x")],
        [delete("x"), delete("x")],
        [insert("x"), delete("x"), insert("x"), insert("x")],
        # What says no key cannot be gathered by it.
        [Delete(R, (), ())],
        [Delete(R, ("other",), ("1",))],
        [Update(R, ("a",), ("1",), (), ())],
        [Update(R, ("k",), ("1",), ("a",), ("1",))],
        [Insert(R, ("a",), ("1",))],
    ],
)
def test_what_contradicts_itself_is_refused(changes: list[Change]) -> None:
    with pytest.raises(OutOfOrderError):
        batched(("k",), changes)


def test_changes_of_one_key_are_folded() -> None:
    (step,) = batched(("k",), [insert("x"), update("x"), update("y"), update("y"), delete("z")])
    assert isinstance(step, Stage)
    assert step.inserts == {"x": (("k", "a"), ("x", "changed"))}
    assert step.updates == {"y": (("k", "a"), ("y", "changed"))}
    assert step.deletes == {"z": None}


def test_row_that_came_and_went_leaves_nothing() -> None:
    (step,) = batched(("k",), [insert("x"), delete("x")])
    assert not step


def test_row_that_was_replaced_is_deleted_and_inserted() -> None:
    (step,) = batched(("k",), [delete("x"), insert("x"), update("x")])
    assert isinstance(step, Stage)
    assert (list(step.deletes), list(step.inserts), list(step.updates)) == (["x"], ["x"], [])


def test_change_of_a_key_is_a_step_of_its_own() -> None:
    steps = batched(("k",), [insert("x"), update("y", old="x"), insert("x")])
    assert [type(step) for step in steps] == [Stage, Update, Stage]


def test_partial_update_keeps_what_it_does_not_name() -> None:
    partial = Update(R, ("k", "a"), ("x", "1"), (), ())
    whole = Update(R, ("k", "a", "toasted"), ("x", "2", "t"), (), ())
    for changes, expected in (
        ([whole, partial], ("x", "1", "t")),
        ([partial, whole], ("x", "2", "t")),
    ):
        (step,) = batched(("k",), changes)
        assert isinstance(step, Stage)
        assert step.updates == {"x": (("k", "a", "toasted"), expected)}
