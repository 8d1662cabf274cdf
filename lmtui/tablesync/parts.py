"""How a copy is cut into parts that are read side by side, in one snapshot. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from psycopg import sql

from lmtui.replay.change import Relation
from lmtui.tablesync.units import Unit

# 1 GiB of pages of 8 KiB. Smaller parts cost more than they gain.
PART_PAGES = 131_072


class Part(NamedTuple):
    """A part of a unit: the table on the source that is read, and between which pages of it.

    `also` is the table of its compressed rows, if there is one. `pages` is about how many there
    are, to have the large ones read first.
    """

    unit: Unit
    read: Relation
    label: str
    pages: int
    begin: int = 0
    end: int | None = None
    also: Relation | None = None

    @property
    def name(self) -> sql.Composed:
        """What stands behind FROM. A table that inherits is copied by itself."""
        plain = self.read == self.unit.target
        return sql.SQL("only {}" if plain else "{}").format(sql.Identifier(*self.read))

    @property
    def where(self) -> sql.Composable:
        """The condition that the part's rows meet: a range of ctid (TID Range Scan)."""
        conditions = []
        if self.begin:
            conditions.append(sql.SQL("ctid >= {}::tid").format(sql.Literal(f"({self.begin},0)")))
        if self.end is not None:
            conditions.append(sql.SQL("ctid < {}::tid").format(sql.Literal(f"({self.end},0)")))
        if not conditions:
            return sql.SQL("")
        return sql.SQL(" where {}").format(sql.SQL(" and ").join(conditions))


class Readable(NamedTuple):
    """A table on the source with its pages, and the table of its compressed rows, if it has one."""

    relation: Relation
    pages: int
    storage: Relation | None = None


def cut(unit: Unit, tables: Iterable[Readable], most: int | None) -> list[Part]:
    """The parts of a unit whose rows are in these tables, of so many pages at `most`.

    The rows of a compressed chunk are not where its pages are, so it is read in one. The last part
    of a table has no end, since it may have grown.
    """
    parts = []
    for read, count, storage in tables:
        pieces = max(1, -(-count // most)) if most and storage is None else 1
        size = -(-count // pieces)
        for number in range(pieces):
            last = number == pieces - 1
            label = ".".join(read) + (f" {number + 1}/{pieces}" if pieces > 1 else "")
            end = None if last else (number + 1) * size
            parts.append(Part(unit, read, label, size, number * size, end, storage))
    return parts


def in_order(parts: Sequence[Part]) -> list[Part]:
    """The largest first, so that none is left over at the end."""
    return sorted(parts, key=lambda part: part.pages, reverse=True)
