"""Copying tables anew while replay goes on for the others.

From the request on, replay passes over what comes for these tables; it waits in the spool. They
are copied as of a point of their own. An applier for them alone brings them to where replay stands.
There, while replay is held for a moment, they are handed back to it. Each step is kept on the
target with what it did: after a crash at any place the next supervisor goes on, and no change is
applied twice or not at all.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import closing

import psycopg

from lmtui.database import Connection, connect, run, said_plainly, server_error
from lmtui.errors import LmtuiError
from lmtui.events import ResyncBegun, ResyncFailed, TablesSynchronised
from lmtui.migration.context import Context, StoppedError, problem_of
from lmtui.migration.replication import CatchingUp, Replication
from lmtui.migration.slot import HeldSnapshot
from lmtui.migration.synchronise import Synchronised, synchronise
from lmtui.replay import progress
from lmtui.replay.catch_up import CatchUp
from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.lsn import format_lsn, parse_lsn
from lmtui.replay.point_rows import read_points, write_points

POLL_SECONDS = 0.05
# The applier of replay goes on by itself when it was held for a minute.
HOLD_SECONDS = 30.0
# From so near on, the rest is caught up with while replay is held.
NEAR_BYTES = 8 * 1024 * 1024


class Resync:
    """One resync, in a thread of its own; `done` once it has ended, one way or the other."""

    def __init__(
        self, context: Context, replication: Replication, relations: Collection[Relation],
        reason: str,
    ) -> None:  # fmt: skip
        self._context, self._replication = context, replication
        self._relations = dict.fromkeys(relations, reason)
        self._reason = reason
        self._name = f"{context.state.slot} catch-up"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="resync", daemon=True)
        self._copied: Synchronised | None = None
        self._meetings = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Stop it; the next supervisor goes on with it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _check(self) -> None:
        if self._stop.is_set() or self._context.stopping.is_set():
            raise StoppedError("Stopped")

    def _run(self) -> None:
        context = self._context
        try:
            self._synchronise()
        except StoppedError:
            return
        except (LmtuiError, psycopg.Error) as error:
            if isinstance(error, psycopg.Error):
                error = server_error("A server refused", error)
            context.tell(ResyncFailed(tables=tuple(self._relations), problem=problem_of(error)))

    def _synchronise(self) -> None:
        context = self._context
        left = unfinished(context)
        copied = [name for name, state in left.items() if state == "copied"]
        if left and len(copied) == len(left) and not self._relations.keys() - left.keys():
            # Another supervisor has copied them; what came since is still to be caught up with.
            self._relations = dict.fromkeys(left, self._reason)
        else:
            self._relations |= dict.fromkeys(left, self._reason)
            context.tell(ResyncBegun(tables=tuple(self._relations), reason=self._reason))
            self._copied = synchronise(context, self._relations, self._check, self._finish_copy)
        self._catch_up()

    def _finish_copy(
        self, target: Connection, held: HeldSnapshot, facts: CatalogFacts,
        named: Collection[Relation],
    ) -> None:  # fmt: skip
        """Keep, with the rows, from where on the tables are to be caught up with."""
        lsn = held.slot.lsn
        CatchUp(
            name=self._name, tables=tuple(sorted(named)), lsn=lsn, facts=facts
        ).save(self._context.directory)  # fmt: skip
        progress.drop(target, self._name)
        progress.create(target, self._name, lsn)
        write_points(target, self._context.state.slot, named, "copied", lsn)

    def _catch_up(self) -> None:
        """Bring the tables to where replay stands, and hand them back to it."""
        given = CatchUp.load(self._context.directory)
        catching: CatchingUp | None = None
        try:
            while True:
                self._check()
                place = self._replication.applied_lsn
                if place <= given.lsn:
                    # Replay is not even there yet: it passes over what the copies hold.
                    if self._hand_back(given, given.lsn, lambda at: at <= given.lsn):
                        return
                    self._stop.wait(POLL_SECONDS)
                    continue
                if catching is None:
                    catching = self._replication.catch_up()
                self._replication.watch_catch_up(catching)
                if catching.applied_lsn + NEAR_BYTES >= place and self._meet(given, catching):
                    return
                self._context.wait(POLL_SECONDS)
        finally:
            self._replication.tell_applier("go")
            if catching is not None:
                catching.stop()

    def _meet(self, given: CatchUp, catching: CatchingUp) -> bool:
        """Hold replay, bring the tables to the same place, and hand them back there."""
        # What was told of an attempt before must not pass for this one's.
        self._meetings += 1
        hold = f"hold {self._meetings}"
        self._replication.tell_applier(hold)
        try:
            if not self._await(lambda: self._replication.held == hold):
                return False
            place = self._replication.applied_lsn
            until = f"until {place} {self._meetings}"
            catching.tell(until)
            # What ends behind the place, so that it is known to have been reached.
            with (
                closing(connect(self._context.source, application="lmtui resync")) as source,
                said_plainly("The source refused a mark in its log"),
            ):
                source.execute("select pg_logical_emit_message(true, 'lmtui', 'heartbeat')")
            there = self._await(lambda: catching.held == until, catching)
            if there and self._hand_back(given, place, lambda at: at == place):
                return True
            catching.tell("go")
            return False
        finally:
            self._replication.tell_applier("go")

    def _await(self, found: Callable[[], bool], catching: CatchingUp | None = None) -> bool:
        waited = 0.0
        while not found():
            self._check()
            if catching is not None:
                self._replication.watch_catch_up(catching)
            if waited > HOLD_SECONDS:
                return False
            self._stop.wait(POLL_SECONDS)
            waited += POLL_SECONDS
        return True

    def _hand_back(self, given: CatchUp, lsn: int, there: Callable[[int], bool]) -> bool:
        """Let replay go on with the tables behind `lsn`, if it is still there; says whether."""
        slot = self._context.state.slot
        with (
            closing(connect(self._context.target, autocommit=False, lock_timeout=30)) as target,
            said_plainly("The synchronisation points cannot be written on the target"),
        ):
            place, caught_up = (
                parse_lsn(run(target, "progress_lock", {"slot": name})[0][0])
                for name in (slot, given.name)
            )
            if not there(place) or caught_up > lsn:
                return False
            progress.merge(target, slot, given.name)
            write_points(target, slot, given.tables, "done", lsn)
            target.commit()
        copied = self._copied
        self._context.tell(
            TablesSynchronised(
                lsn=format_lsn(lsn), tables=given.tables,
                rows=copied.rows if copied else 0, bytes=copied.bytes if copied else 0,
                seconds=copied.seconds if copied else 0.0,
            )
        )  # fmt: skip
        return True


def unfinished(context: Context) -> Mapping[Relation, str]:
    """Tables that are not whole on the target, with their state there."""
    with closing(connect(context.target, read_only=True)) as target:
        points = read_points(target, context.state.slot)
    return {one.relation: one.state for one in points if one.state != "done"}
