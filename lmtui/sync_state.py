"""Which tables were copied as of which point of the stream: a part of the state. Pure."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from lmtui import events as e


class SyncPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the stream as of which tables were copied: how many, and their bytes."""

    lsn: str
    at: datetime
    tables: int = 0
    bytes: int = 0


class Synchronised(msgspec.Struct, frozen=True, kw_only=True):
    """Which tables were copied as of which point, but for those of the slot's own snapshot.

    `copied` holds every table whose copy the journal has told, with its LSN; `aside` those that are
    to be copied by themselves, with the reason; `under_way` those of a resync that is not done, and
    `problem` why it could not be.
    """

    points: tuple[SyncPoint, ...] = ()
    copied: dict[tuple[str, str], str] = {}
    aside: dict[tuple[str, str], str] = {}
    under_way: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    problem: e.Problem | None = None


def synchronised(
    sync: Synchronised,
    event: e.PointTaken | e.TablesCopied | e.TablesSetAside | e.ResyncBegun | e.ResyncFailed
    | e.TablesSynchronised,
    at: datetime,
) -> Synchronised:  # fmt: skip
    """What is known of the tables' points after an event."""
    match event:
        case e.PointTaken():
            return replace(sync, points=(*sync.points, SyncPoint(lsn=event.lsn, at=at)))
        case e.TablesCopied():
            return replace(
                sync,
                points=_counted(sync.points, event.lsn, len(event.tables), event.bytes, at),
                copied=sync.copied | dict.fromkeys(event.tables, event.lsn),
            )
        case e.TablesSetAside():
            return replace(sync, aside=sync.aside | dict.fromkeys(event.tables, event.reason))
        case e.ResyncBegun():
            under_way = (*sync.under_way, *(t for t in event.tables if t not in sync.under_way))
            return replace(sync, under_way=under_way, reason=event.reason, problem=None)
        case e.ResyncFailed():
            return replace(sync, problem=event.problem)
        case e.TablesSynchronised():
            done = frozenset(event.tables)
            under_way = tuple(name for name in sync.under_way if name not in done)
            return replace(
                sync,
                points=_counted(sync.points, event.lsn, len(done), event.bytes, at),
                copied=sync.copied | dict.fromkeys(event.tables, event.lsn),
                aside={name: why for name, why in sync.aside.items() if name not in done},
                under_way=under_way,
                # What was only to be caught up with is not begun a second time.
                problem=sync.problem if under_way else None,
            )


def _counted(
    points: tuple[SyncPoint, ...], lsn: str, tables: int, size: int, at: datetime
) -> tuple[SyncPoint, ...]:
    """The points with so many more tables at one of them."""
    if not any(point.lsn == lsn for point in points):
        points = (*points, SyncPoint(lsn=lsn, at=at))
    return tuple(
        replace(point, tables=point.tables + tables, bytes=point.bytes + size)
        if point.lsn == lsn
        else point
        for point in points
    )
