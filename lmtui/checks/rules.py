"""Triggers and rules that would fire for replayed rows."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run

_WHEN = {"A": " (ALWAYS)", "R": " (REPLICA)"}


def _triggers(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_triggers")
    if not rows:
        return ok("The source has no triggers or rules on its tables")
    # Those that need more than replay's own silence come first.
    rows = sorted(rows, key=lambda row: row[2] not in _WHEN)
    said = [f"{kind} {name} of {table}{_WHEN.get(how, '')}" for table, name, how, kind in rows]
    words = "What they did on the source is in the stream."
    if any(row[2] in _WHEN for row in rows):
        words += (
            " ALWAYS and REPLICA are what replay cannot silence: those are set aside on the target"
            " from the end of the initial copy to the cutover."
        )
    return info(
        f"{count(len(rows), 'trigger or rule', 'triggers or rules')} will not fire for"
        " replayed rows",
        f"{listing(said)}. {words}",
    )


CHECKS = (
    Check(
        "source.triggers", SOURCE, "triggers and rules", _triggers,
        why="The replay sets session_replication_role to replica, which silences ordinary triggers."
        " What fires ALWAYS or for REPLICA would act twice: it is set aside on the target until the"
        " cutover, and is then as on the source. Good to know.",
    ),
)  # fmt: skip
