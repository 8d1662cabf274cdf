"""Why the source no longer serves a slot, in plain words, and what to do."""

import psycopg

from lmtui.database import connect, run
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError, ReplayStoppedError
from lmtui.migration.copy_points import REUSE
from lmtui.phases import Phase
from lmtui.replay.reports import Halted

# Not in the prerequisite state (invalidated), no such object, a segment of the log is removed.
_SLOT_STATES = ("55000", "42704", "58P01")


def stopped(source: Endpoint, slot: str, said: Halted, phase: Phase) -> ReplayStoppedError:
    """What a child halted with, explained where the slot is the cause."""
    lost = _why(source, slot) if said.sqlstate in _SLOT_STATES else None
    if lost is None:
        return ReplayStoppedError(said.title, said.detail, said.hint, said.refused)
    title, detail, remedy = lost
    again = "lmtui resume begins again, with a new slot."
    if phase not in (Phase.PREPARE, Phase.SCHEMA):
        again = f"What was written since then cannot be replayed. {REUSE}"
    return ReplayStoppedError(title, f"{detail}\n{said.detail}", f"{remedy} {again}".strip())


def _why(source: Endpoint, slot: str) -> tuple[str, str, str] | None:
    """Title, detail and remedy; None where the slot seems well, or the source cannot be asked."""
    try:
        with connect(source, read_only=True) as connection:
            there, status, reason, keep, idle, timeline = run(
                connection, "slot_state", {"slot": slot}
            )[0]
    except (ConnectionFailedError, psycopg.Error):
        return None
    if not there:
        promoted = f" It is on timeline {timeline}: it was promoted once." if timeline > 1 else ""
        return (
            f"The replication slot {slot} is gone from the source",
            "Somebody dropped it, or the source is another server now: a standby that was"
            f" promoted, or a restored backup, does not have it.{promoted}",
            "",
        )
    if reason == "idle_timeout":
        return (
            f"The source gave the replication slot {slot} up, since nobody received from it",
            f"Its idle_replication_slot_timeout is {idle}.",
            "First set idle_replication_slot_timeout = 0 on the source.",
        )
    if status == "lost" or reason == "wal_removed":
        return (
            f"The source has removed log that the replication slot {slot} still needed",
            f"Its max_slot_wal_keep_size is {keep}.",
            "First raise max_slot_wal_keep_size on the source, or set it to -1.",
        )
    if reason:
        return (
            f"The source has invalidated the replication slot {slot}",
            f"The reason it gives is {reason}.",
            "",
        )
    return None
