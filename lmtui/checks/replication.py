"""Whether the source gives a logical replication slot, and would keep it."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing, literal
from lmtui.database import Connection, run

NEEDED_SLOTS = 1
# One holds the exported snapshot while the other already receives.
NEEDED_SENDERS = 2


def _wal_level(facts: Facts, _session: Connection) -> Outcome:
    level = facts.source.settings["wal_level"]
    if level == "logical":
        return ok("The source's wal_level is logical")
    if "wal_level" in facts.source.pending_restart:
        return blocker(
            "The source's wal_level is changed, but not in force yet",
            f"It is still {level}.",
            "Restart the source's PostgreSQL.",
        )
    return blocker(
        "The source's wal_level is not logical",
        f"It is {level}.",
        "On the source, then restart its PostgreSQL:\n"
        "ALTER SYSTEM SET wal_level = 'logical';\n"
        "On a managed service: set rds.logical_replication = 1 (Amazon RDS, Aurora),"
        " cloudsql.logical_decoding = on (Cloud SQL) or wal_level = LOGICAL (Azure), and restart.",
    )


def _slots(facts: Facts, session: Connection) -> Outcome:
    [(used, _)] = run(session, "check_replication_use")
    limit = int(facts.source.settings["max_replication_slots"])
    if limit - used < NEEDED_SLOTS:
        return blocker(
            "No replication slot is free on the source",
            f"max_replication_slots is {limit}, and {used} are in use.",
            "Drop a slot that nobody needs (see pg_replication_slots), or, with a restart:\n"
            f"ALTER SYSTEM SET max_replication_slots = {used + 4};",
        )
    return ok("A replication slot is free on the source", f"{limit - used} of {limit} are free")


def _senders(facts: Facts, session: Connection) -> Outcome:
    [(_, used)] = run(session, "check_replication_use")
    limit = int(facts.source.settings["max_wal_senders"])
    if limit - used < NEEDED_SENDERS:
        return blocker(
            "Too few wal senders are free on the source",
            f"max_wal_senders is {limit}, {used} are in use, and {NEEDED_SENDERS} are needed.",
            "On the source, then restart its PostgreSQL:\n"
            f"ALTER SYSTEM SET max_wal_senders = {used + 4};",
        )
    return ok("Wal senders are free on the source", f"{limit - used} of {limit} are free")


def _retention(facts: Facts, _session: Connection) -> Outcome:
    settings = facts.source.settings
    # Absent before PostgreSQL 13 and 18; megabytes, and minutes or seconds.
    size = settings.get("max_slot_wal_keep_size", "-1")
    idle = settings.get("idle_replication_slot_timeout", "0")
    details, statements = [], []
    if size != "-1":
        details.append(f"max_slot_wal_keep_size is {size} MB.")
        statements.append("ALTER SYSTEM SET max_slot_wal_keep_size = -1;")
    if idle != "0":
        details.append(f"idle_replication_slot_timeout is {idle}.")
        statements.append("ALTER SYSTEM SET idle_replication_slot_timeout = 0;")
    if not details:
        return ok("The source keeps the log that a slot needs without a limit")
    return warning(
        "The source may give up the slot during the migration",
        " ".join(details) + " A slot that is given up means to begin again.",
        "On the source, for the time of the migration, if its disk has room:\n"
        + "\n".join([*statements, "SELECT pg_reload_conf();"]),
    )


def _old_snapshot(facts: Facts, _session: Connection) -> Outcome:
    threshold = facts.source.settings["old_snapshot_threshold"]
    if threshold == "-1":
        return ok("The source's snapshots do not age")
    return warning(
        "The source may end the snapshot of the initial copy",
        f"old_snapshot_threshold is {threshold} min: a longer copy fails with 'snapshot too old'.",
        "On the source, then restart its PostgreSQL:\n"
        "ALTER SYSTEM SET old_snapshot_threshold = -1;",
    )


def _leftovers(_facts: Facts, session: Connection) -> Outcome:
    slots = run(session, "check_leftover_slots")
    if not slots:
        return ok("No slot of an earlier migration is on the source")
    names = [f"{name}{' (in use)' if active else ''}" for name, active in slots]
    return warning(
        f"{count(len(slots), 'slot')} of an earlier migration "
        f"{'is' if len(slots) == 1 else 'are'} on the source",
        f"{listing(names)}. A slot that nobody reads fills the source's disk.",
        "Where no migration uses it any more, run lmtui clean in its directory, or:\n"
        + "\n".join(f"SELECT pg_drop_replication_slot({literal(name)});" for name, _ in slots),
    )


CHECKS = (
    Check("source.wal_level", SOURCE, "the source's wal_level", _wal_level),
    Check("source.slots", SOURCE, "free replication slots on the source", _slots),
    Check("source.senders", SOURCE, "free wal senders on the source", _senders),
    Check("source.leftovers", SOURCE, "slots of an earlier migration", _leftovers),
    Check("source.slot_retention", SOURCE, "how long the source keeps a slot", _retention),
    Check(
        "source.old_snapshot_threshold",
        SOURCE,
        "how long the source keeps a snapshot",
        _old_snapshot,
        lambda facts: "old_snapshot_threshold" in facts.source.settings,
    ),
)
