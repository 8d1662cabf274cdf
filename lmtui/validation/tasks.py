"""What is to be compared: pairs of relations, in parts, those left out that are known equal."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from msgspec.structs import replace

from lmtui.events import TableVerdict
from lmtui.proof import STALE
from lmtui.validation.changes import Changes
from lmtui.validation.kept import Kept, KeptPart, is_kept
from lmtui.validation.parts import Chunk, Part, leaves, ranges, whole
from lmtui.validation.relations import (
    Name,
    Relation,
    Source,
    checksum_of,
    checksum_of_definition,
    quoted,
)
from lmtui.validation.side import Reading, Side, total

REFRESHED = "compared with what a refresh would give on the source now"

Both = tuple[Future[Reading], Future[Reading]]


class Looked(NamedTuple):
    """What one side's catalog says of changes and chunks, read before its snapshot."""

    changes: Changes
    chunks: Mapping[Name, Sequence[Chunk]]


class Pair(NamedTuple):
    """A relation, its counterpart, and the columns that both have."""

    relation: Relation
    counterpart: Relation | None
    columns: tuple[str, ...]
    note: str


class Task(NamedTuple):
    """A part of a pair. `kept` is what is known of it already; the tokens tell when it changes."""

    pair: Pair
    part: Part
    source: Source
    target: Source | None
    tokens: tuple[str, str]
    kept: KeptPart | None

    @property
    def text(self) -> str:
        """Its name, with the range where it is a part."""
        label = f" ({self.part.label})" if self.part.label else ""
        return f"{self.pair.relation.text}{label}"


def pair_up(found: Sequence[Relation], counterparts: Mapping[Name, Relation]) -> list[Pair]:
    """Every relation with the target's of the same name."""
    return [_pair(relation, counterparts.get(relation.key)) for relation in found]


def _pair(relation: Relation, counterpart: Relation | None) -> Pair:
    if counterpart is None:
        return Pair(relation, None, tuple(relation.columns), "missing on the target")
    there = set(counterpart.columns)
    missing = [column for column in relation.columns if column not in there]
    notes = []
    if missing:
        names = ", ".join(quoted(column) for column in missing)
        notes.append(f"columns missing on the target: {names}")
    if not counterpart.populated:
        notes.append("not populated on the target")
        counterpart = None
    columns = tuple(column for column in relation.columns if column in there)
    return Pair(relation, counterpart, columns, "; ".join(notes))


def split_up(
    pairs: Sequence[Pair], source: Looked, target: Looked, kept: Kept, *, recode: bool
) -> list[list[Task]]:
    """The parts of each pair, in order."""
    known = kept.by_key()
    tasks = []
    for pair in pairs:
        key = pair.relation.key
        parts: list[Part] = []
        both = pair.counterpart is not None and pair.counterpart.kind == "hypertable"
        if both and pair.relation.kind == "hypertable":
            parts = ranges(source.chunks.get(key, ()), target.chunks.get(key, ()))
        elif pair.counterpart is not None and key in source.changes.apart:
            there = target.changes.apart.get(key, frozenset())
            parts = leaves(source.changes.apart[key], there)
        if not parts:
            parts = [whole(_members(pair.relation, source), _members(pair.counterpart, target))]
        tasks.append([_task(pair, part, source, target, known, recode) for part in parts])
    return tasks


def _members(relation: Relation | None, looked: Looked) -> tuple[Name, ...]:
    if relation is None:
        return ()
    if relation.kind == "hypertable":
        return (relation.key, *(chunk.name for chunk in looked.chunks.get(relation.key, ())))
    return looked.changes.members(relation.key)


def _task(
    pair: Pair, part: Part, source: Looked, target: Looked,
    known: Mapping[tuple[str, str, str], KeptPart], recode: bool,
) -> Task:  # fmt: skip
    tokens = ("", "")
    plain = pair.relation.kind != "matview" and not pair.note
    if pair.counterpart is not None and plain:
        tokens = (
            source.changes.token(part.source, hypertable=pair.relation.kind == "hypertable"),
            target.changes.token(part.target, hypertable=pair.counterpart.kind == "hypertable"),
        )
    found = known.get((*pair.relation.key, part.label))
    return Task(
        pair,
        part,
        _read_from(pair.relation, part, recode),
        _read_from(pair.counterpart, part, recode) if pair.counterpart else None,
        tokens,
        found if is_kept(found, pair.columns, *tokens) else None,
    )


def _read_from(relation: Relation, part: Part, recode: bool) -> Source:
    if part.leaf is not None:
        schema, name = part.leaf
        relation = relation._replace(schema=schema, name=name, kind="table")
    return Source(relation, part.where, recode)


def begin(task: Task, ours: Side, theirs: Side) -> Both:
    """Read a part on both sides, or take what is kept of it."""
    there: Future[Reading] = Future()
    if task.kept is not None:
        there.set_result(Reading(task.kept.rows, task.kept.checksum))
        return there, there
    if task.target is None:
        there.set_result(Reading())
    else:
        there = theirs.read(checksum_of(task.target, task.pair.columns))
    return ours.read(checksum_of(task.source, task.pair.columns)), there


def verdict(tasks: Sequence[Task], source: Reading, target: Reading) -> TableVerdict:
    """What the readings of all parts of a pair, added up, say."""
    pair = tasks[0].pair
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
        parts=len(tasks),
        ahead=sum(task.kept is not None for task in tasks),
    )


def judged(tasks: Sequence[Task], both: Sequence[Both], ours: Side) -> TableVerdict:
    """The verdict on a pair; a materialized view that differs is compared with its definition."""
    pair = tasks[0].pair
    target = total([there.result() for _, there in both])
    found = verdict(tasks, total([here.result() for here, _ in both]), target)
    if pair.relation.kind != "matview" or found.equal or found.note:
        return found
    refreshed = ours.read(checksum_of_definition(tasks[0].source, pair.columns))
    again = verdict(tasks, refreshed.result(), target)
    return replace(again, note=REFRESHED) if again.equal else replace(found, note=STALE)


def unequal(tasks: Sequence[Task], both: Sequence[Both]) -> list[tuple[Task, int]]:
    """The parts that differ though both sides could be read, with how many rows they have."""
    found = []
    for task, (here, there) in zip(tasks, both, strict=True):
        left, right = here.result(), there.result()
        readable = not left.error and not right.error and not task.pair.note
        differs = (left.rows, left.checksum) != (right.rows, right.checksum)
        if readable and differs and task.target is not None:
            found.append((task, max(left.rows, right.rows)))
    return found


def chosen(tasks: Sequence[Sequence[Task]], skip: Collection[str]) -> list[Task]:
    """The parts that are not known equal, but for those named."""
    return [
        task for group in tasks for task in group if task.kept is None and task.text not in skip
    ]
