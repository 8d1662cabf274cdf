"""Triggers and rules that would fire for replayed rows."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, info, ok
from lmtui.checks.facts import Facts
from lmtui.checks.ways import statements_of
from lmtui.checks.wording import count, listing, literal
from lmtui.database import Connection, run
from lmtui.remedies.remedy import Remedy, Step


def _quiet(table: str, name: str, enabled: str) -> Remedy:
    """The trigger acts on the source as before, and no more for a role that replicates.

    One that fires ALWAYS becomes an ordinary one; one that fires for REPLICA only, none.
    """
    form, back = ("ENABLE", "ENABLE ALWAYS") if enabled == "A" else ("DISABLE", "ENABLE REPLICA")
    # Harmless where the table or the trigger is gone meanwhile.
    undo = (
        "DO $lmtui$ BEGIN IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid ="
        f" to_regclass({literal(table)}) AND quote_ident(tgname) = {literal(name)}) THEN"
        f" ALTER TABLE {table} {back} TRIGGER {name}; END IF; END $lmtui$;"
    )
    return Remedy(
        name=f"{table}.{name}",
        side=SOURCE,
        consent=f"Let the trigger {name} of {table} not fire for replayed rows; on the source it"
        " acts as before. It locks the table for a moment, and is put back on the source only",
        steps=(Step(statement=f"ALTER TABLE {table} {form} TRIGGER {name};", undo=undo),),
    )


def _triggers(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_triggers")
    loud = [row for row in rows if row[2] in ("A", "R")]
    if loud:
        fixes = tuple(_quiet(table, name, how) for table, name, how, kind in loud if kind != "rule")
        said = [
            f"{kind} {name} of {table} ({'ALWAYS' if how == 'A' else 'REPLICA'})"
            for table, name, how, kind in loud
        ]
        return blocker(
            f"{count(len(loud), 'trigger or rule', 'triggers or rules')} would fire again for"
            " replayed rows",
            f"{listing(said)}. session_replication_role does not silence them.",
            f"On the source:\n{statements_of(fixes)}"
            if fixes
            else "On the source: ALTER TABLE ... ENABLE RULE, which fires for ordinary sessions.",
            fixes,
        )
    if rows:
        return info(
            f"{count(len(rows), 'trigger or rule', 'triggers or rules')} will not fire for"
            " replayed rows",
            f"{listing([f'{kind} {name} of {table}' for table, name, _, kind in rows])}. What they"
            " did on the source is in the stream.",
        )
    return ok("The source has no triggers or rules on its tables")


CHECKS = (
    Check(
        "source.triggers", SOURCE, "triggers and rules", _triggers,
        why="The replay sets session_replication_role to replica, which silences ordinary triggers."
        " What fires ALWAYS or for REPLICA would act twice. Blocks; else good to know.",
    ),
)  # fmt: skip
