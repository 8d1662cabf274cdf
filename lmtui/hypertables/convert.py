"""Making hypertables of plain tables on the target, and filling them, inside the snapshot.

pgcopydb leaves their rows out and makes all else: it empties what it fills with TRUNCATE ONLY,
which a hypertable refuses (0.18).
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial

import psycopg
from psycopg import sql

from lmtui.database import Connection, connect, run, said_plainly, server_error
from lmtui.errors import BlockedError, ConnectionFailedError
from lmtui.humane import count_text
from lmtui.hypertables.rows import RowCopy
from lmtui.hypertables.wanted import Wanted, statement
from lmtui.migration.context import Context, StoppedError
from lmtui.migration.slot import HeldSnapshot
from lmtui.migration.triggers import set_aside
from lmtui.pgcopydb.progress import Apart, CopyState
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.refusal import is_transient

ATTEMPTS = 5
BACK_OFF_SECONDS = 5.0
POLL_SECONDS = 0.2
_OUT_OF_LOCKS = "53200"


class Conversion:
    """The tables that are to become hypertables; `states` is how far each is, to be shown."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wanted = context.plan.hypertables
        self._stop = threading.Event()
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

    def run(self, held: HeldSnapshot, copied: CopyState, watch: Callable[[], None]) -> None:
        """Make them hypertables and copy their rows, the biggest first.

        `copied` tells their sizes; `watch` is called while they are copied, and may raise. Raises
        SnapshotLostError where the copy must begin again, LmtuiError otherwise.
        """
        if not self._wanted:
            return
        self._make()
        sizes = {(table.schema, table.name): table.bytes_total for table in copied.tables}
        relations = sorted(self.states, key=lambda one: sizes.get(one, 0), reverse=True)
        copies = [
            RowCopy(held, self._context.target, relation, partial(self._copied, relation))
            for relation in relations
        ]
        with ThreadPoolExecutor(self._context.plan.table_jobs) as pool:
            done = [
                pool.submit(self._copy, relation, copy)
                for relation, copy in zip(relations, copies, strict=True)
            ]
            try:
                self._await(done, watch)
            except BaseException:
                self._end(done, copies)
                raise

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

    def _copy(self, relation: Relation, copy: RowCopy) -> None:
        name = ".".join(relation)
        for attempt in range(1, ATTEMPTS + 1):
            self._copied(relation, 0)
            try:
                count = copy.run()
                break
            except (psycopg.Error, ConnectionFailedError) as error:
                self._go_on()
                self._judge(name, error, last=attempt == ATTEMPTS)
            self.states[relation] = Apart("waiting")
            self._stop.wait(BACK_OFF_SECONDS * attempt)
        try:
            copy.analyze()
        except (psycopg.Error, ConnectionFailedError) as error:
            self._go_on()
            self._context.note(f"{name} is not analyzed: {error}", level="warning")
        self.states[relation] = Apart("done")
        self._context.note(f"{count_text(count)} rows of {name} are copied into its chunks")

    def _judge(self, name: str, error: Exception, *, last: bool) -> None:
        """Raise for what no retry mends, or after the last one; else note it."""
        doing = f"The rows of {name} could not be copied"
        if isinstance(error, psycopg.Error):
            hint = "Mend the cause, then lmtui resume."
            if error.sqlstate == _OUT_OF_LOCKS:
                hint = (
                    "Each chunk takes locks: raise max_locks_per_transaction on the target, or take"
                    " a longer interval. Then lmtui resume."
                )
            plain = server_error(doing, error, hint)
            if last or not is_transient(error):
                raise plain from error
            self._context.note(f"{doing}, tried again: {plain.detail}", level="warning")
        elif last:
            raise error
        else:
            self._context.note(f"{doing}, tried again: {error}", level="warning")

    def _copied(self, relation: Relation, count: int) -> None:
        self._go_on()
        self.states[relation] = Apart("copying", count)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise StoppedError("Stopped")

    def _await(self, done: Sequence[Future[None]], watch: Callable[[], None]) -> None:
        left = set(done)
        while left:
            self._context.wait(POLL_SECONDS)
            watch()
            ended, left = wait(left, timeout=0)
            for future in ended:
                future.result()

    def _end(self, done: Sequence[Future[None]], copies: Sequence[RowCopy]) -> None:
        """Have all end soon, whatever they wait for."""
        self._stop.set()
        while wait(done, timeout=POLL_SECONDS).not_done:
            for copy in copies:
                # What cannot be reached any more ends by itself.
                with suppress(psycopg.Error):
                    copy.cancel()


def _cannot(relation: Relation, why: str) -> BlockedError:
    return BlockedError(
        f"{'.'.join(relation)} cannot be made a hypertable",
        detail=why,
        hint="Mend that on the source, or take it out of the tables that become hypertables.",
    )


def _relation(one: Wanted) -> Relation:
    return one.schema, one.name
