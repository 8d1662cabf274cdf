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
from lmtui.validation.side import Reading, Side

REFRESHED = "compared with what a refresh would give on the source now"
STALE = "the source's is as of its last refresh, the target's as of the cutover"

Progress = Callable[[int, int], None]


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
    with Side(source, jobs) as ours, Side(target, jobs) as theirs:
        compared, left_out = split(relations(ours), skip)
        counterparts = {relation.key: relation for relation in relations(theirs)}
        pairs = [_pair(relation, counterparts.get(relation.key)) for relation in compared]
        readings = _read(pairs, ours, theirs, progress)
        verdicts = [
            _second_look(_verdict(pair, *both), pair, both[1], ours, theirs)
            for pair, both in zip(pairs, readings, strict=True)
        ]
        with said_plainly("The sequences cannot be read"):
            sequences = read_sequences(ours.catalog)
            behind = mismatches(sequences, read_sequences(theirs.catalog))
        inventory = differences(ours, theirs)
        left_out += not_decoded(ours)
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


def _read(
    pairs: Sequence[_Pair], ours: Side, theirs: Side, progress: Progress | None
) -> list[tuple[Reading, Reading]]:
    recode = ours.encoding != theirs.encoding
    waiting: dict[Future[Reading], int] = {}
    futures = []
    for number, pair in enumerate(pairs):
        sides = [ours.read(checksum_of(pair.relation, pair.columns, recode=recode))]
        if pair.counterpart is not None:
            sides.append(theirs.read(checksum_of(pair.counterpart, pair.columns, recode=recode)))
        waiting |= dict.fromkeys(sides, number)
        futures.append(sides)
    left = [len(sides) for sides in futures]
    done = 0
    for future in as_completed(waiting):
        # Raises here what ends the whole comparison, before all the others are waited for.
        future.result()
        left[waiting[future]] -= 1
        if left[waiting[future]] == 0:
            done += 1
            if progress is not None:
                progress(done, len(pairs))
    return [
        (sides[0].result(), sides[1].result() if len(sides) > 1 else Reading()) for sides in futures
    ]


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


def _second_look(
    verdict: TableVerdict, pair: _Pair, target: Reading, ours: Side, theirs: Side
) -> TableVerdict:
    if pair.relation.kind != "matview" or verdict.equal or verdict.note:
        return verdict
    recode = ours.encoding != theirs.encoding
    refreshed = ours.read(
        checksum_of_definition(pair.relation, pair.columns, recode=recode)
    ).result()
    again = _verdict(pair, refreshed, target)
    return _noted(again, REFRESHED) if again.equal else _noted(verdict, STALE)


def _noted(verdict: TableVerdict, note: str) -> TableVerdict:
    return replace(verdict, note=note)


def _only_stale(verdict: TableVerdict) -> bool:
    return verdict.kind == "matview" and verdict.note == STALE
