"""How much the source writes, and what that asks of its disk and of ours."""

import time

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.database import Connection, run
from lmtui.humane import bytes_text, duration_text

# Rates over less time than this say little.
SAMPLE_SECONDS = 1.0
# A copy's speed to reckon with: half of what a modest network gives.
COPY_BYTES_PER_SECOND = 50e6


def forecast(facts: Facts, session: Connection) -> tuple[float, float, int]:
    """The log written a second, the seconds that a copy may take, and the database's bytes."""
    begun = facts.source.position
    if (short := SAMPLE_SECONDS - (time.monotonic() - begun.at)) > 0:
        time.sleep(short)
    [(lsn,)] = run(session, "check_wal_position")
    size = facts.source.bytes
    rate = max(0.0, (int(lsn) - begun.lsn) / (time.monotonic() - begun.at))
    return rate, size / COPY_BYTES_PER_SECOND, size


def _rate(facts: Facts, session: Connection) -> Outcome:
    rate, seconds, size = forecast(facts, session)
    kept = int(rate * seconds)
    words = (
        f"{bytes_text(int(rate))}/s just now. For a copy of {bytes_text(size)} that takes"
        f" {duration_text(seconds)}, the source and this host each keep about {bytes_text(kept)}"
    )
    limit = int(facts.source.settings.get("max_slot_wal_keep_size", "-1"))
    if limit >= 0 and kept * 2 > limit << 20:
        return warning(
            "The source would give up the slot before the copy ends",
            f"{words}; it keeps no more than max_slot_wal_keep_size, {limit} MB.",
            "Lift the limit for the time of the migration (see source.slot_retention), or migrate"
            " at a quieter time.",
        )
    if kept > size:
        return warning(
            "The source writes fast for its size",
            f"{words}.",
            "See that both disks have that room, or migrate at a quieter time.",
        )
    return ok("The source's rate of writing is known", words)


def _disk(facts: Facts, _session: Connection) -> Outcome:
    size = facts.source.bytes
    return info(
        "The free disk of both servers cannot be seen from here",
        f"The database is {bytes_text(size)}. The target needs about {bytes_text(int(size * 1.3))},"
        " and the source room for the log that the slot keeps.",
        "Look at the free space on both servers, or in their provider's console"
        " (FreeStorageSpace on Amazon RDS).",
    )


def _primary(facts: Facts) -> bool:
    return not facts.source.standby


CHECKS = (
    Check(
        "source.wal_rate", SOURCE, "how much the source writes", _rate, _primary,
        why="The slot keeps all that is written until it is received. Measured over a second or"
        " more. A warning where a limit of the source would be passed, or where more is written in"
        " the time of a copy (reckoned at 50 MB/s) than the database is large.",
    ),
    Check(
        "source.size", SOURCE, "the size of the database", _disk,
        why="No SQL shows a server's free disk. Always only good to know.",
    ),
)  # fmt: skip
