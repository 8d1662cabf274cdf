"""Continuous aggregates compared: row by row where their checksums differ.

Sums of floating-point numbers depend on the order of the rows, which two servers need not share:
such values are equal if they are within TOLERANCES of each other, and the verdict says so.
"""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from psycopg import sql as compose

from lmtui.database import Connection, run, said_plainly
from lmtui.events import TableVerdict
from lmtui.humane import count_noun
from lmtui.replay.ranges import Span
from lmtui.validation.aggregates import Aggregate, as_number, read_aggregates
from lmtui.validation.relations import Relation, Source, checksum_of
from lmtui.validation.side import Reading, Side
from lmtui.validation.tasks import REFRESHED

# By the column's type, of the value: a hundred thousand times what one addition rounds, or more.
TOLERANCES = {"real": 1e-4, "double precision": 1e-9}
KIND = "continuous aggregate"
REFRESHED_TOO = "compared with what a refresh would give on the target now, as what it reads was"
# So many rows that differ are looked at again, and so many are named.
_LOOKED_AT, _NAMED = 2000, 3
_NEARLY = (
    "rows have floating-point values that differ in their last digits, as sums in another order do"
    f" (less than {TOLERANCES['double precision']:g} of double precision,"
    f" {TOLERANCES['real']:g} of real)"
)

_numbers = count(1)


class _Row(NamedTuple):
    number: int
    exact: tuple[str | None, ...]
    floats: tuple[float | None, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.number, *((value is None, value or "") for value in self.exact))


class _Found(NamedTuple):
    """Rows of one side that the other does not have, and how many are only nearly the same."""

    ours: list[_Row]
    theirs: list[_Row]
    nearly: int


def compare_aggregates(
    ours: Side, theirs: Side, kept: Mapping[int, Sequence[Span]]
) -> tuple[list[TableVerdict], tuple[str, ...]]:
    """A verdict on each that can be read, and in words what cannot. Raises ServerError.

    `kept` is what the target has kept of dropped chunks, by the source's id of a hypertable.
    """
    with said_plainly("The continuous aggregates cannot be read"):
        there, here = read_aggregates(ours.catalog), read_aggregates(theirs.catalog).by_view()
        unread = (
            () if there.known else ("continuous aggregates: this release keeps them otherwise",)
        )
        readings = []
        for one in there.found:
            columns = _columns(ours.catalog, one)
            statement = checksum_of(Source(_relation(one, columns)), [*columns])
            both = ours.read(statement), theirs.read(statement)
            readings.append((one, columns, both))
        verdicts = []
        spans: dict[int, Sequence[Span]] = dict(kept)
        stale: set[int] = set()
        for one, columns, both in readings:
            spans[one.id] = spans.get(one.raw, ())
            found = [both[0].result(), both[1].result()]
            if one.view not in here:
                verdicts.append(_verdict(one, found[0], Reading(), False, "missing on the target"))
                continue
            verdict = _judged(
                one, columns, found, ours, theirs, spans[one.id], here[one.view],
                stale=one.raw in stale,
            )  # fmt: skip
            if verdict.equal and verdict.note.endswith((REFRESHED, REFRESHED_TOO)):
                stale.add(one.id)
            verdicts.append(verdict)
    return verdicts, unread


def _judged(
    one: Aggregate, columns: Mapping[str, str], found: Sequence[Reading], ours: Side,
    theirs: Side, kept: Sequence[Span], here: Aggregate, *, stale: bool,
) -> TableVerdict:  # fmt: skip
    source, target = found
    errors = [
        f"{side}: {reading.error}"
        for side, reading in (("source", source), ("target", target))
        if reading.error
    ]
    if errors:
        return _verdict(one, source, target, False, "; ".join(errors))
    if (source.rows, source.checksum) == (target.rows, target.checksum):
        return _verdict(one, source, target, True, "")
    began = time.monotonic()
    view, direct = (
        compose.Identifier(*one.view),
        compose.Identifier(*(here if stale else one).direct),
    )
    rows = _differences(
        _read(ours.catalog, one, columns, view),
        _read(theirs.catalog, one, columns, view),
        columns,
    )
    # What was kept gives rows that the source has not, or other ones.
    inside = {
        row.number
        for row in rows.theirs
        if any(start - one.bucket < row.number < end for start, end in kept)
    }
    missing = [row for row in rows.ours if row.number not in inside]
    beyond = [row for row in rows.theirs if row.number not in inside]
    notes = [f"{rows.nearly} {_NEARLY}"] if rows.nearly else []
    if len(beyond) < len(rows.theirs):
        rest = len(rows.theirs) - len(beyond)
        notes.append(f"{count_noun(rest, 'row')} otherwise, from what was kept of dropped chunks")
    equal = not missing and not beyond
    if not equal and len(rows.ours) + len(rows.theirs) <= _LOOKED_AT:
        numbers = sorted({row.number for row in (*missing, *beyond)})
        # Where what it reads is refreshed here and stale there, the source has nothing to compare
        # with; but the rows that it reads here are proven by then.
        side = theirs if stale else ours
        again = _differences(
            _read(side.catalog, here if stale else one, columns, direct, numbers),
            _read(theirs.catalog, one, columns, view, numbers),
            columns,
        )
        equal = not again.ours and not again.theirs
        if equal:
            notes.append(REFRESHED_TOO if stale else REFRESHED)
    if not equal:
        notes.append(_named(missing, beyond))
    seconds = time.monotonic() - began
    return _verdict(one, source, target, equal, "; ".join(notes), seconds)


def _named(ours: Sequence[_Row], theirs: Sequence[_Row]) -> str:
    shown = [
        f"{side}: {', '.join(map(str, (*row.exact, *row.floats)))}"
        for side, rows in (("only on the source", ours), ("only on the target", theirs))
        for row in rows[:_NAMED]
    ]
    many = "at least " if len(ours) + len(theirs) > _LOOKED_AT else ""
    counted = f"{many}{len(ours)} rows of the source, {len(theirs)} of the target have no equal"
    return f"{counted}; {'; '.join(shown)}"


def _verdict(
    one: Aggregate, source: Reading, target: Reading, equal: bool, note: str, seconds: float = 0.0
) -> TableVerdict:
    return TableVerdict(
        schema=one.view[0], name=one.view[1], kind=KIND,
        source_rows=source.rows, target_rows=target.rows,
        source_checksum=source.checksum, target_checksum=target.checksum,
        equal=equal, seconds=max(source.seconds, target.seconds) + seconds, note=note,
    )  # fmt: skip


def _columns(connection: Connection, one: Aggregate) -> dict[str, str]:
    """Its columns with their types, as text."""
    schema, name = one.view
    rows = run(connection, "relation_columns", {"schema": schema, "name": name})
    return dict(rows)


def _relation(one: Aggregate, columns: Mapping[str, str]) -> Relation:
    return Relation(*one.view, "view", False, True, [*columns], 0, "")


def _read(
    connection: Connection, one: Aggregate, columns: Mapping[str, str],
    source: compose.Composable, numbers: Sequence[int] | None = None,
) -> Iterator[_Row]:  # fmt: skip
    """All rows, or those of some buckets, in an order that both servers share."""
    exact = [name for name, kind in columns.items() if kind not in TOLERANCES]
    floats = [name for name, kind in columns.items() if kind in TOLERANCES]
    number = as_number(one, compose.Identifier(one.column))
    values = [
        *(compose.SQL('{}::text collate "C"').format(compose.Identifier(n)) for n in exact),
        *(compose.SQL("{}::float8").format(compose.Identifier(n)) for n in floats),
    ]
    where: compose.Composable = compose.SQL("")
    if numbers is not None:
        where = compose.SQL(" where {} = any ({}::bigint[])").format(
            number, compose.Literal(list(numbers))
        )
    query = compose.SQL("select {}, {} from {}{} order by {}").format(
        number, compose.SQL(", ").join(values), source, where,
        compose.SQL(", ").join(compose.SQL(str(at)) for at in range(1, len(values) + 2)),
    )  # fmt: skip
    # Both the rows and what they should be may be read from one server.
    with connection.cursor(name=f"lmtui_{next(_numbers)}") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query)
        for row in cursor:
            yield _Row(row[0], row[1 : 1 + len(exact)], row[1 + len(exact) :])


def _differences(
    ours: Iterator[_Row], theirs: Iterator[_Row], columns: Mapping[str, str]
) -> _Found:
    found = _Found([], [], 0)
    nearly = 0
    close = [TOLERANCES[kind] for kind in columns.values() if kind in TOLERANCES]
    left, right = next(ours, None), next(theirs, None)
    while left is not None or right is not None:
        if len(found.ours) + len(found.theirs) > _LOOKED_AT:
            break
        if right is None or (left is not None and left.key < right.key):
            assert left is not None  # noqa: S101
            found.ours.append(left)
            left = next(ours, None)
        elif left is None or right.key < left.key:
            found.theirs.append(right)
            right = next(theirs, None)
        else:
            if left.floats != right.floats:
                if all(map(_close, left.floats, right.floats, close)):
                    nearly += 1
                else:
                    found.ours.append(left)
                    found.theirs.append(right)
            left, right = next(ours, None), next(theirs, None)
    return found._replace(nearly=nearly)


def _close(left: float | None, right: float | None, tolerance: float) -> bool:
    if left is None or right is None:
        return left is right
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance)
