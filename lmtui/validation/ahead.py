"""Comparing ahead of the cutover, round by round, so that little is left for the downtime.

Every round finds a common point, compares what was never compared or has changed since, and keeps
what is equal. What differs is compared at a second point before it is called different.
"""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from datetime import UTC, datetime
from typing import NamedTuple

from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError
from lmtui.events import RowDifference, VerifiedAhead
from lmtui.replay.lsn import format_lsn
from lmtui.validation import tasks
from lmtui.validation.compare import find_rows
from lmtui.validation.dropped import parts_without_kept, read_remembered
from lmtui.validation.kept import Kept, KeptPart
from lmtui.validation.point import CommonPoint, Replay, common_point
from lmtui.validation.relations import Name, relations, split
from lmtui.validation.repair import MOST, repair
from lmtui.validation.side import Reading

# A snapshot that is held keeps vacuum from its work: what is left is for the next round.
ROUND_SECONDS = 300.0
# A part that goes on changing is compared again, but for no more than 1/20 of the time.
AGAIN_SECONDS = 30.0
AGAIN_TIMES = 20.0


# The rows that differ, by the part that they are in.
Differences = dict[str, tuple[RowDifference, ...]]


class Round(NamedTuple):
    """What a round found: of the parts that were `due`, some may be `left` for the next."""

    event: VerifiedAhead
    kept: Kept
    due: int
    left: int


class Ahead:
    """The comparison ahead of one cutover. `quick` leaves no pauses between the parts."""

    def __init__(
        self, source: Endpoint, target: Endpoint, replay: Replay, skip: Collection[Name],
        kept: Kept, jobs: int = 1,
    ) -> None:  # fmt: skip
        self._source, self._target, self._replay = source, target, replay
        self._skip = skip
        self._jobs = jobs
        self._compared: dict[str, tuple[float, float]] = {}
        self._different: Differences = {}
        self.kept = kept

    def round(self, *, quick: bool = False) -> Round:
        """Compare what is due as of one point, and what differs as of a second one."""
        began = time.monotonic()
        with common_point(self._source, self._target, self._replay, jobs=self._jobs) as point:
            groups = self._tasks(point)
            due = [task for task in tasks.chosen(groups, ()) if quick or self._is_due(task)]
            equal, differing, rows = self._compare(point, due, began, quick=quick)
        confirmed: Differences = {}
        if differing:
            confirmed = self._again({task.text for task in differing})
        self._different = still_different(
            self._different,
            compared={task.text for task, _ in equal} | {task.text for task in differing},
            confirmed=confirmed,
            every={task.text for group in groups for task in group},
        )
        found = tuple(row for rows_ in self._different.values() for row in rows_)
        known = {part: kept for part, kept in self.kept.by_key().items() if part in _keys(groups)}
        for task, reading in equal:
            known[_key(task)] = _kept(task, reading, point.lsn)
        for task in differing:
            known.pop(_key(task), None)
        self.kept = Kept(parts=tuple(known.values()), differences=found)
        fresh = {_key(task) for task, _ in equal}
        every = [task for group in groups for task in group]
        compared = sum(task.kept is not None or _key(task) in fresh for task in every)
        event = VerifiedAhead(
            lsn=format_lsn(point.lsn), units=len(every), compared=compared,
            different=tuple(self._different), rows=rows, seconds=round(time.monotonic() - began, 3),
            pause=round(point.pause, 3),
        )  # fmt: skip
        return Round(event, self.kept, len(due), len(due) - len(equal) - len(differing))

    def repair(self, relation: Name) -> int:
        """Copy the rows of a relation that differ, at a common point; returns how many keys.

        Raises BlockedError where that cannot be done, or nothing differs.
        """
        count = 0

        def mend(point: CommonPoint) -> None:
            nonlocal count
            for group in self._tasks(point):
                if group[0].pair.relation.key != relation:
                    continue
                both = [tasks.begin(task._replace(kept=None), point.source, point.target)
                        for task in group]  # fmt: skip
                for task, rows in tasks.unequal(group, both):
                    assert task.target is not None  # noqa: S101
                    found = find_rows(task, rows, point.source, point.target, MOST)
                    count += repair(
                        point.source.catalog, self._target, task.source, task.target, found
                    )

        with common_point(self._source, self._target, self._replay, held=mend):
            pass
        if not count:
            raise BlockedError(
                f"No row of {'.'.join(relation)} differs", detail="Nothing was changed."
            )
        return count

    def _tasks(self, point: CommonPoint) -> list[list[tasks.Task]]:
        ours, theirs = point.source, point.target
        compared, _ = split(relations(ours), self._skip)
        # A materialized view is refreshed at the cutover, and compared then.
        compared = [one for one in compared if one.kind != "matview"]
        pairs = tasks.pair_up(compared, {one.key: one for one in relations(theirs)})
        recode = ours.encoding != theirs.encoding
        groups = tasks.split_up(pairs, *point.looked, kept=self.kept, recode=recode)
        # Nor is what was kept of dropped chunks a difference, least of all one to be repaired.
        remembered = read_remembered(theirs.catalog)
        left = [parts_without_kept(group, remembered, point.looked) for group in groups]
        return [group for group in left if group]

    def _is_due(self, task: tasks.Task) -> bool:
        # What differed may have been mended.
        if task.text not in self._compared or task.text in self._different:
            return True
        at, seconds = self._compared[task.text]
        return time.monotonic() - at > max(AGAIN_SECONDS, AGAIN_TIMES * seconds)

    def _compare(
        self, point: CommonPoint, due: Sequence[tasks.Task], began: float, *, quick: bool
    ) -> tuple[list[tuple[tasks.Task, Reading]], list[tasks.Task], int]:
        """The parts that are equal with their readings, those that are not, and all rows read."""
        equal: list[tuple[tasks.Task, Reading]] = []
        differing, rows = [], 0
        for task in due:
            if not quick and time.monotonic() - began > ROUND_SECONDS:
                break
            both = tasks.begin(task, point.source, point.target)
            left, right = (self._result(future) for future in both)
            rows += left.rows
            self._compared[task.text] = time.monotonic(), max(left.seconds, right.seconds)
            if tasks.verdict([task], left, right).equal:
                equal.append((task, left))
            else:
                differing.append(task)
            if not quick:
                self._pause(max(left.seconds, right.seconds))
        return equal, differing, rows

    def _again(self, names: set[str]) -> Differences:
        """Those that differ at another point too, and their rows."""
        confirmed: Differences = {}
        with common_point(self._source, self._target, self._replay, jobs=self._jobs) as point:
            for group in self._tasks(point):
                for task in group:
                    if task.text not in names:
                        continue
                    both = tasks.begin(task._replace(kept=None), point.source, point.target)
                    left, right = (self._result(future) for future in both)
                    if tasks.verdict([task], left, right).equal:
                        continue
                    confirmed[task.text] = ()
                    for one, count in tasks.unequal([task], [both]):
                        found = find_rows(one, count, point.source, point.target)
                        confirmed[task.text] = found.differences
        return confirmed

    def _result(self, future: "Future[Reading]") -> Reading:
        while True:
            try:
                return future.result(timeout=0.2)
            except NotYetError:
                self._replay.check()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._replay.check()
            time.sleep(min(left, 0.2))


def still_different(
    before: Differences, *, compared: Collection[str], confirmed: Differences,
    every: Collection[str],
) -> Differences:  # fmt: skip
    """What is different after a round: what was, and was not compared again, stays so."""
    kept = {name: rows for name, rows in before.items() if name in every and name not in compared}
    return kept | confirmed


def _key(task: tasks.Task) -> tuple[str, str, str]:
    return (*task.pair.relation.key, task.part.label)


def _keys(groups: Sequence[Sequence[tasks.Task]]) -> set[tuple[str, str, str]]:
    return {_key(task) for group in groups for task in group}


def _kept(task: tasks.Task, reading: Reading, lsn: int) -> KeptPart:
    relation = task.pair.relation
    return KeptPart(
        schema=relation.schema, name=relation.name, label=task.part.label,
        columns=task.pair.columns, lsn=format_lsn(lsn), at=datetime.now(UTC), rows=reading.rows,
        checksum=reading.checksum, seconds=reading.seconds, source=task.tokens[0],
        target=task.tokens[1],
    )  # fmt: skip
