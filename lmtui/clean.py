"""Leaving both sides as if lmtui had never been there, but for the data on the target."""

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, LmtuiError
from lmtui.events import CleanedUp, PhaseEntered
from lmtui.journal import Journal
from lmtui.ledger import ABORT, KINDS, Ledger
from lmtui.migration.reset import empty_target, was_empty
from lmtui.migration.slot import drop_slot
from lmtui.pgcopydb.process import stop_leftovers
from lmtui.phases import Phase
from lmtui.report_files import write_report
from lmtui.state import State
from lmtui.undo import undo
from lmtui.workdir import Lock, WorkDirectory

# How a change is told that nothing puts back.
STAYS = "stays: it cannot be put back"


def clean(
    directory: WorkDirectory, source: Endpoint, target: Endpoint, *, empty: bool = False,
    prune: bool = False,
) -> tuple[str, ...]:  # fmt: skip
    """Put back all that the ledger holds, and prove that nothing is left; returns what was done.

    `empty` also removes what was copied to the target, where that held nothing before. `prune`
    removes what lmtui has in the work directory, and the directory where nothing else is in it.
    Raises AlreadyRunningError while a supervisor works.
    """
    lock = Lock(directory)
    try:
        journal = Journal(directory)
        try:
            ledger = Ledger(directory)
            done = (
                *_put_back(journal, ledger, source, target, empty=empty),
                *_final(ledger),
            )
        finally:
            journal.close()
        write_report(directory)
        if prune:
            directory.prune()
    finally:
        lock.release()
    return done


def clean_remedies(
    directory: WorkDirectory, source: Endpoint, target: Endpoint, *, prune: bool = False
) -> tuple[str, ...]:
    """Put back what remedies changed before a migration was begun here; returns what was done."""
    lock = Lock(directory)
    try:
        ledger = Ledger(directory)
        done = undo(ledger, (source, target), KINDS)
        final = _final(ledger)
        if prune:
            directory.prune()
    finally:
        lock.release()
    return (*(one.words for one in done), *final)


def _final(ledger: Ledger) -> tuple[str, ...]:
    """What remedies changed for good, each ending in `STAYS`. Only they say where it was."""
    return tuple(
        f"{entry.side}: {entry.what.rstrip(';')}, {STAYS}"
        for entry, undone in ledger.entries()
        if entry.where and not (entry.undo or undone)
    )


def refuse_in_use(state: State) -> None:
    """Raise BlockedError where the target was told to be ready: others may have written to it."""
    if state.cutover.ready_at is not None:
        raise BlockedError(
            "The target is ready and may be in use; it is not emptied any more",
            hint="lmtui resume does what is left of the cutover; lmtui clean removes what lmtui "
            "made and keeps the data.",
        )


def _put_back(
    journal: Journal, ledger: Ledger, source: Endpoint, target: Endpoint, *, empty: bool
) -> tuple[str, ...]:
    state = journal.state
    if empty:
        refuse_in_use(state)
    stop_leftovers(state.id)
    done = []
    with connect(source, lock_timeout=30) as connection:
        if drop_slot(connection, state.slot):
            done.append(f"source: replication slot {state.slot} dropped")
    kinds: tuple[str, ...] = KINDS
    if empty and state.snapshot:
        if was_empty(state):
            # Before all else: an extension or a role that was made for the copy goes without it.
            done.append(f"target: {empty_target(target)} copied objects dropped")
            kinds = (*KINDS, ABORT)
        else:
            done.append("target: left as it is, since it was not empty when the migration began")
    done += [one.words for one in undo(ledger, (source, target), kinds)]
    _prove(source, target, state.slot)
    if state.phase is not Phase.CLEANED_UP:
        journal.append(PhaseEntered(phase=Phase.CLEANED_UP))
    journal.append(CleanedUp(removed=tuple(done)))
    return tuple(done)


def _prove(source: Endpoint, target: Endpoint, slot: str) -> None:
    with connect(source, read_only=True) as connection:
        if connection.execute(
            "select from pg_replication_slots where slot_name = %s", (slot,)
        ).fetchall():
            raise LmtuiError(f"The slot {slot} is still on the source", hint="Run clean again.")
    with connect(target, read_only=True) as connection:
        if connection.execute("select from pg_namespace where nspname = 'lmtui'").fetchall():
            raise LmtuiError("The schema lmtui is still on the target", hint="Run clean again.")
