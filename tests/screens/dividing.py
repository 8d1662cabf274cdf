"""Plain tables that could become hypertables: of a usual shop, of the worst one, and many."""

import worst
from msgspec.structs import replace
from servers import GIB, SERVERS, SOURCE

from lmtui.hypertables.wanted import Candidate, Wanted

MIB = 1024**2
PLAIN = replace(
    SOURCE, extensions={"plpgsql": "1.0", "hstore": "1.8"}, timescaledb="", bytes=61 * GIB
)
PLAIN_SERVERS = {**SERVERS, "source": PLAIN}

UNIQUE = (
    "The primary key orders_pkey does not contain it, and each must: add the column to it on the"
    " source, or drop it."
)


def candidate(
    name: str,
    columns: dict[str, str],
    *,
    schema: str = "public",
    size: int = GIB,
    rows: int = 1_000_000,
    obstacles: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
    interval: str = "7 days",
) -> Candidate:
    """A table whose first column is suggested, unless something stands against all of them."""
    first = next(iter(columns))
    wanted = Wanted(schema=schema, name=name, column=first, interval=interval)
    return Candidate(
        schema=schema, name=name, bytes=size, rows=rows, columns=tuple(columns),
        integers=frozenset(c for c, type_ in columns.items() if type_ in ("integer", "bigint")),
        obstacles=dict.fromkeys(columns, obstacles), suggested=None if obstacles else wanted,
        doubts={first: doubts} if doubts else {}, types=columns,
    )  # fmt: skip


READINGS = candidate(
    "readings", {"at": "timestamp with time zone", "day": "date", "id": "bigint"},
    size=41 * GIB, rows=612_204_331, interval="1 day",
)  # fmt: skip
TYPICAL = (
    READINGS,
    candidate(
        "orders", {"placed_at": "timestamp with time zone", "id": "bigint"},
        size=12 * GIB, rows=8_801_220, obstacles=(UNIQUE,),
    ),
    candidate(
        "clicks", {"happened": "timestamp without time zone"}, schema="web", size=6 * GIB,
        rows=90_118_402, interval="30 days",
        doubts=(
            "The column may be NULL, though none was seen; a NULL stops the copy. To be sure:"
            " ALTER TABLE web.clicks ALTER COLUMN happened SET NOT NULL;",
        ),
    ),
    candidate("events", {"id": "bigint"}, size=900 * MIB, rows=4_120_551, interval="1000000"),
    candidate("rates", {"day": "date"}, size=12 * MIB, rows=9_120, interval="365 days"),
)  # fmt: skip

ODD = candidate(
    worst.ODD, {"at[/b] of a column that has a long name too, and [red] in it": "timestamp"},
    schema="[bold]a schema", size=93 * 1024**4, rows=9_912_204_330_118,
    obstacles=tuple(f"{UNIQUE} This is number {number} of several." for number in range(6)),
)  # fmt: skip
WORST = (
    ODD,
    *(
        candidate(
            f"x[/b] {number:03} {worst.ODD}"[:63],
            {"recorded_at_the_station[b]": "timestamp", "n": "bigint", "day": "date"},
            size=(400 - number) * GIB, rows=7_000_000 * (400 - number), interval="1000 days",
        )
        for number in range(300)
    ),
)  # fmt: skip


def many(number: int) -> tuple[Candidate, ...]:
    """So many tables, every third of which something stands against."""
    return tuple(
        candidate(
            f"log_{place:05}", {"at": "timestamp", "id": "bigint"}, size=(number - place) * MIB,
            rows=place * 1000, obstacles=(UNIQUE,) if place % 3 == 0 else (),
        )
        for place in range(number)
    )  # fmt: skip
