"""Synchronisation points: as of which place of the stream the copy of each table is whole.

A table's changes that were committed by its point are in its copy; all later ones are not. The rule
is that of PostgreSQL's own table synchronisation ("Logical Replication", "Initial Snapshot"): what
counts is where a transaction ends, not where its changes are. A copy of a chunk has a point of its
own, and counts for what the stream says of that chunk; the point of a hypertable counts for all of
its chunks.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

from lmtui.replay.change import Relation

# Everything is behind it: of a table whose copy is under way nothing is applied.
NEVER = 2**64


class Point(NamedTuple):
    """A table's synchronisation point. `lsn` is as of where its copy is.

    Its `state` is copying, copied (what came since is caught up with) or done.
    """

    relation: Relation
    state: str
    lsn: int


def behind(points: Iterable[Point]) -> "Behind":
    """What replay passes over by these points."""
    return Behind({one.relation: one.lsn if one.state == "done" else NEVER for one in points})


def undecided(points: Iterable[Point]) -> int:
    """Up to which LSN it matters where a transaction ends."""
    return max((one.lsn for one in points if one.state == "done"), default=0)


class Passed(Protocol):
    """Which changes are to be passed over."""

    @property
    def any(self) -> bool:
        """Whether any change of the open transaction may be one."""
        ...

    def begin(self, commit: int) -> None:
        """A transaction begins that ends at `commit`."""
        ...

    def has(self, relation: Relation, target: Relation | None) -> bool:
        """Whether the changes of a relation, which belongs to `target`, are."""
        ...


class Behind:
    """Passes over what each table's copy holds, by its point; tables without one hold nothing.

    Transactions come in the order of their commits, so a point that was passed is forgotten.
    """

    def __init__(self, points: Mapping[Relation, int] | None = None) -> None:
        self._ahead = sorted((points or {}).items(), key=lambda one: one[1], reverse=True)
        self._open = dict(self._ahead)

    @property
    def any(self) -> bool:
        """Whether a table's point is still ahead."""
        return bool(self._open)

    def begin(self, commit: int) -> None:
        """Forget the points before `commit`."""
        while self._ahead and self._ahead[-1][1] < commit:
            del self._open[self._ahead.pop()[0]]

    def has(self, relation: Relation, target: Relation | None) -> bool:
        """Whether the copy of either holds what the open transaction did."""
        return relation in self._open or target in self._open


class AllBut:
    """Passes over everything but the changes of these tables: they are to catch up alone."""

    any = True

    def __init__(self, tables: Collection[Relation]) -> None:
        self._tables = frozenset(tables)

    def begin(self, commit: int) -> None:
        """A transaction makes no difference."""

    def has(self, relation: Relation, target: Relation | None) -> bool:
        """Whether the relation belongs to another one."""
        return target not in self._tables
