"""TimescaleDB's restoring mode: the right to have it for the copy, and one that was left on."""

from lmtui.checks.check import TARGET, Check, Outcome, blocker, both_sides, ok
from lmtui.checks.extensions import moves_timescaledb
from lmtui.checks.facts import Facts
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import identifier
from lmtui.database import Connection, run
from lmtui.remedies.remedy import NAMED


def _restoring(facts: Facts, side: str, _session: Connection) -> Outcome:
    server = facts.server(side)
    if server.settings.get("timescaledb.restoring") != "on":
        return ok(f"The {side} is not being restored")
    fix = one(
        side,
        "restoring",
        f"End the restoring of TimescaleDB on the {side}; it cannot be put back",
        f"SELECT {server.timescaledb_schema}.timescaledb_post_restore();",
        kind=NAMED,
    )
    allowed = server.superuser or server.provider.managed
    return blocker(
        f"The {side}'s database is still in TimescaleDB's restoring mode",
        "timescaledb.restoring is on: jobs do not run, and inserts may miss their chunks.",
        f"On the {side}{'' if allowed else ', as a superuser'}, when no restore is under way:\n"
        f"{statements_of((fix,))}",
        (fix,) if allowed else (),
    )


def _restore_right(facts: Facts, session: Connection) -> Outcome:
    target = facts.target
    # Services let their administrators do what elsewhere only a superuser may.
    if target.superuser or (
        target.provider.managed
        and target.database_owner
        and run(session, "check_restore_right")[0][0]
    ):
        return ok(f"The role {target.role} may restore TimescaleDB on the target")
    if target.provider.managed:
        remedy = f"Connect as the administrator that {target.provider.label} gives, who owns the"
        remedy += " database."
    else:
        remedy = "Connect to the target as a superuser; or make the role one for the time of the"
        remedy += f" migration:\nALTER ROLE {identifier(target.role)} SUPERUSER;"
    return blocker(
        f"The role {target.role} may not restore TimescaleDB on the target",
        "The initial copy calls timescaledb_pre_restore, which changes a setting of the database"
        " and stops TimescaleDB's workers: on a server of your own, only a superuser may.",
        remedy,
    )


CHECKS = (
    *both_sides(
        "restoring", "whether the {side} is in restoring mode", _restoring,
        applies=lambda facts, side: bool(facts.server(side).timescaledb),
        why="A restore that was broken off leaves the mode on, in which chunks and jobs do not"
        " work. Blocks.",
    ),
    Check(
        "target.timescaledb_restore", TARGET, "the right to restore TimescaleDB",
        _restore_right,
        moves_timescaledb,
        why="The copy puts the target's database into restoring mode, which a superuser may, or a"
        " service's administrator. Blocks.",
    ),
)  # fmt: skip
