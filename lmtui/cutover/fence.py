"""The fence: what keeps writers from the source while the last changes are drained.

It is soft: a superuser, or a session that sets default_transaction_read_only back, gets through.
What gets through is seen in the stream after the drain marker and fails the proof.
"""

import time
from collections.abc import Callable

from psycopg import sql

from lmtui.database import Connection, connect, own_backends, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import CutoverError
from lmtui.ledger import Ledger
from lmtui.undo import undo

SETTLE_SECONDS = 20.0
# As the ledger calls it.
READ_ONLY = "database made read-only"


def raise_fence(connection: Connection, ledger: Ledger, kind: str) -> None:
    """Raise the fence on the source; the ledger knows beforehand how to lift it."""
    if kind == "none":
        return
    (name,) = connection.execute("select current_database()::text").fetchall()[0]
    database = sql.Identifier(name)
    with said_plainly("The fence could not be raised on the source"):
        if kind == "terminate":
            _refuse_connections(connection, ledger, database)
        _make_read_only(connection, ledger, database)
        run(connection, "fence_end_sessions", {"own": own_backends("source")})


def _make_read_only(connection: Connection, ledger: Ledger, database: sql.Identifier) -> None:
    (before,) = run(connection, "fence_settings")[0]
    if before:
        lift = sql.SQL("alter database {} set default_transaction_read_only = {}").format(
            database, sql.Literal(before)
        )
    else:
        lift = sql.SQL("alter database {} reset default_transaction_read_only").format(database)
    if not any(entry.what == READ_ONLY for entry in ledger.open_entries(("fence",))):
        # Else it is kept from a cutover before, and so is what was there before it.
        ledger.record(
            side="source",
            what=READ_ONLY,
            before=before or "not set",
            undo=lift.as_string(),
            until="fence",
        )
    connection.execute(
        sql.SQL("alter database {} set default_transaction_read_only = on").format(database)
    )


def _refuse_connections(connection: Connection, ledger: Ledger, database: sql.Identifier) -> None:
    for (role,) in run(connection, "fence_connect_grants"):
        grantee = sql.Identifier(role) if role else sql.SQL("public")
        ledger.record(
            side="source",
            what=f"right to connect taken from {role or 'public'}",
            before="granted",
            undo=sql.SQL("grant connect on database {} to {}")
            .format(database, grantee)
            .as_string(),
            until="fence",
        )
        connection.execute(
            sql.SQL("revoke connect on database {} from {}").format(database, grantee)
        )


def await_silence(connection: Connection, check: Callable[[], None]) -> None:
    """Wait until no write transaction is open. Raises CutoverError naming those that stay.

    `check` is called often and raises where the cutover is to be given up.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        own = {"own": own_backends("source")}
        writing = [who for (who,) in run(connection, "fence_still_writing", own)]
        if not writing:
            return
        if time.monotonic() > deadline:
            raise CutoverError(
                "Transactions on the source stay open behind the fence",
                detail="; ".join(writing[:5]),
                hint="End them, then cut over again.",
            )
        check()
        time.sleep(0.05)


def lift_fence(ledger: Ledger, source: Endpoint) -> int:
    """Lift the fence, also one that an earlier process raised; returns how many steps it took."""
    return len(undo(ledger, [source], ("fence",)))


def end_read_only_sessions(source: Endpoint) -> int:
    """End the sessions that began behind a fence which is lifted: they would never write again.

    Returns how many. Raises ServerError, ConnectionFailedError.
    """
    with (
        connect(source) as connection,
        said_plainly(
            "The sessions that began behind the fence cannot be ended",
            "The fence is lifted, but they stay read-only: begin them anew.",
        ),
    ):
        return len(run(connection, "fence_end_sessions", {"own": own_backends("source")}))
