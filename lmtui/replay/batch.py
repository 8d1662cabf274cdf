"""The net effect of many changes on one table, as few set-based steps. Pure.

Within a stage deletes go first, then updates, then inserts; every key is in at most one of them, or
in deletes and inserts (the row was replaced). That gives the same rows as the changes in their
order, unless a unique constraint other than the key is passed on from row to row: then the target
refuses, and the changes are applied one by one in their order instead.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from lmtui.replay.change import Delete, Insert, Names, Update, Values

Row = tuple[Names, Values]
Key = Any


class Stage:
    """Net changes keyed by the replica identity, in no order among each other."""

    __slots__ = ("deletes", "inserts", "updates")

    def __init__(self) -> None:
        self.deletes: dict[Key, None] = {}
        self.updates: dict[Key, Row] = {}
        self.inserts: dict[Key, Row] = {}

    def __bool__(self) -> bool:
        return bool(self.deletes or self.updates or self.inserts)


class Appended:
    """Inserts into a table without a key."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[Row] = []


class OutOfOrderError(Exception):
    """A change does not fit what came before it, so the changes must be applied one by one."""


Step = Stage | Appended | Update | Delete


class TableBatch:
    """Gathers the changes of one table. `key` names the columns that identify a row, if any."""

    def __init__(self, key: Names) -> None:
        self.key = key
        self.steps: list[Step] = []
        self._stage: Stage | None = None
        self._getters: dict[Names, Callable[[Values], Key]] = {}

    def add(self, change: Insert | Update | Delete) -> None:
        """Add a change. Raises OutOfOrderError where it contradicts those before it."""
        if not self.key:
            self._add_ordered(change)
        elif isinstance(change, Insert):
            self._insert(change)
        elif isinstance(change, Update):
            self._update(change)
        else:
            self._delete(change)

    def _add_ordered(self, change: Insert | Update | Delete) -> None:
        if isinstance(change, Insert):
            last = self.steps[-1] if self.steps else None
            if not isinstance(last, Appended):
                last = Appended()
                self.steps.append(last)
            last.rows.append((change.names, change.values))
        else:
            self.steps.append(change)

    def _current(self) -> Stage:
        if self._stage is None:
            self._stage = Stage()
            self.steps.append(self._stage)
        return self._stage

    def _key_of(self, names: Names, values: Values) -> Key:
        getter = self._getters.get(names)
        if getter is None:
            try:
                getter = itemgetter(*(names.index(column) for column in self.key))
            except ValueError:
                raise OutOfOrderError from None
            self._getters[names] = getter
        return getter(values)

    def _insert(self, change: Insert) -> None:
        key = self._key_of(change.names, change.values)
        stage = self._current()
        if key in stage.inserts or key in stage.updates:
            raise OutOfOrderError
        stage.inserts[key] = (change.names, change.values)

    def _update(self, change: Update) -> None:
        # An unchanged TOASTed part of the key is in the old key only.
        given = change.key_names or change.names
        key = self._key_of(given, change.key_values if change.key_names else change.values)
        if change.key_names and self._moves(change, key):
            self._stage = None
            self.steps.append(change)
            return
        stage = self._current()
        row = (change.names, change.values)
        if key in stage.inserts:
            stage.inserts[key] = _merged(stage.inserts[key], row)
        elif key in stage.updates:
            stage.updates[key] = _merged(stage.updates[key], row)
        elif key in stage.deletes:
            raise OutOfOrderError
        else:
            stage.updates[key] = row

    def _moves(self, change: Update, key: Key) -> bool:
        """Whether the key itself is changed."""
        if change.names in self._getters:
            return bool(self._getters[change.names](change.values) != key)
        new = dict(zip(change.names, change.values, strict=True))
        if set(self.key) <= new.keys():
            return bool(self._key_of(change.names, change.values) != key)
        old = dict(zip(change.key_names, change.key_values, strict=True))
        return any(new.get(name, old[name]) != old[name] for name in self.key)

    def _delete(self, change: Delete) -> None:
        key = self._key_of(change.key_names, change.key_values)
        stage = self._current()
        if key in stage.inserts:
            del stage.inserts[key]
            return
        stage.updates.pop(key, None)
        if key in stage.deletes:
            raise OutOfOrderError
        stage.deletes[key] = None


def _merged(before: Row, after: Row) -> Row:
    if before[0] == after[0]:
        return after
    row = dict(zip(*before, strict=True))
    row.update(zip(*after, strict=True))
    return tuple(row), tuple(row.values())
