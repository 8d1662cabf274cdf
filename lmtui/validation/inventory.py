"""What else a database is made of: the differences between both sides, in words."""

from typing import NamedTuple

from lmtui.endpoint import Endpoint
from lmtui.validation.side import Side, both_sides

QUERIES = ("relations", "columns", "indexes", "constraints", "triggers", "functions", "types")

_RELATIONS = frozenset(
    {"table", "unlogged table", "partitioned table", "hypertable", "foreign table", "view",
     "materialized view", "sequence"}
)  # fmt: skip
_ROUTINES = frozenset({"function", "procedure", "aggregate"})
_HASHED = _ROUTINES | {"view", "materialized view"}
# What is longer than this in words is only said to differ.
_READABLE = 240


class Item(NamedTuple):
    """One object. `owner` is the relation it belongs to, `definition` what is compared."""

    kind: str
    name: str
    owner: str
    definition: str


Key = tuple[str, str]


def inventory_differences(source: Endpoint, target: Endpoint) -> tuple[str, ...]:
    """The differences between both sides' tables, columns, indexes, constraints, triggers,
    views, functions, sequences and types.

    Raises ConnectionFailedError or ServerError.
    """
    with both_sides(source, target, 0) as (ours, theirs):
        return differences(ours, theirs)


def differences(source: Side, target: Side) -> tuple[str, ...]:
    """The same for two sides that are open."""
    same_major = source.major == target.major
    return in_words(_items(source, same_major), _items(target, same_major))


def in_words(source: dict[Key, Item], target: dict[Key, Item]) -> tuple[str, ...]:
    """What differs, an object a line. Parts of a relation that is missing go without saying."""
    words = []
    for key in [*source, *(key for key in target if key not in source)]:
        ours, theirs = source.get(key), target.get(key)
        if ours is None and theirs is not None:
            if not theirs.owner or ("relation", theirs.owner) in source or _is_relation(theirs):
                words.append(f"{theirs.kind} {theirs.name}: only on the target")
        elif ours is not None and theirs is None:
            if not ours.owner or ("relation", ours.owner) in target or _is_relation(ours):
                words.append(f"{ours.kind} {ours.name}: missing on the target")
        elif ours is not None and theirs is not None and ours != theirs:
            words.append(_difference(ours, theirs))
    return tuple(words)


def _difference(ours: Item, theirs: Item) -> str:
    if ours.kind != theirs.kind:
        return f"{ours.name}: {ours.kind} on the source, {theirs.kind} on the target"
    shown = f"{ours.definition} on the source, {theirs.definition} on the target"
    if ours.kind in _HASHED or len(shown) > _READABLE:
        return f"{ours.kind} {ours.name}: defined differently"
    return f"{ours.kind} {ours.name}: {shown}"


def _is_relation(item: Item) -> bool:
    return item.kind in _RELATIONS


def _items(side: Side, same_major: bool) -> dict[Key, Item]:
    items: dict[Key, Item] = {}
    for query in QUERIES:
        for row in side.rows(f"validate_inventory_{query}", same_major=same_major):
            item = Item(*row)
            group = "relation" if _is_relation(item) else item.kind
            items[group, item.name] = item
    return dict(sorted(items.items()))
