"""Slots that are on the source already, and what becomes of ours."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.ways import drop_slot, statements_of
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run
from lmtui.humane import bytes_text

RETAINED_WARNING_BYTES = 1 << 30


def _leftovers(_facts: Facts, session: Connection) -> Outcome:
    slots = run(session, "check_leftover_slots")
    if not slots:
        return ok("No slot of an earlier migration is on the source")
    names = [f"{name}{' (in use)' if active else ''}" for name, active in slots]
    fixes = tuple(drop_slot(SOURCE, name) for name, active in slots if not active)
    return warning(
        f"{count(len(slots), 'slot')} of an earlier migration "
        f"{'is' if len(slots) == 1 else 'are'} on the source",
        f"{listing(names)}. A slot that nobody reads fills the source's disk.",
        "Where no migration uses it any more, run lmtui clean in its directory, or:\n"
        + statements_of([drop_slot(SOURCE, name) for name, _ in slots]),
        fixes,
    )


def _stale(_facts: Facts, session: Connection) -> Outcome:
    slots = run(session, "check_stale_slots")
    stale, others = [], []
    for name, active, retained, status in slots:
        words = f"{name} keeps {bytes_text(int(retained or 0))}"
        if status in ("lost", "unreserved"):
            words += f", {status}"
        if not active and (int(retained or 0) > RETAINED_WARNING_BYTES or status == "lost"):
            stale.append((name, words))
        else:
            others.append(words)
    if stale:
        fixes = tuple(drop_slot(SOURCE, name) for name, _ in stale)
        return warning(
            f"{count(len(stale), 'slot')} on the source {'is' if len(stale) == 1 else 'are'}"
            " not read",
            f"{listing([words for _, words in stale])}. Such a slot fills the source's disk, which"
            " the migration needs for its own.",
            f"Where nobody needs it any more:\n{statements_of(fixes)}",
            fixes,
        )
    if others:
        return info(f"The source has {count(len(others), 'other slot')}", f"{listing(others)}.")
    return ok("The source has no other slots")


def _failover(facts: Facts, session: Connection) -> Outcome:
    [(standbys,)] = run(session, "check_standbys")
    if not standbys:
        return ok("No standby follows the source")
    synced = facts.source.settings.get("sync_replication_slots", "off") == "on"
    if synced:
        return ok("Slots are kept in step on standbys", "sync_replication_slots is on")
    return warning(
        "A failover of the source would lose the slot",
        f"{count(standbys, 'standby', 'standbys')} follow the source, and none takes over its"
        " slots. After a failover the migration begins again.",
        "Let no failover, switchover or maintenance happen while the migration runs; with Patroni,"
        " name the slot among its permanent slots.",
    )


CHECKS = (
    Check(
        "source.leftovers", SOURCE, "slots of an earlier migration", _leftovers,
        why="A slot that lmtui left keeps the source's log for ever. A warning.",
    ),
    Check(
        "source.stale_slots", SOURCE, "other slots on the source", _stale,
        why="A slot that nobody reads keeps the log, and so may fill the disk. A warning above"
        " 1 GB, or where the slot is lost.",
    ),
    Check(
        "source.failover", SOURCE, "whether a slot outlives a failover", _failover,
        lambda facts: not facts.source.standby,
        why="A standby that takes over has no slot of ours, unless slots are synchronised"
        " (PostgreSQL 17). A warning where standbys are connected.",
    ),
)  # fmt: skip
