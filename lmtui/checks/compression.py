"""Compressed chunks, and what the stream says of changes to them."""

from lmtui.checks.address import clock_skew
from lmtui.checks.check import SOURCE, Check, Outcome, blocker, info, ok, warning
from lmtui.checks.facts import Facts, numbers
from lmtui.checks.settings import change_database, change_server
from lmtui.checks.ways import end_session
from lmtui.checks.wording import count, duration, listing
from lmtui.database import Connection, run

MARKERS = "timescaledb.enable_compression_wal_markers"
BATCH_DELETE = "timescaledb.enable_compressed_direct_batch_delete"
DIRECT = ("timescaledb.enable_direct_compress_copy", "timescaledb.enable_direct_compress_insert")
# The release with deletes of whole batches.
BATCH_DELETE_FROM = (2, 17)
# What was written down before it was done was done within this time.
CHANGE_SECONDS = 0.2
_ONLY_NEW = "As new sessions have it; one that is older than a change of it keeps what it had."


def _on_source(facts: Facts) -> bool:
    return bool(facts.source.timescaledb)


def _compressing(session: Connection) -> int:
    return int(run(session, "check_compressing_hypertables")[0][0])


def _compressed(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_compressed_chunks") if _compressing(session) else []
    if not rows:
        return ok("The source has no compressed chunks")
    said = [f"{name} ({done} of {chunks} chunks)" for name, chunks, done in rows]
    if numbers(facts.source.timescaledb) < (2, 16):
        return blocker(
            "Changes of compressed chunks cannot be told from their storage",
            f"{listing(said)}. TimescaleDB {facts.source.timescaledb} does not mark in the log what"
            " compression moves; from 2.16 on it does.",
            "Update TimescaleDB on the source; or let nothing compress, decompress, update or"
            " delete in compressed chunks during the migration.",
        )
    return info(
        f"{count(len(rows), 'hypertable')} with compressed chunks",
        f"{listing(said)}. They are copied as they are; changes of them are replayed.",
    )


def _markers(facts: Facts, session: Connection) -> Outcome:
    setting = facts.source.details[MARKERS]
    if setting.value == "on":
        return ok("Compression is marked in the source's log")
    if not _compressing(session):
        return ok("No hypertable of the source has compression")
    advice = change_server(facts.source, {MARKERS: "on"}, "for the time of the migration")
    return blocker(
        "Compression is not marked in the source's log",
        f"{MARKERS} is off: what compression moves looks like rows deleted and inserted.",
        advice.words,
        advice.fixes,
    )


def _older_sessions(facts: Facts, session: Connection, names: tuple[str, ...]) -> Outcome | None:
    """Sessions that are older than lmtui's change of one of these settings, and so keep it on."""
    made = [
        change.at
        for change in facts.changes
        if change.at is not None and any(name in change.what for name in names)
    ]
    if not made:
        return None
    # The clocks of both hosts may differ.
    changed = max(made).timestamp() + clock_skew(session)[1] + CHANGE_SECONDS
    rows = run(session, "check_older_sessions", {"changed": changed})
    if not rows:
        return None
    said = [
        f"process {pid} (role {role}, application {application or 'unnamed'}), open for"
        f" {duration(seconds)}"
        for pid, role, application, seconds in rows
    ]
    # Those whose age we may not see may be new.
    say = blocker if any(row[3] is not None for row in rows) else warning
    return say(
        f"{count(len(rows), 'session')} of the source may not know yet that {names[0]} is off",
        f"{listing(said)}. A session keeps what was set when it began.",
        "Let these applications connect anew, or end their sessions, if their owners agree:\n"
        + "\n".join(f"SELECT pg_terminate_backend({row[0]});" for row in rows),
        tuple(end_session(SOURCE, row[0]) for row in rows),
    )


def _off(
    facts: Facts, session: Connection, names: tuple[str, ...], title: str, why: str
) -> Outcome:
    former = dict(run(session, "check_database_settings"))
    advices = [change_database(facts.source, name, "off", former.get(name)) for name in names]
    lines = dict.fromkeys(line for advice in advices for line in advice.words.splitlines())
    return blocker(
        title,
        f"{why} Sessions that are open already, and roles with a setting of their own, keep it.",
        "\n".join(lines) + "\nThen let applications connect anew.",
        tuple(fix for advice in advices for fix in advice.fixes),
    )


def _batch_delete(facts: Facts, session: Connection) -> Outcome:
    if not _compressing(session):
        return ok("Deletes from compressed chunks are in the stream")
    if facts.source.settings[BATCH_DELETE] != "on":
        return _older_sessions(facts, session, (BATCH_DELETE,)) or ok(
            "Deletes from compressed chunks are in the stream", _ONLY_NEW
        )
    return _off(
        facts,
        session,
        (BATCH_DELETE,),
        "Deletes of whole compressed batches would be lost",
        "The stream does not name the rows of a batch that goes at once (measured on 2.19.3 and"
        " 2.29.2; timescaledb#9397 is about their marks only).",
    )


def _batch_delete_applies(facts: Facts) -> bool:
    version = numbers(facts.source.timescaledb)
    return version >= BATCH_DELETE_FROM and BATCH_DELETE in facts.source.settings


def _direct(facts: Facts, session: Connection) -> Outcome:
    on = tuple(name for name in DIRECT if facts.source.settings.get(name) == "on")
    if not _compressing(session):
        return ok("No rows are written to compressed chunks directly")
    if not on:
        return _older_sessions(facts, session, DIRECT) or ok(
            "No rows are written to compressed chunks directly", _ONLY_NEW
        )
    return _off(
        facts,
        session,
        on,
        "Rows that are compressed as they are written would be lost",
        f"{' and '.join(on)} is on: such rows are in the stream in their compressed form only.",
    )


def _direct_applies(facts: Facts) -> bool:
    return any(name in facts.source.settings for name in DIRECT)


def _status(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_chunk_status")
    frozen = sum(number for status, number in rows if status & 4)
    changed = sum(number for status, number in rows if status & (2 | 8))
    if changed:
        return info(
            f"{count(changed, 'compressed chunk')} that rows were written to after compression",
            "Inserts, updates and deletes happen in compressed chunks; they are replayed."
            + (f" {count(frozen, 'chunk')} cannot be changed (frozen)." if frozen else ""),
        )
    if frozen:
        return info(f"{count(frozen, 'chunk')} cannot be changed", "Frozen chunks are copied.")
    return ok("No compressed chunk was written to")


def _removed(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_removed_features")
    if not rows:
        return ok("The source uses nothing that newer TimescaleDB lacks")
    return blocker(
        "The source uses what newer TimescaleDB does not have any more",
        f"{listing([f'{what} {name}' for what, name in rows])}.",
        "Tables of the access method hypercore: ALTER TABLE ... SET ACCESS METHOD heap."
        " Distributed hypertables: copy them into ordinary ones.",
    )


def _tiered(_facts: Facts, session: Connection) -> Outcome:
    rows = [name for (name,) in run(session, "check_tiered")]
    if not rows:
        return ok("The source has no tiered chunks")
    return warning(
        f"Tiered chunks of {count(len(rows), 'hypertable')} are not migrated",
        f"{listing(rows)}. Their rows are in object storage.",
        "Bring back what is needed before: CALL untier_chunk('chunk');",
    )


CHECKS = (
    Check(
        "timescaledb.compressed", SOURCE, "compressed chunks", _compressed, _on_source,
        why="Compression moves rows; the log marks that from 2.16 on. Blocks below, else good to"
        " know. Tried on 2.19.3 and 2.29.2; an older one was only made believe.",
    ),
    Check(
        "timescaledb.wal_markers", SOURCE, "whether compression is marked in the log", _markers,
        lambda facts: MARKERS in facts.source.settings,
        why="Without marks, what compression moves looks like deletes and inserts of yours. Blocks"
        " where a hypertable has compression.",
    ),
    Check(
        "timescaledb.batch_delete", SOURCE, "deletes of whole compressed batches", _batch_delete,
        _batch_delete_applies,
        why="From TimescaleDB 2.17 on, a batch whose rows are all deleted goes at once, and the"
        " stream does not name its rows. Blocks where a hypertable has compression.",
    ),
    Check(
        "timescaledb.direct_compress", SOURCE, "rows compressed as they are written", _direct,
        _direct_applies,
        why="From TimescaleDB 2.21 on, COPY and INSERT may write compressed rows, which cannot be"
        " decoded. Blocks where that is on and a hypertable has compression.",
    ),
    Check(
        "timescaledb.chunk_status", SOURCE, "the state of compressed chunks", _status, _on_source,
        why="Tells whether compressed chunks are written to. Good to know.",
    ),
    Check(
        "timescaledb.removed", SOURCE, "what newer TimescaleDB lacks", _removed, _on_source,
        why="The access method hypercore ended with 2.22, several nodes with 2.14. Blocks."
        " Hypercore was tried on 2.19.3, several nodes never were.",
    ),
    Check(
        "timescaledb.tiered", SOURCE, "tiered chunks", _tiered, _on_source,
        why="Rows in object storage are not copied. A warning. Never tried: only Tiger Cloud does"
        " that.",
    ),
)  # fmt: skip
