"""What goes on at the source that would hold a migration up, or change under it."""

from lmtui.checks.check import SOURCE, Check, Outcome, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.ways import end_session
from lmtui.checks.wording import count, duration, listing, literal
from lmtui.database import Connection, run

LONG_SECONDS = 60
OLD_XIDS = 1_000_000_000


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
        tuple(end_session(SOURCE, row[0]) for row in rows),
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


def _ddl(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_ddl")
    if not rows:
        return ok("Nobody changes the source's schema just now")
    return warning(
        "The source's schema is being changed",
        listing(
            [f"{kind} by {role} in process {pid}, for {duration(s)}" for pid, role, kind, s in rows]
        )
        + ". Such changes are not replayed.",
        "Let them end before the migration begins, and stop deployments and partition"
        " maintenance until it is done.",
    )


def _age(_facts: Facts, session: Connection) -> Outcome:
    [(age,)] = run(session, "check_xid_age")
    if age > OLD_XIDS:
        return warning(
            "The source is near the end of its transaction ids",
            f"The oldest is {age} transactions old; at 2 thousand million the server refuses"
            " writes, and the slot and the snapshot hold vacuum back.",
            "Let a vacuum of the oldest tables end first:\nVACUUM (FREEZE, VERBOSE);",
        )
    return ok("The source is far from the end of its transaction ids", f"{age} used of 2^31")


def _schedulers(_facts: Facts, session: Connection) -> Outcome:
    names = [name for (name,) in run(session, "check_schedulers")]
    if not names:
        return ok("No scheduler's tables are on the source")
    return warning(
        "A scheduler of the source may change its schema, and would run twice",
        f"{listing(names)} is there. What creates or drops partitions changes the schema; after"
        " the cutover jobs run on both sides.",
        "Pause its maintenance for the time of the migration, and move its jobs at the cutover.",
    )


CHECKS = (
    Check(
        "source.open_transactions", SOURCE, "long write transactions on the source",
        _open_transactions,
        why="A new slot waits for them, whichever database they are in. A warning from a minute"
        " on.",
    ),
    Check(
        "source.prepared_transactions", SOURCE, "prepared transactions on the source",
        _prepared_transactions,
        why="They stay open until somebody ends them, and a new slot waits for them. A warning;"
        " source.slot_creation blocks.",
    ),
    Check(
        "source.ddl", SOURCE, "changes of the source's schema", _ddl,
        why="Changes of the schema are not in the stream. A warning while one runs; during the"
        " migration, fingerprints are compared.",
    ),
    Check(
        "source.xid_age", SOURCE, "how old the source's transaction ids are", _age,
        why="Slot and snapshot hold vacuum back for as long as the copy takes. A warning above a"
        " thousand million.",
    ),
    Check(
        "source.schedulers", SOURCE, "schedulers on the source", _schedulers,
        why="pg_cron, pg_partman and pg_repack work by themselves. A warning.",
    ),
)  # fmt: skip
