"""The synchronisation points as the target keeps them, beside the progress row.

Whoever changes them counts that up in the progress row, in the same transaction. An applier
advances its row only under the count that it began with, so no change is ever applied by points
that are no longer true, whatever was killed when.
"""

from collections.abc import Iterable

from lmtui.database import Connection, run
from lmtui.queries import sql
from lmtui.replay.change import Relation
from lmtui.replay.lsn import format_lsn, parse_lsn
from lmtui.replay.points import Point


def read_points(connection: Connection, slot: str) -> list[Point]:
    """All points of a slot's tables, by name."""
    return [
        Point((schema, name), state, parse_lsn(lsn) if lsn else 0)
        for schema, name, state, lsn in run(connection, "points_read", {"slot": slot})
    ]


def write_points(
    connection: Connection, slot: str, relations: Iterable[Relation], state: str, lsn: int = 0
) -> None:
    """Set the points of these tables; the caller commits, and replay goes by them from then on."""
    cursor = connection.cursor()
    cursor.executemany(
        sql("points_write"),
        [
            {"slot": slot, "schema": schema, "name": name, "state": state,
             "lsn": format_lsn(lsn) if lsn else None}
            for schema, name in relations
        ],
    )  # fmt: skip
    connection.execute("update lmtui.progress set points = points + 1 where slot = %s", (slot,))
