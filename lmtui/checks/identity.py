"""Whether updates and deletes name the row that they are about."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, info, ok, warning
from lmtui.checks.facts import Facts, hypertables, numbers
from lmtui.checks.keyless import Keyless, best, on_chunks, remedies
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run
from lmtui.remedies.remedy import NAMED

# The releases from which an identity is set on a hypertable, and on one with compression.
HYPERTABLES_FROM = (2, 12)
COMPRESSED_FROM = (2, 16)


def _tables(facts: Facts, session: Connection) -> tuple[list[Keyless], list[Keyless]]:
    """The tables without an identity, and those of them that are only inserted into by choice."""
    roots = {"hypertables": hypertables(facts, session)}
    found = [Keyless(*row) for row in run(session, "check_replica_identity", roots)]
    # An operator names a table with or without the quotes that SQL needs.
    accepted = {name.replace('"', "") for name in facts.plan.inserts_only}
    return (
        [table for table in found if table.name.replace('"', "") not in accepted],
        [table for table in found if table.name.replace('"', "") in accepted],
    )


def _refusing(facts: Facts, session: Connection, tables: list[Keyless]) -> list[Keyless]:
    """The hypertables whose TimescaleDB sets no identity on them, but on each chunk."""
    version = numbers(facts.source.timescaledb)
    if not version or version >= COMPRESSED_FROM:
        return []
    refusing = [table for table in tables if table.hypertable]
    if version >= HYPERTABLES_FROM:
        compressing = {name for (name,) in run(session, "check_compressing_names")}
        refusing = [table for table in refusing if table.name in compressing]
    return refusing


def _missing(facts: Facts, session: Connection) -> Outcome:
    tables, accepted = _tables(facts, session)
    refusing = _refusing(facts, session, tables)
    if refusing:
        names = [table.name for table in refusing]
        done = {name for (name,) in run(session, "check_chunks_set", {"names": names})}
        tables = [table for table in tables if table.name not in done]
        refusing = [table for table in refusing if table.name not in done]
    if not tables and accepted:
        return info(
            f"{count(len(accepted), 'table')} may only be inserted into, as you chose",
            f"{listing([table.name for table in accepted])}. An update or a delete would stop the"
            " replay.",
        )
    if not tables:
        return ok("Every table of the source has a replica identity")
    detail = listing([table.words for table in tables])
    settable = [table for table in tables if table not in refusing]
    first = [best(table) for table in settable]
    fixes = tuple(fix for table in settable for fix in remedies(table))
    parts = []
    if first:
        parts.append(
            "On the source, at a quiet moment, since each waits for the table's transactions:\n"
            f"{statements_of(first)}"
        )
    if refusing:
        version = facts.source.timescaledb
        parts.append(
            f"TimescaleDB {version} has none for such hypertables; a newer one has. Or, where it"
            " can be, give it to each chunk, and to those that come during the migration:\n"
            + "\n".join(on_chunks(table, facts.source.timescaledb_schema) for table in refusing)
        )
    parts.append("Or, where a table is only ever inserted into: --inserts-only TABLE")
    remedy = "\n".join(parts)
    if any(table.changes for table in tables):
        return blocker(
            "Tables of the source are updated or deleted from without a replica identity",
            f"{detail}, counted since the statistics were last reset. Such a change cannot be"
            " replayed.",
            remedy,
            fixes,
        )
    return warning(
        "Tables of the source have no replica identity",
        f"{detail}. Rows that are only inserted are replayed; an update or a delete would stop"
        " the replay.",
        remedy,
        fixes,
    )


def _full(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_full_identity")
    if not rows:
        return ok("No large table has a whole row as its replica identity")
    return info(
        f"{count(len(rows), 'table')} without an index to find a row by",
        listing([f"{name} (about {rows_} rows)" for name, rows_ in rows])
        + ". Their replica identity is FULL: each update or delete that is replayed reads the"
        " whole table on the target, once for a batch of changes.",
        "Where they are updated often, give them a primary key.",
    )


def _no_equality(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_no_equality")
    if not rows:
        return ok("The values of every key can be compared")
    return warning(
        f"{count(len(rows), 'table')} with values that cannot be compared",
        f"{listing([f'{name} ({columns})' for name, columns in rows])}. Without a key, a row is"
        " found by all its values, and these types have no equality.",
        "Give such a table a primary key, or do not update it during the migration.",
    )


def _chunks(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_chunk_identity")
    if not rows:
        return ok("Every chunk has the replica identity of its hypertable")
    fixes = tuple(
        one(
            SOURCE,
            table,
            f"Set the replica identity of {table} again, which passes it on to {number} chunks",
            f"ALTER TABLE {table} REPLICA IDENTITY {form};",
            kind=NAMED,
        )
        for table, number, _, form in rows
        if form
    )
    listed = listing([f"{count(number, 'chunk')} of {table}" for table, number, _, _ in rows])
    return warning(
        f"{count(len(rows), 'hypertable')} with chunks of another replica identity",
        f"{listed}, as {rows[0][2]}. A hypertable passes its replica identity on when it is set,"
        " and to new chunks.",
        f"On the source:\n{statements_of(fixes)}"
        if fixes
        else "Set the replica identity on the hypertable.",
        fixes,
    )


def _old_timescaledb(facts: Facts, session: Connection) -> Outcome:
    version = numbers(facts.source.timescaledb)
    [(compressed,)] = run(session, "check_compressing_hypertables")
    if version < HYPERTABLES_FROM:
        return warning(
            "This TimescaleDB does not pass a replica identity on to chunks",
            f"It is {facts.source.timescaledb}; hypertables do so from 2.12 on.",
            "Update TimescaleDB on the source, or set the identity on every chunk, also on those"
            " that come during the migration.",
        )
    if version < COMPRESSED_FROM and compressed:
        return warning(
            "This TimescaleDB sets no replica identity on compressed hypertables",
            f"It is {facts.source.timescaledb}; that is possible from 2.16 on.",
            "Update TimescaleDB on the source, or do not update or delete rows during the"
            " migration.",
        )
    return ok("This TimescaleDB passes a replica identity on to chunks")


def _timescaledb(facts: Facts) -> bool:
    return bool(facts.source.timescaledb)


CHECKS = (
    Check(
        "identity.missing", SOURCE, "the replica identity of the source's tables", _missing,
        why="An update or delete in the stream names its row by the replica identity: a primary"
        " key, a unique index whose columns are not null, or the whole row. Each table has ranked"
        " ways out: a key that is there, smallest first; an index made for it; FULL, with its cost;"
        " or --inserts-only. Blocks where updates or deletes were counted, else a warning.",
    ),
    Check(
        "identity.full", SOURCE, "large tables without a key", _full,
        why="FULL works, but each batch of changes reads the whole table on the target. Good to"
        " know from 100,000 rows on.",
    ),
    Check(
        "identity.no_equality", SOURCE, "keys whose values cannot be compared", _no_equality,
        why="json, xml, point and others have no equality; where they are a part of the key, the"
        " row cannot be found. A warning.",
    ),
    Check(
        "identity.chunks", SOURCE, "the replica identity of chunks", _chunks, _timescaledb,
        why="An identity set on one chunk, or before TimescaleDB passed it on, differs from the"
        " hypertable's. A warning.",
    ),
    Check(
        "identity.timescaledb", SOURCE, "whether hypertables pass an identity on",
        _old_timescaledb, _timescaledb,
        why="TimescaleDB passes an identity on to chunks from 2.12, and with compression from 2.16"
        " on. A warning below. An older one was only made believe.",
    ),
)  # fmt: skip
