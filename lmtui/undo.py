"""Putting back what the ledger says."""

from collections.abc import Iterable

from lmtui.database import Connection, connect, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import UsageError
from lmtui.ledger import Entry, Ledger


def undo(ledger: Ledger, endpoints: Iterable[Endpoint], until: Iterable[str]) -> list[Entry]:
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
    try:
        for entry in entries:
            if entry.side not in connections:
                connections[entry.side] = connect(
                    by_side[entry.side], statement_timeout=0, lock_timeout=30
                )
            with said_plainly(f"Not put back on the {entry.side}: {entry.what}", hint=entry.undo):
                connections[entry.side].execute(entry.undo)
            ledger.mark_undone(entry)
    finally:
        for connection in connections.values():
            connection.close()
    return entries
