"""What else a database is made of: the differences between both sides, in words."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from psycopg import sql

from lmtui.database import said_plainly
from lmtui.endpoint import Endpoint
from lmtui.humane import count_noun, count_text
from lmtui.replay.catalog import split_qualified
from lmtui.validation.relations import Name, quoted
from lmtui.validation.side import Side, both_sides

QUERIES = (
    "relations", "columns", "indexes", "constraints", "triggers", "functions", "types",
    "extensions", "publications",
)  # fmt: skip
# What the finish of a cutover brings over where it may.
PROPERTIES = ("owners", "grants", "defaults", "comments", "settings")
# What differs of itself, and why.
_EXPECTED = {
    "number of chunks": "each side cuts its chunks itself",
    "extension": "each server has its own version",
    "publication": "publications are not copied: make those that are still needed",
}
_MADE = " (expected: it was to become a hypertable)"
_OF_HYPERTABLES = frozenset({"dimension", "compression", "number of chunks"})
_MOST_RIGHTS = 20

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
    views, functions, sequences, types, extensions, publications, owners, rights, comments and
    settings, rows that extensions keep; with TimescaleDB dimensions, compression and its settings,
    aggregates, jobs and numbers of chunks.

    Raises ConnectionFailedError or ServerError.
    """
    with both_sides(source, target, 0) as (ours, theirs):
        return differences(ours, theirs)


def differences(
    source: Side,
    target: Side,
    paused: Collection[int] | None = None,
    made: Collection[Name] = (),
) -> tuple[str, ...]:
    """The same for two sides that are open. `made` are tables that were to become hypertables.

    Which jobs are active is compared where `paused` names those that lmtui has paused on the
    source; until the end of a cutover it holds all of the target's.
    """
    same_major = source.major == target.major
    queries = [*QUERIES, *PROPERTIES]
    if source.timescaledb and target.timescaledb:
        queries.append("timescaledb")
    ours, theirs = (items(side, queries, same_major) for side in (source, target))
    if paused is not None and "timescaledb" in queries:
        ours |= items(source, ["schedules"], paused=list(paused))
        theirs |= items(target, ["schedules"], paused=[])
    return in_words(
        {**ours, **_extension_data(source)}, {**theirs, **_extension_data(target)}, made
    )


def _extension_data(side: Side) -> dict[Key, Item]:
    """How many rows of users extensions keep, such as pg_cron's jobs."""
    found = {}
    for schema, name, extension, condition, readable in side.rows("validate_extension_tables"):
        rows = "cannot be read"
        if readable:
            # The condition is the extension's own, a whole WHERE clause.
            query = sql.SQL("select count(*) from {} {}").format(
                sql.Identifier(schema, name), sql.SQL(condition)
            )
            with said_plainly(f"The rows of {extension} on the {side.endpoint.side} are unknown"):
                rows = count_text(side.catalog.execute(query).fetchall()[0][0])
        item = Item("rows", f"of {quoted(schema, name)} (extension {extension})", "", rows)
        found[item.kind, item.name] = item
    return found


def in_words(
    source: dict[Key, Item], target: dict[Key, Item], made: Collection[Name] = ()
) -> tuple[str, ...]:
    """What differs, an object a line. Parts of a relation that is missing go without saying.

    What tells a hypertable from the plain table that it was `made` of is said to be expected.
    """
    words: list[str] = []
    owners: dict[tuple[str, str], list[str]] = {}
    for key in [*source, *(key for key in target if key not in source)]:
        ours, theirs = source.get(key), target.get(key)
        if ours is None and theirs is not None:
            if not theirs.owner or ("relation", theirs.owner) in source or _is_relation(theirs):
                its_own = theirs.kind in _OF_HYPERTABLES and _is_of(theirs, made)
                words.append(
                    f"{theirs.kind} {theirs.name}: only on the target{_MADE if its_own else ''}"
                )
        elif ours is not None and theirs is None:
            if not ours.owner or ("relation", ours.owner) in target or _is_relation(ours):
                words.append(f"{ours.kind} {ours.name}: missing on the target")
        elif ours is not None and theirs is not None and ours != theirs:
            if ours.kind == "owner":
                its = _role(ours), _role(theirs)
                owners.setdefault(its, []).append(ours.name)
            else:
                comes_with = _is_of(theirs, made) and _comes_with(ours, theirs)
                words.append(_difference(ours, theirs) + (_MADE if comes_with else ""))
    words += [
        f"owner of {count_noun(len(names), 'object')}: {here} on the source, {there} on the "
        f"target: {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"
        for (here, there), names in owners.items()
    ]
    rights = [word for word in words if word.startswith("right ")]
    hidden = set(rights[_MOST_RIGHTS:])
    words = [_explained(word) for word in words if word not in hidden]
    if hidden:
        words.append(f"and {len(hidden)} more rights")
    return tuple(words)


def _is_of(item: Item, made: Collection[Name]) -> bool:
    return bool(made) and split_qualified(item.owner) in made


def _comes_with(ours: Item, theirs: Item) -> bool:
    """Whether that is what create_hypertable does to a table: its time may not be null."""
    if theirs.kind == "column":
        return theirs.definition.replace(" not null", "", 1) == ours.definition
    return (ours.kind, theirs.kind) == ("table", "hypertable")


def _explained(words: str) -> str:
    if words.endswith(_MADE):
        return words
    for kind, why in _EXPECTED.items():
        if words.startswith(f"{kind} "):
            return f"{words} (expected: {why})"
    return words


def _role(item: Item) -> str:
    return item.definition.rpartition(" to ")[2]


def _difference(ours: Item, theirs: Item) -> str:
    if ours.kind != theirs.kind:
        return f"{ours.name}: {ours.kind} on the source, {theirs.kind} on the target"
    shown = f"{ours.definition} on the source, {theirs.definition} on the target"
    if ours.kind in _HASHED or len(shown) > _READABLE:
        return f"{ours.kind} {ours.name}: defined differently"
    return f"{ours.kind} {ours.name}: {shown}"


def _is_relation(item: Item) -> bool:
    return item.kind in _RELATIONS


def items(
    side: Side, queries: Iterable[str], same_major: bool = True, **parameters: list[int]
) -> dict[Key, Item]:
    """The objects that these queries know, by kind and name."""
    found: dict[Key, Item] = {}
    for query in queries:
        for row in side.rows(f"validate_inventory_{query}", same_major=same_major, **parameters):
            item = Item(*row)
            group = "relation" if _is_relation(item) else item.kind
            found[group, item.name] = item
    return dict(sorted(found.items()))
