"""Making hypertables of plain tables on the target, and filling them, inside the snapshot.

pgcopydb leaves their rows out and makes all else: it empties what it fills with TRUNCATE ONLY,
which a hypertable refuses (0.18).
"""

from collections.abc import Callable

from psycopg import sql

from lmtui.database import Connection, connect, run, said_plainly
from lmtui.errors import BlockedError
from lmtui.humane import count_text
from lmtui.hypertables.wanted import Wanted, statement
from lmtui.migration.context import Context
from lmtui.migration.slot import HeldSnapshot
from lmtui.migration.triggers import set_aside
from lmtui.pgcopydb.progress import Apart
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts, read_facts
from lmtui.replay.point_rows import read_points, write_points
from lmtui.tablesync.copy import TableCopies
from lmtui.tablesync.units import Unit


class Conversion:
    """The tables that are to become hypertables; `states` is how far each is, to be shown."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wanted = context.plan.hypertables
        self.states = {_relation(one): Apart("waiting") for one in self._wanted}

    def check(self, facts: CatalogFacts) -> None:
        """Raise BlockedError, before anything is copied, for what cannot be made a hypertable."""
        if not self._wanted:
            return
        tables = {(table.schema, table.name) for table in facts.tables}
        divided = {(one.schema, one.name) for one in facts.hypertables}
        for relation in self.states:
            if relation not in tables or relation in divided:
                already = "is a hypertable already" if relation in divided else "is not there"
                raise _cannot(relation, f"On the source it {already}.")
        with connect(self._context.source, read_only=True) as source:
            for schema, name, key in run(source, "convert_referenced"):
                if (schema, name) in self.states:
                    # Made before its rows are there, and not known to its chunks (2.19).
                    raise _cannot((schema, name), f"The foreign key {key} references it.")

    def clear(self) -> None:
        """Drop what an attempt before has made, or the operator wants replaced.

        pgcopydb would drop it together with other tables, which a hypertable refuses (0.18).
        """
        if not (self._wanted and self._context.plan.drop_if_exists):
            return
        with (
            connect(self._context.target, statement_timeout=0, lock_timeout=30) as connection,
            said_plainly("The target's hypertables cannot be dropped", "Then lmtui resume."),
        ):
            if not run(connection, "replay_has_timescaledb")[0][0]:
                return
            there = {(row[1], row[2]) for row in run(connection, "replay_hypertables")}
            if found := sorted(there & self.states.keys()):
                run(connection, "reset_sessions")
            for relation in found:
                connection.execute(
                    sql.SQL("drop table {} cascade").format(sql.Identifier(*relation))
                )

    def run(self, held: HeldSnapshot, watch: Callable[[], None]) -> None:
        """Make them hypertables and copy their rows, but for those that are copied already.

        `watch` is called while they are copied, and may raise. Raises SnapshotLostError where that
        must go on by another snapshot, LmtuiError otherwise.
        """
        if not self._wanted:
            return
        slot = self._context.state.slot
        self._make()
        with connect(self._context.target) as target:
            done = {one.relation for one in read_points(target, slot) if one.state == "done"}
        left = [relation for relation in self.states if relation not in done]
        self.states.update(dict.fromkeys(self.states.keys() - {*left}, Apart("done")))
        if not left:
            return
        with held.inside() as source:
            facts = read_facts(source)
        copies = TableCopies(
            held, self._context.target, slot, facts,
            [Unit(relation, relation) for relation in left], self._context.plan.table_jobs,
            lambda words: self._context.note(words, level="warning"),
        )  # fmt: skip

        def look() -> None:
            for relation in left:
                sent = copies.copied.get(relation)
                if sent is not None:
                    self.states[relation] = Apart("copying", sent.bytes)
            self._context.check_stop()
            watch()

        copies.run(look)
        with connect(self._context.target, autocommit=False, lock_timeout=30) as target:
            write_points(target, slot, left, "done", held.slot.lsn)
            target.commit()
        self.states.update(dict.fromkeys(left, Apart("done")))
        for relation in left:
            rows = count_text(copies.copied[relation].rows)
            self._context.note(f"{rows} rows of {'.'.join(relation)} are copied into its chunks")

    def _make(self) -> None:
        with connect(self._context.target, lock_timeout=30) as connection:
            # What fires for rows that are replayed would fire for those that are copied.
            if quiet := set_aside(connection, self._context.ledger):
                self._context.note(f"Set aside on the target until the cutover: {', '.join(quiet)}")
            with said_plainly(
                "The target's hypertables cannot be read",
                "TimescaleDB must be there: create extension timescaledb",
            ):
                ((schema,),) = run(connection, "timescaledb_schema") or [("",)]
                there = {(row[1], row[2]) for row in run(connection, "replay_hypertables")}
            connection.execute(
                "select set_config('search_path', quote_ident(%s) || ', pg_catalog', false)",
                (schema,),
            )
            for one in self._wanted:
                if _relation(one) not in there:
                    self._make_one(connection, one)

    def _make_one(self, connection: Connection, one: Wanted) -> None:
        name = f"{one.schema}.{one.name}"
        made = f"{name} made a hypertable by {one.column}, chunks of {one.interval}"
        ledger = self._context.ledger
        if all(entry.what != made for entry, _ in ledger.entries()):
            ledger.record(side="target", what=made, before="a plain table", undo="", until="told")
        with said_plainly(
            f"{name} cannot be made a hypertable",
            "Mend the cause on the source, or take it out of the tables that become hypertables;"
            " then lmtui resume begins the copy again.",
        ):
            connection.execute(sql.SQL(statement(one)))
        self._context.note(f"{name} is a hypertable by {one.column}, chunks of {one.interval}")


def _cannot(relation: Relation, why: str) -> BlockedError:
    return BlockedError(
        f"{'.'.join(relation)} cannot be made a hypertable",
        detail=why,
        hint="Mend that on the source, or take it out of the tables that become hypertables.",
    )


def _relation(one: Wanted) -> Relation:
    return one.schema, one.name
