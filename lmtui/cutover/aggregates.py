"""Continuous aggregates on the target: made what they are on the source, at the cutover.

Their rows were copied with the snapshot and are not replayed: the source's refreshes are no data,
and what replay writes is not noted as changed on the target up to TimescaleDB 2.22. So the time
that replay has touched is refreshed here, forced, each aggregate behind the one that it reads from.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

from lmtui.cutover.windows import AskedOnce, Plan, Refresh, gone, slices, unsafe, windows
from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import CutoverError
from lmtui.humane import count_noun
from lmtui.replay import progress
from lmtui.replay.drops import border
from lmtui.replay.facts import CatalogFacts, RangesFacts, read_facts
from lmtui.replay.ranges import HIGHEST, LOWEST, Span, moment_text, within, without
from lmtui.validation.aggregates import (
    Aggregate,
    Aggregates,
    Name,
    as_number,
    bucket_of,
    read_aggregates,
)
from lmtui.workdir import WorkDirectory

_TOO_SMALL = "refresh window too small"
# The least that is less.
_BEFORE: dict[str, LiteralString] = {
    "smallint": "1::smallint",
    "integer": "1",
    "bigint": "1",
    "date": "1",
    "timestamp without time zone": "interval '1 microsecond'",
    "timestamp with time zone": "interval '1 microsecond'",
}


def refresh_aggregates(
    source: Endpoint, target: Endpoint, slot: str, directory: WorkDirectory
) -> str:
    """Refresh them; says what was done. May be repeated.

    Call it with the source fenced and all of it replayed. Raises CutoverError where the target
    lacks one, ServerError where a refresh is refused, ConnectionFailedError.
    """
    with (
        connect(source, read_only=True, statement_timeout=0) as ours,
        connect(target, statement_timeout=0, lock_timeout=60) as theirs,
        said_plainly("The continuous aggregates cannot be read"),
    ):
        there, here = read_aggregates(ours), read_aggregates(theirs)
        if not there.found and there.known:
            return "none"
        if not there.known:
            return "not refreshed: this release of TimescaleDB keeps them otherwise"
        work = _Refreshing(ours, theirs, there, here, directory)
        work.ranges = {one.hypertable: one for one in progress.read_ranges(theirs, slot)}
        work.drain = progress.read(theirs, slot).marker
        return work.run()


class _Refreshing:
    def __init__(
        self, ours: Connection, theirs: Connection, there: Aggregates, here: Aggregates,
        directory: WorkDirectory,
    ) -> None:  # fmt: skip
        self._ours, self._theirs = ours, theirs
        self._there, self._here = there, here
        self._directory = directory
        self._facts = CatalogFacts.load(directory)
        self._now = read_facts(ours)
        (self._schema,) = run(theirs, "timescaledb_schema")[0]
        self.ranges: dict[int, RangesFacts] = {}
        self.drain = ""

    def run(self) -> str:
        on_target = self._here.by_view()
        if missing := [one.text for one in self._there.found if one.view not in on_target]:
            raise CutoverError(
                "Continuous aggregates are missing on the target",
                detail=", ".join(missing),
                hint="Create them there as they are on the source, then resume.",
            )
        plan = self._plan(on_target)
        windows_made, left_out = 0, []
        for source in self._there.found:
            one = on_target[source.view]
            self._drop_chunks(source, one)
            refresh = plan.of[source.id]
            windows_made += sum(self._refresh(one, piece) for piece in refresh.pieces)
            if refresh.left_out:
                said = moment_text(refresh.left_out[0][0], one.type)
                until = moment_text(refresh.left_out[-1][1], one.type)
                left_out.append(f"{one.text} from {said} to {until}")
        behind = self._behind()
        said = (
            f"{count_noun(len(self._there.found), 'continuous aggregate')},"
            f" {count_noun(windows_made, 'window')} refreshed"
        )
        if left_out:
            said += f"; left as copied, since what they read is dropped: {', '.join(left_out)}"
        return (
            f"{said}; other watermarks than on the source: {', '.join(behind)}" if behind else said
        )

    def _plan(self, on_target: dict[Name, Aggregate]) -> Plan:
        """What to refresh, decided once: a refresh changes what this is decided by.

        Where a cutover before this one has come to no end, it has refreshed in its time: what it
        found empty before that is not asked for again, and what it refreshed is, for it may have
        been broken off.
        """
        before = Plan.load(self._directory) or Plan()
        if before.drain == self.drain:
            return before
        plan = Plan(drain=self.drain, never=dict(before.never))
        for source in self._there.found:
            known, parent = self.ranges.get(source.raw), plan.of.get(source.raw)
            earlier = before.of.get(source.id, Refresh())
            # What reads another aggregate finds changes where that one is refreshed.
            touched = (
                *(known.touched if known else ()), *(parent.pieces if parent else ()),
                *earlier.pieces, *earlier.left_out,
            )  # fmt: skip
            wanted = windows(on_target[source.view], source, touched, self._first_row(source))
            asked = AskedOnce(self._has_rows, plan.never.get(source.id, ()))
            holes = unsafe(source, self._facts, self.ranges, wanted, asked)
            plan.never[source.id] = asked.never
            plan.of[source.id] = Refresh(
                pieces=without(wanted, holes), left_out=within(wanted, holes)
            )
        plan.save(self._directory)
        return plan

    def _drop_chunks(self, source: Aggregate, one: Aggregate) -> None:
        """Drop what the source has dropped of the aggregate itself since the snapshot."""
        now = {chunk.id for chunk in self._now.chunks}
        there = slices(self._now, source.id, self._now.chunks)
        for start, end in gone(self._facts, source.id, now, there):
            limits = [
                sql.SQL("{} => {}").format(sql.SQL(name), at)
                for name, at in (
                    ("newer_than", border(one.type, start) if start > LOWEST else None),
                    ("older_than", border(one.type, end) if end < HIGHEST else None),
                )
                if at is not None
            ]
            with said_plainly(f"Chunks of {one.text} cannot be dropped on the target"):
                self._theirs.execute(
                    sql.SQL("select {}.drop_chunks({}::regclass, {})").format(
                        sql.Identifier(self._schema),
                        sql.Literal(one.text),
                        sql.SQL(", ").join(limits),
                    )
                )

    def _refresh(self, one: Aggregate, piece: Span) -> bool:
        start = border(one.type, piece[0]) if piece[0] > LOWEST else None
        end = border(one.type, piece[1]) if piece[1] < HIGHEST else None
        if end is not None and self._here.overshoots:
            # The bucket that this end is in is refreshed as well: it must be the last that may be.
            end = sql.SQL("{} - {}").format(
                bucket_of(one, self._schema, end), sql.SQL(_BEFORE[one.type])
            )
        null = sql.SQL("null")
        forced = sql.SQL(", force => true") if self._here.forced else sql.SQL("")
        statement = sql.SQL("call {}.refresh_continuous_aggregate({}::regclass, {}, {}{})").format(
            sql.Identifier(self._schema), sql.Literal(one.text), start or null, end or null, forced
        )
        with said_plainly(
            f"The continuous aggregate {one.text} cannot be refreshed",
            "Once that is put right, lmtui resume does it again.",
        ):
            try:
                self._theirs.execute(statement)
            except psycopg.errors.InvalidParameterValue as error:
                # A window between two that may not be refreshed can be less than one bucket.
                if error.diag.message_primary != _TOO_SMALL:
                    raise
                return False
        return True

    def _has_rows(self, one: Aggregate, gap: Span) -> bool:
        """Whether the target has rows of whole buckets in this range."""
        column = sql.Identifier(one.column)
        conditions = [
            sql.SQL("{} {} {}").format(column, sql.SQL(operator), at)
            for operator, at in (
                (">=", border(one.type, gap[0]) if gap[0] > LOWEST else None),
                ("<", border(one.type, gap[1] - one.bucket) if gap[1] < HIGHEST else None),
            )
            if at is not None
        ]
        query = sql.SQL("select exists (select from {} where {})").format(
            sql.Identifier(*self._here.by_view()[one.view].table),
            sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true"),
        )
        return bool(self._theirs.execute(query).fetchall()[0][0])

    def _first_row(self, source: Aggregate) -> int | None:
        """Where the source's rows begin, in TimescaleDB's numbers."""
        first = sql.SQL("min({})").format(sql.Identifier(source.column))
        query = sql.SQL("select {} from {}").format(
            as_number(source, first), sql.Identifier(*source.table)
        )
        found: int | None = self._ours.execute(query).fetchall()[0][0]
        return found

    def _behind(self) -> list[str]:
        """Aggregates whose watermark is not the source's."""
        now = read_aggregates(self._theirs).by_view()
        return [
            f"{one.text} ({moment_text(now[one.view].watermark or 0, one.type)}, on the source"
            f" {moment_text(one.watermark or 0, one.type)})"
            for one in self._there.found
            if now[one.view].watermark != one.watermark
        ]
