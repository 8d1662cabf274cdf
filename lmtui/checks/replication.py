"""Whether the source gives a logical replication slot, and would keep it."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.settings import change_server
from lmtui.database import Connection, run

NEEDED_SLOTS = 1
# One holds the exported snapshot while the other already receives.
NEEDED_SENDERS = 2
# Feedback goes out every few seconds; below this a busy network alone could end a walsender.
SHORT_SENDER_TIMEOUT_MS = 30_000
_RESTART = "Restart the source's PostgreSQL"


def _pending(facts: Facts, name: str, value: str) -> Outcome:
    how = facts.source.provider.restart
    return blocker(
        f"The source's {name} is changed, but not in force yet",
        f"It is still {value}.",
        f"{_RESTART}{f': {how}' if how else ''}.",
    )


def _wal_level(facts: Facts, _session: Connection) -> Outcome:
    level = facts.source.settings["wal_level"]
    if level == "logical":
        return ok("The source's wal_level is logical")
    if "wal_level" in facts.source.pending_restart:
        return _pending(facts, "wal_level", level)
    advice = change_server(facts.source, {"wal_level": "'logical'"})
    return blocker(
        "The source's wal_level is not logical", f"It is {level}.", advice.words, advice.fixes
    )


def _slots(facts: Facts, session: Connection) -> Outcome:
    [(used, _)] = run(session, "check_replication_use")
    limit = int(facts.source.settings["max_replication_slots"])
    if limit - used >= NEEDED_SLOTS:
        return ok("A replication slot is free on the source", f"{limit - used} of {limit} are free")
    if "max_replication_slots" in facts.source.pending_restart:
        return _pending(facts, "max_replication_slots", str(limit))
    advice = change_server(facts.source, {"max_replication_slots": str(used + 4)})
    return blocker(
        "No replication slot is free on the source",
        f"max_replication_slots is {limit}, and {used} are in use.",
        f"Drop a slot that nobody needs (see source.stale_slots), or raise the limit.\n"
        f"{advice.words}",
        advice.fixes,
    )


def _senders(facts: Facts, session: Connection) -> Outcome:
    [(_, used)] = run(session, "check_replication_use")
    limit = int(facts.source.settings["max_wal_senders"])
    if limit - used >= NEEDED_SENDERS:
        return ok("Wal senders are free on the source", f"{limit - used} of {limit} are free")
    if "max_wal_senders" in facts.source.pending_restart:
        return _pending(facts, "max_wal_senders", str(limit))
    advice = change_server(facts.source, {"max_wal_senders": str(used + 4)})
    return blocker(
        "Too few wal senders are free on the source",
        f"max_wal_senders is {limit}, {used} are in use, and {NEEDED_SENDERS} are needed.",
        advice.words,
        advice.fixes,
    )


def _retention(facts: Facts, _session: Connection) -> Outcome:
    # Absent before PostgreSQL 13 and 18.
    wanted = {"max_slot_wal_keep_size": ("-1", "-1"), "idle_replication_slot_timeout": ("0", "0")}
    details = facts.source.details
    limits = {
        name: none
        for name, (unlimited, none) in wanted.items()
        if name in details and details[name].value != unlimited
    }
    if not limits:
        return ok("The source keeps the log that a slot needs without a limit")
    advice = change_server(
        facts.source, limits, "for the time of the migration, if its disk has room"
    )
    said = " ".join(f"{name} is {details[name].shown}." for name in limits)
    return warning(
        "The source may give up the slot during the migration",
        f"{said} A slot that is given up means to begin again.",
        advice.words,
        advice.fixes,
    )


def _old_snapshot(facts: Facts, _session: Connection) -> Outcome:
    threshold = facts.source.details["old_snapshot_threshold"].shown
    if threshold == "-1":
        return ok("The source's snapshots do not age")
    advice = change_server(facts.source, {"old_snapshot_threshold": "-1"})
    return warning(
        "The source may end the snapshot of the initial copy",
        f"old_snapshot_threshold is {threshold}: a longer copy fails with 'snapshot too old'.",
        advice.words,
        advice.fixes,
    )


def _sender_timeout(facts: Facts, _session: Connection) -> Outcome:
    setting = facts.source.details["wal_sender_timeout"]
    if setting.value == "0" or int(setting.value) >= SHORT_SENDER_TIMEOUT_MS:
        return ok("The source waits long enough for the receiver", f"{setting.shown}, 0 for ever")
    advice = change_server(
        facts.source, {"wal_sender_timeout": "'60s'"}, "for the time of the migration"
    )
    return warning(
        "The source soon ends a receiver that it does not hear from",
        f"wal_sender_timeout is {setting.shown}. The receiver begins again where it was, but a slow"
        " network could end it again and again.",
        advice.words,
        advice.fixes,
    )


def _decoding_memory(facts: Facts, _session: Connection) -> Outcome:
    setting = facts.source.details["logical_decoding_work_mem"]
    if int(setting.value) >= 65536:
        return ok(
            "The source has memory for decoding", f"logical_decoding_work_mem {setting.shown}"
        )
    advice = change_server(facts.source, {"logical_decoding_work_mem": "'64MB'"})
    return info(
        "The source decodes larger transactions through its disk",
        f"logical_decoding_work_mem is {setting.shown}; what is larger is written to files first.",
        advice.words,
        advice.fixes,
    )


CHECKS = (
    Check(
        "source.wal_level", SOURCE, "the source's wal_level", _wal_level,
        why="Changes can be decoded only from a log written at the level logical. Blocks.",
    ),
    Check(
        "source.slots", SOURCE, "free replication slots on the source", _slots,
        why="The slot keeps the log until it is replayed. Blocks where none is free.",
    ),
    Check(
        "source.senders", SOURCE, "free wal senders on the source", _senders,
        why="One sends the changes, another holds the snapshot at the start. Blocks below two.",
    ),
    Check(
        "source.slot_retention", SOURCE, "how long the source keeps a slot", _retention,
        why="A limit of the kept log, or of a slot's idle time, can end the slot for good, and with"
        " it the migration. A warning, since without it a stopped replay fills the source's disk.",
    ),
    Check(
        "source.old_snapshot_threshold", SOURCE, "how long the source keeps a snapshot",
        _old_snapshot, lambda facts: "old_snapshot_threshold" in facts.source.settings,
        why="Before PostgreSQL 17 a snapshot may be made to age; the copy reads one to its end."
        " A warning.",
    ),
    Check(
        "source.wal_sender_timeout", SOURCE, "how long the source waits for a receiver",
        _sender_timeout, lambda facts: "wal_sender_timeout" in facts.source.settings,
        why="A receiver that is silent for longer is ended. A warning below 30 s.",
    ),
    Check(
        "source.decoding_memory", SOURCE, "the source's memory for decoding", _decoding_memory,
        lambda facts: "logical_decoding_work_mem" in facts.source.settings,
        why="From PostgreSQL 13 on, transactions beyond this size are decoded through files: slow,"
        " but right. Good to know below 64 MB.",
    ),
)  # fmt: skip
