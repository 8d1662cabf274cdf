"""Putting back what the ledger says."""

from collections.abc import Iterable
from typing import NamedTuple

from psycopg.errors import Diagnostic

from lmtui.database import Connection, connect, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import UsageError
from lmtui.ledger import Entry, Ledger
from lmtui.remedies.putting_back import KEPT


class PutBack(NamedTuple):
    """A change that was put back; or, where `kept` says why, one that belongs to others now."""

    entry: Entry
    kept: str = ""

    @property
    def words(self) -> str:
        """For the operator."""
        done = f"kept, since {self.kept}" if self.kept else "put back"
        return f"{self.entry.side}: {self.entry.what.rstrip(';')}, {done}"


def undo(ledger: Ledger, endpoints: Iterable[Endpoint], until: Iterable[str]) -> list[PutBack]:
    """Put back the open entries of these kinds, the latest first; returns them.

    Raises ServerError at the first that a server refuses; those before it are marked. Raises
    UsageError, before anything, where an entry was made on another server.
    """
    by_side = {endpoint.side: endpoint for endpoint in endpoints}
    entries = ledger.open_entries(until)
    for entry in entries:
        if entry.where not in ("", by_side[entry.side].label):
            raise UsageError(
                f"The {entry.side} is not the one that was changed",
                detail=f"Given was {by_side[entry.side].label}; changed was {entry.where}.",
                hint="Give the same connection strings, or another --dir.",
            )
    connections: dict[str, Connection] = {}
    warned: list[str] = []
    done = []

    def hear(diagnostic: Diagnostic) -> None:
        words = diagnostic.message_primary or ""
        if words.startswith(KEPT):
            warned.append(words.removeprefix(KEPT))

    try:
        for entry in entries:
            if entry.fresh and entry.side in connections:
                connections.pop(entry.side).close()
            if entry.side not in connections:
                connections[entry.side] = connect(
                    by_side[entry.side], statement_timeout=0, lock_timeout=30
                )
                connections[entry.side].add_notice_handler(hear)
            warned.clear()
            with said_plainly(f"Not put back on the {entry.side}: {entry.what}", hint=entry.undo):
                connections[entry.side].execute(entry.undo)
            ledger.mark_undone(entry)
            done.append(PutBack(entry, warned[0] if warned else ""))
    finally:
        for connection in connections.values():
            connection.close()
    return done
