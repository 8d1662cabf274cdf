"""Continuous aggregates as a catalog has them, the parents before those that read from them."""

from typing import LiteralString, NamedTuple

from psycopg import sql as compose

from lmtui.database import Connection, run
from lmtui.validation.relations import quoted

Name = tuple[str, str]

NUMBERS: dict[str, LiteralString] = {
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
}
MOMENTS: dict[str, LiteralString] = {
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}


class Aggregate(NamedTuple):
    """A continuous aggregate. `raw` is the id of what it reads, a hypertable or another's `id`.

    `watermark` and `bucket`, which is more than the width of one, are in TimescaleDB's numbers.
    """

    id: int
    raw: int
    view: Name
    direct: Name
    table: Name
    column: str
    type: str
    watermark: int | None
    bucket: int
    width: str
    timezone: str | None
    origin: str | None
    offset: str | None

    @property
    def text(self) -> str:
        """Its qualified name as SQL writes it."""
        return quoted(*self.view)


class Aggregates(NamedTuple):
    """What one side has. `forced`: a refresh can be made also where nothing was noted as changed.

    Such a refresh takes one bucket too many where it `overshoots`. `known` is false where there are
    some that this release keeps otherwise.
    """

    found: tuple[Aggregate, ...] = ()
    forced: bool = False
    overshoots: bool = False
    known: bool = True

    def by_view(self) -> dict[Name, Aggregate]:
        """By the name of their view."""
        return {one.view: one for one in self.found}


def read_aggregates(connection: Connection) -> Aggregates:
    """Read them. Raises psycopg's errors."""
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return Aggregates()
    readable, forced, some, overshoots = run(connection, "aggregates_known")[0]
    if not some or not readable:
        return Aggregates(forced=forced, known=not some)
    found = [
        Aggregate(
            row[0], row[1], (row[2], row[3]), (row[4], row[5]), (row[6], row[7]), *row[8:]
        )
        for row in run(connection, "aggregates")
    ]  # fmt: skip
    return Aggregates(tuple(in_order(found)), forced, forced and overshoots)


def as_number(one: Aggregate, value: compose.Composable) -> compose.Composed:
    """A value of its time column in TimescaleDB's numbers."""
    if one.type in NUMBERS:
        return compose.SQL("{}::bigint").format(value)
    return compose.SQL("(extract(epoch from {}) * 1000000)::bigint").format(value)


def bucket_of(one: Aggregate, schema: str, at: compose.Composable) -> compose.Composed:
    """Where the bucket begins that `at` is in."""
    kind = compose.SQL("interval")
    if one.type in NUMBERS:
        kind = compose.SQL(NUMBERS[one.type])
    given = [compose.SQL("{}::{}").format(compose.Literal(one.width), kind), at]
    origin = compose.SQL("{}::{}").format(
        compose.Literal(one.origin), compose.SQL(MOMENTS.get(one.type, "timestamptz"))
    )
    offset = compose.SQL("{}::{}").format(compose.Literal(one.offset), kind)
    if one.timezone is not None:
        given += [compose.Literal(one.timezone), origin, offset]
    elif one.origin is not None:
        given.append(origin)
    elif one.offset is not None:
        given.append(offset)
    return compose.SQL("{}.time_bucket({})").format(
        compose.Identifier(schema), compose.SQL(", ").join(given)
    )


def in_order(found: list[Aggregate]) -> list[Aggregate]:
    """Each behind the one that it reads from."""
    by_id = {one.id: one for one in found}

    def depth(one: Aggregate) -> int:
        parent = by_id.get(one.raw)
        return 0 if parent is None else 1 + depth(parent)

    return sorted(found, key=lambda one: (depth(one), one.view))
