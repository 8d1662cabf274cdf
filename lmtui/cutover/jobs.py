"""TimescaleDB's jobs on the target at the end: scheduled as on the source, and not all at once."""

from collections.abc import Collection
from typing import NamedTuple

from psycopg import sql

from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.humane import count_noun
from lmtui.jobs import COPIED, read_jobs, to_be_resumed
from lmtui.ledger import Ledger
from lmtui.undo import undo

# Between jobs that are due at once: the target has other things to do in its first minutes.
PAUSE_SECONDS = 15


class _Job(NamedTuple):
    id: int
    procedure: str
    scheduled: bool
    next_start: str | None
    definition: str

    @property
    def text(self) -> str:
        return f"{self.id} ({self.procedure})"


def resume_jobs(ledger: Ledger, source: Endpoint, target: Endpoint, paused: Collection[int]) -> str:
    """Switch the target's jobs on as they are on the source, where lmtui has `paused` some.

    A job keeps the time at which it is due on the source; those that are overdue begin one after
    the other. What is not the same on both sides is said. May be repeated. Raises ServerError.
    """
    with (
        connect(source, read_only=True) as ours,
        connect(target, statement_timeout=0, lock_timeout=30) as theirs,
        said_plainly("The jobs cannot be compared"),
    ):
        there, here = _read(ours), _read(theirs)
        # A remedy of preflight paused some for the time of the migration only.
        paused = {*paused, *to_be_resumed(ours, ledger, read_jobs(ours))}
        wanted = {one.id for one in there.values() if one.scheduled or one.id in paused}
        due = [here[id_] for id_ in sorted(wanted & here.keys()) if not here[id_].scheduled]
        with theirs.transaction():
            for number, one in enumerate(due, 1):
                _alter(theirs, one.id, _due(there[one.id].next_start, number * PAUSE_SECONDS))
        copied = _copied(ledger)
        undo(ledger, [target], ("jobs",))
        for one in _read(theirs).values():
            # Those that only the target has are its own.
            if one.scheduled and one.id in copied - wanted:
                _alter(theirs, one.id, sql.SQL("scheduled => false"))
        now = _read(theirs)
    on = sum(one.scheduled for one in now.values())
    said = [f"{count_noun(on, 'job')} on, {count_noun(len(now) - on, 'job')} paused"]
    said += [
        f"job {now[id_].text} is not on the source any more: paused"
        for id_ in sorted(copied & now.keys() - there.keys())
    ]
    said += [f"job {there[id_].text} is missing here" for id_ in there.keys() - now]
    said += [
        f"job {one.text} is defined otherwise on the source: {one.definition}"
        for one in there.values()
        if one.id in now and now[one.id].definition != one.definition
    ]
    said += [
        f"job {one.text} is not scheduled here"
        for one in there.values()
        if one.id in wanted and one.id in now and not now[one.id].scheduled
    ]
    return "; ".join(said)


def _copied(ledger: Ledger) -> set[int]:
    """The jobs that came from the source and were on there."""
    entries = ledger.open_entries(("jobs",))
    return {int(one.what.split()[1]) for one in entries if one.what.endswith(COPIED)}


def _read(connection: Connection) -> dict[int, _Job]:
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return {}
    return {row[0]: _Job(*row) for row in run(connection, "jobs_compared")}


def _due(at: str | None, seconds: int) -> sql.Composed:
    """The time of the next start: the source's, if that is not over by then."""
    return sql.SQL(
        "next_start => greatest({}::timestamptz, now() + {} * interval '1 second')"
    ).format(sql.Literal(at), sql.Literal(seconds))


def _alter(connection: Connection, id_: int, change: sql.Composable) -> None:
    (schema,) = run(connection, "timescaledb_schema")[0]
    connection.execute(
        sql.SQL("select {}.alter_job({}, {})").format(
            sql.Identifier(schema), sql.Literal(id_), change
        )
    )
