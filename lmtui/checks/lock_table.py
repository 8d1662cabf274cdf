"""Whether the lock table has room for statements that touch every table."""

from lmtui.checks.check import Outcome, both_sides, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.settings import change_server
from lmtui.database import Connection


def _locks(facts: Facts, side: str, _session: Connection) -> Outcome:
    server = facts.server(side)
    settings = server.settings
    room = int(settings["max_locks_per_transaction"]) * (
        int(settings["max_connections"]) + int(settings["max_prepared_transactions"])
    )
    # The target will have what the source has.
    needed = facts.source.tables + (0 if side == "source" else facts.source.indexes)
    if needed * 2 <= room:
        return ok(f"The {side}'s lock table has room", f"{room} locks, {needed} needed at once")
    wanted = -(-needed * 2 // int(settings["max_connections"]))
    advice = change_server(server, {"max_locks_per_transaction": str(max(wanted, 256))})
    pending = "max_locks_per_transaction" in server.pending_restart
    return warning(
        f"The {side}'s lock table may be too small",
        f"It has room for about {room} locks; pg_dump and statements on hypertables take up to"
        f" {needed} at once, one for each table{'' if side == 'source' else ' and index'}."
        + (" The setting is changed, and waits for a restart." if pending else ""),
        advice.words,
        () if pending else advice.fixes,
    )


CHECKS = both_sides(
    "locks",
    "the {side}'s lock table",
    _locks,
    why="pg_dump locks every table in one transaction, and a statement on a hypertable every chunk."
    " A warning where that is more than half of max_locks_per_transaction * (max_connections +"
    " max_prepared_transactions).",
)
