"""The comparison of both sides, relation by relation, computed on the servers."""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import UTC, datetime

from msgspec.structs import replace

from lmtui.database import connect, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.events import Proof, RowDifference, TableVerdict
from lmtui.validation import rows, tasks
from lmtui.validation.aggregate_rows import compare_aggregates
from lmtui.validation.changes import read_changes, read_chunks
from lmtui.validation.dropped import kept_spans, read_remembered, without_kept
from lmtui.validation.inventory import differences
from lmtui.validation.kept import Kept
from lmtui.validation.relations import Name, not_decoded, relations, split
from lmtui.validation.sequences import mismatches, read_sequences
from lmtui.validation.side import Side, both_sides
from lmtui.validation.unlike import with_unlike

Progress = Callable[[int, int], None]
# A statement that looks for differing rows reads the part again, so not every part is searched.
SEARCHED_PARTS = 4


def look(endpoint: Endpoint) -> tasks.Looked:
    """One side's numbers of changes and its chunks. Raises ServerError, ConnectionFailedError."""
    with (
        closing(connect(endpoint, read_only=True, application="lmtui validate")) as connection,
        said_plainly(f"The {endpoint.side}'s catalog cannot be read"),
    ):
        return tasks.Looked(read_changes(connection), read_chunks(connection))


def compare(
    source: Endpoint,
    target: Endpoint,
    *,
    jobs: int = 2,
    skip: Collection[Name] = (),
    progress: Progress | None = None,
    kept: Kept | None = None,
    paused: Collection[int] | None = None,
    made: Collection[Name] = (),
) -> Proof:
    """Compare every relation of the source with the target's, `jobs` at a time on each side.

    Each side is read in one snapshot, shared by its workers: a true comparison needs both sides
    at one point, which at the cutover the fence and the drain give. `skip` names relations
    (schema, name) that are left out and reported as such. `progress` is told how many relations
    are done, and of how many. Parts that are in `kept`, and that neither side has changed since,
    are not read again. `paused` are the source's jobs that lmtui has paused; without it, which
    jobs are active is not compared. `made` are tables that were to become hypertables.

    A relation is equal if its rows are as many, and two sums over differently seeded 64-bit
    hashes of the rows' text are the same. The sums do not depend on the order of rows. If the
    hashes behave as random ones, contents that differ have both sums equal with a probability
    of 2^-128 per relation (one sum alone: 2^-64, or 1 in 18 million million million); they
    guard against accidents, not against somebody who looks for a collision.

    Materialized views are derived: one that differs is compared again with what a refresh on
    the source would give, and one that differs even then (it may ask for the time of day) is
    shown as not equal but leaves the proof as it is. Inventory differences leave it too.

    Rows that differ are looked for, shown by their keys, and read once more before that.

    Raises ConnectionFailedError where a side cannot be reached, ServerError where its catalog
    cannot be read or it is lost midway. What a role may not read is a note in its verdict.
    """
    began = time.monotonic()
    at = datetime.now(UTC)
    with ThreadPoolExecutor(2) as pool:
        looked = list(pool.map(look, (source, target)))
    with both_sides(source, target, jobs) as (ours, theirs):
        compared, left_out = split(relations(ours), skip)
        pairs = tasks.pair_up(compared, {one.key: one for one in relations(theirs)})
        recode = ours.encoding != theirs.encoding
        groups = tasks.split_up(pairs, looked[0], looked[1], kept or Kept(), recode=recode)
        # The catalogs are read while the workers compute: in the downtime it counts.
        readings = [[tasks.begin(task, ours, theirs) for task in group] for group in groups]
        with said_plainly("The sequences cannot be read"):
            sequences = read_sequences(ours.catalog)
            behind = mismatches(sequences, read_sequences(theirs.catalog))
        inventory = differences(ours, theirs, paused, made)
        left_out += not_decoded(ours)
        remembered = read_remembered(theirs.catalog)
        _wait(readings, progress)
        both = list(zip(groups, readings, strict=True))
        verdicts = [tasks.judged(group, read, ours) for group, read in both]
        verdicts = [without_kept(one, remembered, ours, theirs) for one in verdicts]
        found = _rows(
            [read for read, one in zip(both, verdicts, strict=True) if not one.equal], ours, theirs
        )
        verdicts = with_unlike(verdicts, ours, theirs)
        aggregates, unread = compare_aggregates(ours, theirs, kept_spans(remembered))
        verdicts += aggregates
        left_out += unread
    return Proof(
        at=at,
        equal=_equal(verdicts, behind),
        seconds=time.monotonic() - began,
        tables=tuple(sorted(verdicts, key=lambda verdict: (verdict.schema, verdict.name))),
        sequences_checked=len(sequences),
        sequence_mismatches=behind,
        not_compared=left_out,
        rows=tuple(found),
        inventory=inventory,
    )


def with_sequences(proof: Proof, behind: tuple[str, ...]) -> Proof:
    """The same comparison, its sequences read anew: those `behind` are, the others are not."""
    equal = _equal(proof.tables, behind)
    return replace(proof, equal=equal, sequence_mismatches=behind)


def _equal(verdicts: Sequence[TableVerdict], behind: Sequence[str]) -> bool:
    return all(one.equal or one.only_stale for one in verdicts) and not behind


def _rows(
    both: Sequence[tuple[list[tasks.Task], list[tasks.Both]]], ours: Side, theirs: Side
) -> list[RowDifference]:
    found: list[RowDifference] = []
    for group, read in both:
        if group[0].pair.relation.kind == "matview":
            continue
        for task, count in tasks.unequal(group, read)[:SEARCHED_PARTS]:
            found += find_rows(task, count, ours, theirs).differences
    return found


def find_rows(
    task: tasks.Task, count: int, ours: Side, theirs: Side, most: int = rows.SHOWN
) -> rows.Suspect:
    """The rows of a part that differ, `most` of them. Raises ServerError."""
    assert task.target is not None  # noqa: S101
    with said_plainly(f"The differing rows of {task.text} cannot be read"):
        return rows.find(
            ours.catalog, theirs.catalog, task.source, task.target, task.pair.columns, count, most
        )


def _wait(readings: Sequence[Sequence[tasks.Both]], progress: Progress | None) -> None:
    """Wait for all. Raises at once what ends the whole comparison, not only a relation's."""
    numbers: dict[object, list[int]] = {}
    for number, group in enumerate(readings):
        for future in {future for both in group for future in both}:
            numbers.setdefault(future, []).append(number)
    left = [len({future for both in group for future in both}) for group in readings]
    done = 0
    for future in as_completed(numbers):  # type: ignore[arg-type]
        future.result()
        for number in numbers[future]:
            left[number] -= 1
            if not left[number]:
                done += 1
                if progress is not None:
                    progress(done, len(readings))
