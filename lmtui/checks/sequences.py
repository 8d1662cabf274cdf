"""Sequences and key columns that run out."""

from lmtui.checks.check import SOURCE, Check, Outcome, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run


def _sequences(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_sequences")
    if not rows:
        return ok("No sequence of the source is near its end")
    return warning(
        f"{count(len(rows), 'sequence')} of the source {'is' if len(rows) == 1 else 'are'} near"
        " the end",
        f"{listing([f'{name} ({share} %)' for name, share in rows])}.",
        "Widen them before or after the migration, not during it:\n"
        + "\n".join(f"ALTER SEQUENCE {name} AS bigint;" for name, _ in rows),
    )


def _narrow(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_narrow_keys")
    if not rows:
        return ok("No key column of the source is near its type's end")
    return warning(
        f"{count(len(rows), 'key column')} of the source {'is' if len(rows) == 1 else 'are'} near"
        " the end of the type",
        f"{listing([f'{name} {type_} ({share} %)' for name, type_, share in rows])}.",
        "Widen them before or after the migration, not during it: it rewrites the table.",
    )


CHECKS = (
    Check(
        "source.sequences", SOURCE, "sequences near their end", _sequences,
        why="A sequence that ends refuses inserts, on whichever side. A warning from 80 % on.",
    ),
    Check(
        "source.narrow_keys", SOURCE, "key columns near their end", _narrow,
        why="A smallint or integer key ends before its sequence does. A warning from 80 % on.",
    ),
)  # fmt: skip
