"""Columns whose values are not simply copied."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run


def _generated(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_generated_columns")
    if not rows:
        return ok("The source has no generated columns")
    return info(
        f"{count(len(rows), 'generated column')} will be computed by the target",
        f"{listing([f'{table} ({column})' for table, column in rows])}.",
    )


def _identity(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_identity_columns")
    if not rows:
        return ok("No column of the source is GENERATED ALWAYS AS IDENTITY")
    return info(
        f"{count(len(rows), 'identity column')} of the source {'is' if len(rows) == 1 else 'are'}"
        " GENERATED ALWAYS",
        f"{listing([f'{table} ({column})' for table, column in rows])}. The replay writes the"
        " source's values, and the target is set back to ALWAYS at the cutover.",
    )


CHECKS = (
    Check(
        "source.generated", SOURCE, "generated columns", _generated,
        why="The target computes them; a function that is not the same there gives other values."
        " Good to know.",
    ),
    Check(
        "source.identity_columns", SOURCE, "identity columns", _identity,
        why="Values for GENERATED ALWAYS columns are refused unless they are overridden, which the"
        " replay does. Good to know.",
    ),
)  # fmt: skip
