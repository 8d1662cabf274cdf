"""What the target keeps of chunks that the source has dropped, left out of the comparison.

Outside of those ranges both sides must be equal as ever. Inside of them the source may have rows
again, written since the drop: each of them must be on the target too.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace
from psycopg import sql as compose

from lmtui.database import Connection, run, said_plainly
from lmtui.errors import ServerError
from lmtui.events import TableVerdict
from lmtui.humane import count_noun
from lmtui.queries import sql
from lmtui.replay.change import DroppedRange
from lmtui.replay.drops import border
from lmtui.replay.facts import Fact, RangesFacts, kept_text
from lmtui.replay.ranges import HIGHEST, LOWEST, Span, merged
from lmtui.validation.aggregates import NUMBERS
from lmtui.validation.relations import Relation, Source, checksum_of, row_text
from lmtui.validation.side import Side
from lmtui.validation.tasks import Looked, Task

_Hashes = tuple[int, int, int]


def read_remembered(target: Connection) -> list[RangesFacts]:
    """What replay remembers on the target of each hypertable's time; nothing after clean."""
    if not run(target, "ranges_exist")[0][0]:
        return []
    facts = [msgspec.json.decode(fact, type=Fact) for (fact,) in run(target, "ranges_remembered")]
    return [fact for fact in facts if isinstance(fact, RangesFacts)]


def kept_spans(remembered: Sequence[RangesFacts]) -> dict[int, tuple[Span, ...]]:
    """The time in which something was kept, by the source's id of the hypertable."""
    return {
        fact.hypertable: merged(
            (
                LOWEST if ranges[0].start is None else ranges[0].start,
                HIGHEST if ranges[0].end is None else ranges[0].end,
            )
            for ranges in fact.kept
        )
        for fact in remembered
        if fact.kept
    }


def without_kept(
    verdict: TableVerdict, remembered: Sequence[RangesFacts], ours: Side, theirs: Side
) -> TableVerdict:
    """The verdict on a hypertable without what the target has kept of it, where it has.

    Raises ServerError.
    """
    key = (verdict.schema, verdict.name)
    fact = next((f for f in remembered if (f.schema, f.name) == key and f.kept), None)
    if fact is None or verdict.equal or verdict.note:
        return verdict
    with said_plainly(f"What was kept of {'.'.join(key)} cannot be compared"):
        here, there = _inside(fact, ours), _inside(fact, theirs)
        columns = _columns(ours, fact)
        recode = ours.encoding != theirs.encoding
        relation = Relation(*key, "hypertable", False, True, columns, 0, "")
        outside = [
            side.read(checksum_of(Source(relation, _where(inside, "not "), recode), columns))
            for side, inside in ((ours, here), (theirs, there))
        ]
        inside_source = Source(relation, _where(here, ""), recode)
        inside_target = Source(relation, _where(there, ""), recode)
        again = ours.read(checksum_of(inside_source, columns)).result()
        kept = theirs.read(checksum_of(inside_target, columns)).result()
        left, right = (reading.result() for reading in outside)
        errors = "; ".join(one.error for one in (left, right, again, kept) if one.error)
        missing = 0
        if again.rows and not errors:
            missing = _missing(_hashes(ours, inside_source), _hashes(theirs, inside_target))
    equal = (left.rows, left.checksum) == (right.rows, right.checksum) and not missing
    note = (
        f"{count_noun(kept.rows - again.rows, 'row')} more on the target, kept of dropped chunks:"
        f" {kept_text(fact)}"
    )
    if missing:
        note += f"; {count_noun(missing, 'row')} of the source in that time are missing"
    return replace(
        verdict, equal=equal and not errors, note=errors or note,
        source_rows=left.rows + again.rows,
        target_rows=right.rows + kept.rows, source_checksum=left.checksum,
        target_checksum=right.checksum, seconds=verdict.seconds + left.seconds,
    )  # fmt: skip


def parts_without_kept(
    group: Sequence[Task], remembered: Sequence[RangesFacts], looked: Sequence[Looked]
) -> list[Task]:
    """The parts of a hypertable that lie apart from what was kept of it."""
    key = group[0].pair.relation.key
    fact = next((f for f in remembered if (f.schema, f.name) == key and f.kept), None)
    if fact is None:
        return [*group]
    spans = kept_spans([fact])[fact.hypertable]
    scale = 1 if fact.data_type in NUMBERS else 1_000_000
    chunks = {chunk.name: chunk for side in looked for chunk in side.chunks.get(key, ())}

    def is_apart(task: Task) -> bool:
        own = [chunks[n] for n in (*task.part.source, *task.part.target) if n in chunks]
        return bool(own) and not any(
            chunk.low * scale < end and start < chunk.high * scale
            for chunk in own
            for start, end in spans
        )

    return [task for task in group if is_apart(task)]


def _where(conditions: compose.Composable, negated: str) -> compose.Composed:
    return compose.SQL(" where {}({})").format(
        compose.SQL("not ") if negated else compose.SQL(""), conditions
    )


def _inside(fact: RangesFacts, side: Side) -> compose.Composable:
    """The condition of rows that lie in what was kept."""
    hypertable = {"schema": fact.schema, "name": fact.name}
    dimensions = run(side.catalog, "dropped_dimensions", hypertable)
    columns = {column: (kind, schema, name) for column, kind, schema, name in dimensions}
    boxes = []
    for ranges in fact.kept:
        terms = [term for one in ranges for term in _terms(one, columns, side)]
        boxes.append(compose.SQL(" and ").join(terms) if terms else compose.SQL("true"))
    return compose.SQL(" or ").join(compose.SQL("({})").format(box) for box in boxes)


def _terms(
    one: DroppedRange, columns: dict[str, tuple[str, str, str]], side: Side
) -> Iterator[compose.Composed]:
    if one.column not in columns:
        raise ServerError(f"The {side.endpoint.side}'s hypertable is not cut by {one.column}")
    kind, schema, function = columns[one.column]
    value: compose.Composable = compose.Identifier(one.column)
    if one.closed:
        value = compose.SQL("{}({})").format(compose.Identifier(schema, function), value)
    for operator, at in ((">=", one.start), ("<", one.end)):
        if at is None:
            continue
        limit = compose.SQL("{}::bigint").format(at) if one.closed else border(kind, at)
        if limit is None:
            raise ServerError(f"The range of {one.column} ({kind}) at {at} cannot be told here")
        yield compose.SQL("{} {} {}").format(
            value, compose.SQL(">=") if operator == ">=" else compose.SQL("<"), limit
        )


def _columns(side: Side, fact: RangesFacts) -> list[str]:
    rows = run(side.catalog, "relation_columns", {"schema": fact.schema, "name": fact.name})
    return [name for name, _ in rows]


def _hashes(side: Side, source: Source) -> Iterator[_Hashes]:
    text = row_text(source.relation.columns, recode=source.recode)
    query = compose.SQL(sql("validate_hashes")).format(text=text, relation=source.text)
    with side.catalog.cursor(name="lmtui_kept") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query)
        yield from cursor


def _missing(ours: Iterator[_Hashes], theirs: Iterator[_Hashes]) -> int:
    """How many rows of ours are not among theirs."""
    missing = 0
    there = next(theirs, None)
    for first, second, count in ours:
        while there is not None and there[:2] < (first, second):
            there = next(theirs, None)
        found = there[2] if there is not None and there[:2] == (first, second) else 0
        missing += max(0, count - found)
    return missing
