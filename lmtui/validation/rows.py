"""Which rows differ: a part that does is cut into buckets by its rows' keys, down to rows.

Two passes over the part on either side: one sums the hashes of each bucket, the next reads the keys
of those that differ. Then the rows are read by their keys.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from psycopg import sql as compose

from lmtui.database import Connection, run
from lmtui.events import RowDifference
from lmtui.humane import count_noun
from lmtui.queries import sql
from lmtui.validation.relations import Relation, Source, quoted, row_text

# So many rows are meant to be in a bucket, and so many rows are shown of a part.
BUCKET_ROWS = 1000
MOST_BUCKETS = 65536
BUCKETS_READ = 16
SHOWN = 20
VALUE_CHARACTERS = 200

Key = tuple[str | None, ...]


class RowKey(NamedTuple):
    """The columns that a row is known by, with their types; none where nothing identifies it."""

    columns: tuple[str, ...]
    types: tuple[str, ...]


class Suspect(NamedTuple):
    """Rows of a relation that differed when they were looked at."""

    relation: Relation
    columns: Sequence[str]
    key: RowKey
    keys: tuple[Key, ...]
    differences: tuple[RowDifference, ...]
    more: bool


def find(
    ours: Connection, theirs: Connection, source: Source, target: Source,
    columns: Sequence[str], rows: int, most: int = SHOWN,
) -> Suspect:  # fmt: skip
    """The rows of a part that differ, `most` of them.

    Both connections are in the snapshots to compare.
    """
    key = read_key(ours, source.relation, columns)
    mask = _mask(rows)
    with ThreadPoolExecutor(2) as pool:
        sums = list(pool.map(
            lambda one: _buckets(*one, key=key, columns=columns, mask=mask),
            ((ours, source), (theirs, target)),
        ))  # fmt: skip
        differing = sorted(
            bucket for bucket in sums[0].keys() | sums[1].keys()
            if sums[0].get(bucket) != sums[1].get(bucket)
        )  # fmt: skip
        chosen = differing[: max(BUCKETS_READ, most)]
        read = list(pool.map(
            lambda one: _rows(*one, key=key, columns=columns, mask=mask, buckets=chosen),
            ((ours, source), (theirs, target)),
        ))  # fmt: skip
    keys = _differing(read[0], read[1])
    more = len(differing) > len(chosen) or len(keys) > most
    found = keys[:most]
    if key.columns:
        shown = show(ours, theirs, source, target, columns, key, found[:SHOWN])
    else:
        shown = _without_key(source, found[:SHOWN], read[0], read[1])
    return Suspect(source.relation, columns, key, found, shown, more)


def read_key(connection: Connection, relation: Relation, columns: Sequence[str]) -> RowKey:
    """The key of a relation, of columns that are compared."""
    name = compose.Identifier(relation.schema, relation.name).as_string(connection)
    found = run(connection, "validate_key", {"relation": name})
    if any(column not in columns for column, _ in found):
        found = []
    return RowKey(tuple(column for column, _ in found), tuple(type_ for _, type_ in found))


def show(
    ours: Connection, theirs: Connection, source: Source, target: Source,
    columns: Sequence[str], key: RowKey, keys: Sequence[Key],
) -> tuple[RowDifference, ...]:  # fmt: skip
    """Both sides' values of the rows with these keys, where they differ still."""
    here = read_rows(ours, source, columns, key, keys)
    there = read_rows(theirs, target, columns, key, keys)
    found = []
    for one in keys:
        left, right = here.get(one, []), there.get(one, [])
        if sorted(left, key=repr) == sorted(right, key=repr):
            continue
        words = ", ".join(
            f"{quoted(name)} = {_short(value)}"
            for name, value in zip(key.columns, one, strict=True)
        )
        only = _changed(columns, left, right)
        found.append(
            RowDifference(
                relation=source.relation.text, key=words, source=_said(left, only),
                target=_said(right, only),
            )
        )  # fmt: skip
    return tuple(found)


def read_rows(
    connection: Connection, source: Source, columns: Sequence[str], key: RowKey,
    keys: Sequence[Key],
) -> dict[Key, list[Key]]:  # fmt: skip
    """The rows with these keys, all values as text."""
    rows: dict[Key, list[Key]] = {}
    if not keys:
        return rows
    statement = compose.SQL("select {key}, {columns} from {relation} {where} {wanted}")
    for its_key, values in connection.execute(
        statement.format(
            key=_as_text(key.columns), columns=_as_text(columns), relation=source.name,
            where=source.also, wanted=one_of(key, keys),
        )
    ):  # fmt: skip
        rows.setdefault(tuple(its_key), []).append(tuple(values))
    return rows


def one_of(key: RowKey, keys: Sequence[Key]) -> compose.Composed:
    """The condition that a row has one of these keys."""
    wanted = compose.SQL(", ").join(
        compose.SQL("({})").format(
            compose.SQL(", ").join(
                compose.SQL("{}::{}").format(compose.Literal(value), compose.SQL(type_))
                for value, type_ in zip(one, key.types, strict=True)
            )
        )
        for one in keys
    )
    names = compose.SQL(", ").join(map(compose.Identifier, key.columns))
    return compose.SQL("({}) in ({})").format(names, wanted)


def _buckets(
    connection: Connection, source: Source, *, key: RowKey, columns: Sequence[str], mask: int
) -> dict[int, tuple[Any, ...]]:
    statement = compose.SQL(sql("validate_buckets")).format(
        mask=compose.Literal(mask),
        key=row_text(key.columns or columns, recode=source.recode),
        text=row_text(columns, recode=source.recode),
        relation=source.text,
    )
    return {row[0]: tuple(row[1:]) for row in connection.execute(statement)}


def _rows(
    connection: Connection, source: Source, *, key: RowKey, columns: Sequence[str], mask: int,
    buckets: Sequence[int],
) -> Counter[tuple[str, Key, str]]:  # fmt: skip
    if not buckets:
        return Counter()
    statement = compose.SQL(sql("validate_bucket_rows")).format(
        mask=compose.Literal(mask),
        key=row_text(key.columns or columns, recode=source.recode),
        columns=_as_text(key.columns),
        text=row_text(columns, recode=source.recode),
        relation=source.text,
        buckets=compose.Literal(list(buckets)),
    )
    return Counter(
        (text, tuple(values), hashed) for text, values, hashed in connection.execute(statement)
    )


def _differing(
    here: Counter[tuple[str, Key, str]], there: Counter[tuple[str, Key, str]]
) -> tuple[Key, ...]:
    """The keys, or without one the rows' texts, of what is not as often on both sides."""
    odd = [*(here - there), *(there - here)]
    return tuple(dict.fromkeys(values or (text,) for text, values, _ in odd))


def _without_key(
    source: Source, found: Iterable[Key], here: Counter[Any], there: Counter[Any]
) -> tuple[RowDifference, ...]:
    def times(side: Counter[Any], text: str | None) -> str | None:
        count = sum(number for (its, _, _), number in side.items() if its == text)
        return count_noun(count, "time") if count else None

    return tuple(
        RowDifference(
            relation=source.relation.text, key=f"row {_short(text)}", source=times(here, text),
            target=times(there, text),
        )
        for (text, *_) in found
    )  # fmt: skip


def _mask(rows: int) -> int:
    buckets = 1
    while buckets < MOST_BUCKETS and buckets * BUCKET_ROWS < rows:
        buckets *= 2
    return buckets - 1


def _as_text(columns: Sequence[str]) -> compose.Composable:
    return compose.SQL("array[{}]::text[]").format(
        compose.SQL(", ").join(
            compose.SQL("{}::text").format(compose.Identifier(column)) for column in columns
        )
    )


def _changed(columns: Sequence[str], left: list[Key], right: list[Key]) -> dict[int, str]:
    """The columns to show: those that differ, where both sides have one row."""
    every = dict(enumerate(columns))
    if len(left) != 1 or len(right) != 1:
        return every
    return {at: name for at, name in every.items() if left[0][at] != right[0][at]}


def _said(rows: list[Key], only: dict[int, str]) -> str | None:
    if not rows:
        return None
    said = [
        ", ".join(f"{quoted(name)} = {_short(row[at])}" for at, name in only.items())
        for row in rows
    ]
    return said[0] if len(said) == 1 else f"{len(said)} rows: {'; '.join(said)}"


def _short(value: str | None) -> str:
    if value is None:
        return "NULL"
    if len(value) <= VALUE_CHARACTERS:
        return value
    return f"{value[:VALUE_CHARACTERS]}… ({len(value)} characters)"
