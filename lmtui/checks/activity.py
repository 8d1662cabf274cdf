"""What goes on at the source that a new slot would wait for."""

from lmtui.checks.check import SOURCE, Check, Outcome, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, duration, listing, literal
from lmtui.database import Connection, run

LONG_SECONDS = 60


def _open_transactions(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_open_transactions", {"seconds": LONG_SECONDS})
    if not rows:
        return ok("No write transaction on the source is open for over a minute")
    names = [
        f"process {pid} (role {role}, database {database}, application {application or 'unnamed'}),"
        f" open for {duration(seconds)}"
        for pid, role, database, application, seconds in rows
    ]
    return warning(
        f"{count(len(rows), 'write transaction')} on the source "
        f"{'is' if len(rows) == 1 else 'are'} open for over a minute",
        f"{listing(names)}. A new slot waits for them.",
        "Let them end, or end them, if their owners agree:\n"
        + "\n".join(f"SELECT pg_terminate_backend({row[0]});" for row in rows),
    )


def _prepared_transactions(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_prepared_transactions")
    if not rows:
        return ok("No prepared transaction is open on the source")
    names = [
        f"{gid} (role {role}, database {database}), prepared for {duration(seconds)}"
        for gid, role, database, seconds in rows
    ]
    return warning(
        f"{count(len(rows), 'prepared transaction')} "
        f"{'is' if len(rows) == 1 else 'are'} open on the source",
        f"{listing(names)}. A new slot waits for them.",
        "In that database, COMMIT PREPARED or ROLLBACK PREPARED, as their owners decide:\n"
        + "\n".join(f"COMMIT PREPARED {literal(row[0])};" for row in rows),
    )


CHECKS = (
    Check(
        "source.open_transactions",
        SOURCE,
        "long write transactions on the source",
        _open_transactions,
    ),
    Check(
        "source.prepared_transactions",
        SOURCE,
        "prepared transactions on the source",
        _prepared_transactions,
    ),
)
