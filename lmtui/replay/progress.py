"""The progress row on the target, advanced in the transaction that applies the changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from lmtui.database import Connection, run
from lmtui.errors import LmtuiError
from lmtui.queries import sql
from lmtui.refused import Refused
from lmtui.replay.change import DataChange, Delete, Insert, Located, Truncate, Update
from lmtui.replay.facts import Fact, RangesFacts
from lmtui.replay.lsn import format_lsn, parse_lsn


class OvertakenError(LmtuiError):
    """Another applier has advanced the progress row."""


class PointsChangedError(LmtuiError):
    """A table's synchronisation point has changed since this applier has read them."""


@dataclass
class Counts:
    """Changes applied, by kind; `copied` were in a table's copy already."""

    insert: int = 0
    update: int = 0
    delete: int = 0
    truncate: int = 0
    transactions: int = 0
    skipped: int = 0
    copied: int = 0

    @property
    def rows(self) -> int:
        """Changes of rows."""
        return self.insert + self.update + self.delete

    def skip(self, skipped: Iterable[tuple[Located, Refused]]) -> list[Refused]:
        """Count changes as passed over that were counted as applied; returns why each was."""
        reasons = []
        for located, why in skipped:
            self.count(type(located.change), -1)
            self.skipped += 1
            reasons.append(why)
        return reasons

    def count(self, kind: type[DataChange], number: int = 1) -> None:
        """Count changes of a kind, if it is of rows or of whole tables."""
        if kind is Insert:
            self.insert += number
        elif kind is Update:
            self.update += number
        elif kind is Delete:
            self.delete += number
        elif kind is Truncate:
            self.truncate += number


@dataclass(frozen=True)
class Progress:
    """Where replay stands: all that ended by `lsn` is applied. `at` as in change.Commit.

    `points` counts how often the synchronisation points have changed.
    """

    lsn: int
    at: int
    counts: Counts = field(default_factory=Counts)
    marker: str = ""
    points: int = 0


def create(connection: Connection, slot: str, lsn: int) -> None:
    """Make the row at the slot's consistent point; leaves one that is there as it is."""
    connection.execute(sql("progress_create"))
    connection.execute(
        "insert into lmtui.progress (slot, commit_lsn, committed_at) "
        "values (%s, %s, (extract(epoch from now()) * 1000000)::bigint) on conflict do nothing",
        (slot, format_lsn(lsn)),
    )


def merge(connection: Connection, slot: str, name: str) -> None:
    """Count with the slot's own what was applied under another name; the caller commits."""
    connection.execute(sql("progress_merge"), {"slot": slot, "name": name})
    connection.execute("update lmtui.skipped set slot = %s where slot = %s", (slot, name))
    drop(connection, name)


def forget(connection: Connection, slot: str) -> None:
    """Remove what is remembered of a slot, on a target that may hold nothing yet."""
    connection.execute(sql("progress_create"))
    drop(connection, slot)
    connection.execute("delete from lmtui.points where slot = %s", (slot,))
    connection.execute("delete from lmtui.parts where slot = %s", (slot,))


def drop(connection: Connection, slot: str) -> None:
    """Remove what replay has kept of a slot, but for its tables' points; the caller commits."""
    connection.execute("delete from lmtui.progress where slot = %s", (slot,))
    connection.execute("delete from lmtui.learned where slot = %s", (slot,))
    connection.execute("delete from lmtui.skipped where slot = %s", (slot,))


def read(connection: Connection, slot: str) -> Progress:
    """Read the row. Raises LmtuiError where there is none."""
    rows = run(connection, "progress_read", {"slot": slot})
    if not rows:
        raise LmtuiError(
            f"The target holds no progress of the slot {slot}",
            hint="Its schema lmtui was removed; begin again with lmtui clean and a new migration.",
        )
    lsn, at, *counts, marker, points = rows[0]
    return Progress(parse_lsn(lsn), at, Counts(*counts), marker, points)


def advance(
    connection: Connection, slot: str, before: Progress, *, lsn: int, at: int, done: Counts,
    marker: str,
) -> Progress:  # fmt: skip
    """Advance the row; the caller commits.

    Raises OvertakenError where it is not at `before`, PointsChangedError where only the points are
    not those of `before`.
    """
    cursor = connection.execute(
        sql("progress_advance"),
        {
            "slot": slot, "from": format_lsn(before.lsn), "to": format_lsn(lsn), "at": at,
            "insert": done.insert, "update": done.update, "delete": done.delete,
            "truncate": done.truncate, "transactions": done.transactions,
            "skipped": done.skipped, "copied": done.copied, "marker": marker,
            "points": before.points,
        },
    )  # fmt: skip
    if cursor.rowcount != 1:
        if read(connection, slot).lsn == before.lsn:
            raise PointsChangedError("The synchronisation points have changed")
        raise OvertakenError(f"Another applier works for the slot {slot}")
    total = Counts(
        before.counts.insert + done.insert,
        before.counts.update + done.update,
        before.counts.delete + done.delete,
        before.counts.truncate + done.truncate,
        before.counts.transactions + done.transactions,
        before.counts.skipped + done.skipped,
        before.counts.copied + done.copied,
    )
    return Progress(lsn, at, total, marker or before.marker, before.points)


def read_learned(connection: Connection, slot: str) -> list[Fact]:
    """What the stream has told of the source's catalog since the snapshot."""
    rows = connection.execute("select fact from lmtui.learned where slot = %s", (slot,))
    return [msgspec.json.decode(fact, type=Fact) for (fact,) in rows]


def read_ranges(connection: Connection, slot: str) -> list[RangesFacts]:
    """What became of each hypertable's time since the snapshot."""
    return [fact for fact in read_learned(connection, slot) if isinstance(fact, RangesFacts)]


def read_skipped(connection: Connection, slot: str) -> list[Refused]:
    """What was passed over since the snapshot, in the order of the stream."""
    rows = connection.execute(
        "select refused from lmtui.skipped where slot = %s order by number", (slot,)
    )
    return [msgspec.json.decode(refused, type=Refused) for (refused,) in rows]


def keep_skipped(connection: Connection, slot: str, skipped: Iterable[Refused]) -> None:
    """Keep what was passed over, once each; the caller commits."""
    for one in skipped:
        connection.execute(
            "insert into lmtui.skipped (slot, change, refused) values (%s, %s, %s)",
            (slot, one.change, msgspec.json.encode(one).decode()),
        )


def remember(connection: Connection, slot: str, learned: Mapping[str, Fact]) -> None:
    """Keep what the stream has told, by its key; the caller commits."""
    if not learned:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into lmtui.learned values (%s, %s, %s) "
            "on conflict (slot, key) do update set fact = excluded.fact",
            [(slot, key, msgspec.json.encode(fact).decode()) for key, fact in learned.items()],
        )
