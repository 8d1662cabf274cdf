"""The comparison of both sides, relation by relation, computed on the servers."""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, as_completed
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from lmtui.database import said_plainly
from lmtui.endpoint import Endpoint
from lmtui.events import Proof, TableVerdict
from lmtui.validation.inventory import differences
from lmtui.validation.relations import (
    Name,
    Relation,
    checksum_of,
    checksum_of_definition,
    not_decoded,
    quoted,
    relations,
    split,
)
from lmtui.validation.sequences import mismatches, read_sequences
from lmtui.validation.side import Reading, Side, both_sides

REFRESHED = "compared with what a refresh would give on the source now"
STALE = "the source's is as of its last refresh, the target's as of the cutover"

Progress = Callable[[int, int], None]
_Readings = tuple[Future[Reading], Future[Reading]]


class _Pair(NamedTuple):
    relation: Relation
    counterpart: Relation | None
    columns: Sequence[str]
    note: str


def compare(
    source: Endpoint,
    target: Endpoint,
    *,
    jobs: int = 2,
    skip: Collection[Name] = (),
    progress: Progress | None = None,
) -> Proof:
    """Compare every relation of the source with the target's, `jobs` at a time on each side.

    Each side is read in one snapshot, shared by its workers: a true comparison needs both sides
    at one point, which at the cutover the fence and the drain give. `skip` names relations
    (schema, name) that are left out and reported as such. `progress` is told how many relations
    are done, and of how many.

    A relation is equal if its rows are as many, and two sums over differently seeded 64-bit
    hashes of the rows' text are the same. The sums do not depend on the order of rows. If the
    hashes behave as random ones, contents that differ have both sums equal with a probability
    of 2^-128 per relation (one sum alone: 2^-64, or 1 in 18 million million million); they
    guard against accidents, not against somebody who looks for a collision.

    Materialized views are derived: one that differs is compared again with what a refresh on
    the source would give, and one that differs even then (it may ask for the time of day) is
    shown as not equal but leaves the proof as it is. Inventory differences leave it too.

    Raises ConnectionFailedError where a side cannot be reached, ServerError where its catalog
    cannot be read or it is lost midway. What a role may not read is a note in its verdict.
    """
    began = time.monotonic()
    at = datetime.now(UTC)
    with both_sides(source, target, jobs) as (ours, theirs):
        compared, left_out = split(relations(ours), skip)
        counterparts = {relation.key: relation for relation in relations(theirs)}
        pairs = [_pair(relation, counterparts.get(relation.key)) for relation in compared]
        # The catalogs are read while the workers compute: in the downtime it counts.
        readings = _begin(pairs, ours, theirs)
        with said_plainly("The sequences cannot be read"):
            sequences = read_sequences(ours.catalog)
            behind = mismatches(sequences, read_sequences(theirs.catalog))
        inventory = differences(ours, theirs)
        left_out += not_decoded(ours)
        _wait(readings, progress)
        verdicts = [
            _judged(pair, both, ours, theirs) for pair, both in zip(pairs, readings, strict=True)
        ]
    return Proof(
        at=at,
        equal=all(verdict.equal or _only_stale(verdict) for verdict in verdicts) and not behind,
        seconds=time.monotonic() - began,
        tables=tuple(sorted(verdicts, key=lambda verdict: (verdict.schema, verdict.name))),
        sequences_checked=len(sequences),
        sequence_mismatches=behind,
        not_compared=left_out,
        inventory=inventory,
    )


def _pair(relation: Relation, counterpart: Relation | None) -> _Pair:
    if counterpart is None:
        return _Pair(relation, None, relation.columns, "missing on the target")
    there = set(counterpart.columns)
    missing = [column for column in relation.columns if column not in there]
    notes = []
    if missing:
        names = ", ".join(quoted(column) for column in missing)
        notes.append(f"columns missing on the target: {names}")
    if not counterpart.populated:
        notes.append("not populated on the target")
        counterpart = None
    columns = [column for column in relation.columns if column in there]
    return _Pair(relation, counterpart, columns, "; ".join(notes))


def _begin(pairs: Sequence[_Pair], ours: Side, theirs: Side) -> list[_Readings]:
    recode = ours.encoding != theirs.encoding
    readings = []
    for pair in pairs:
        there: Future[Reading] = Future()
        if pair.counterpart is None:
            there.set_result(Reading())
        else:
            there = theirs.read(checksum_of(pair.counterpart, pair.columns, recode=recode))
        here = ours.read(checksum_of(pair.relation, pair.columns, recode=recode))
        readings.append((here, there))
    return readings


def _wait(readings: Sequence[_Readings], progress: Progress | None) -> None:
    """Wait for all. Raises at once what ends the whole comparison, not only a relation's."""
    numbers = {future: number for number, both in enumerate(readings) for future in both}
    left = [len(both) for both in readings]
    done = 0
    for future in as_completed(numbers):
        future.result()
        left[numbers[future]] -= 1
        if not left[numbers[future]]:
            done += 1
            if progress is not None:
                progress(done, len(readings))


def _verdict(pair: _Pair, source: Reading, target: Reading) -> TableVerdict:
    notes = [pair.note] if pair.note else []
    notes += [
        f"{side}: {reading.error}"
        for side, reading in (("source", source), ("target", target))
        if reading.error
    ]
    same = (source.rows, source.checksum) == (target.rows, target.checksum)
    return TableVerdict(
        schema=pair.relation.schema,
        name=pair.relation.name,
        kind=pair.relation.kind,
        source_rows=source.rows,
        target_rows=target.rows,
        source_checksum=source.checksum,
        target_checksum=target.checksum,
        equal=same and not notes,
        seconds=max(source.seconds, target.seconds),
        note="; ".join(notes),
    )


def _judged(pair: _Pair, readings: _Readings, ours: Side, theirs: Side) -> TableVerdict:
    target = readings[1].result()
    verdict = _verdict(pair, readings[0].result(), target)
    if pair.relation.kind != "matview" or verdict.equal or verdict.note:
        return verdict
    recode = ours.encoding != theirs.encoding
    refreshed = ours.read(checksum_of_definition(pair.relation, pair.columns, recode=recode))
    again = _verdict(pair, refreshed.result(), target)
    return replace(again, note=REFRESHED) if again.equal else replace(verdict, note=STALE)


def _only_stale(verdict: TableVerdict) -> bool:
    return verdict.kind == "matview" and verdict.note == STALE
