"""What other migration tools left behind."""

from collections.abc import Sequence
from typing import Any

from lmtui.checks.check import Outcome, both_sides, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.ways import drop_slot
from lmtui.checks.wording import identifier, listing, literal
from lmtui.database import Connection, run


def _statement(kind: str, name: str) -> str:
    if kind == "slot":
        return f"SELECT pg_drop_replication_slot({literal(name)});"
    if kind == "origin":
        return f"SELECT pg_replication_origin_drop({literal(name)});"
    return f"DROP {kind.upper()} {identifier(name)}{' CASCADE' if kind == 'schema' else ''};"


def _others(_facts: Facts, side: str, session: Connection) -> Outcome:
    rows: Sequence[Any] = run(session, "check_other_tools")
    if not rows:
        return ok(f"No other migration tool left anything on the {side}")
    return warning(
        f"Another migration tool left something on the {side}",
        f"{listing([f'{kind} {name}' for kind, name in rows])}.",
        f"On the {side}, when no such tool is at work any more:\n"
        + "\n".join(_statement(kind, name) for kind, name in rows),
        tuple(drop_slot(side, name) for kind, name in rows if kind == "slot"),
    )


CHECKS = both_sides(
    "other_tools",
    "what other tools left on the {side}",
    _others,
    why="Slots, origins, publications and schemas of pgcopydb, live-migration and its successor:"
    " the slots keep the log, the schemas would be copied. A warning.",
)
