"""The progress row on the target, advanced in the transaction that applies the changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lmtui.database import Connection, run
from lmtui.errors import LmtuiError
from lmtui.queries import sql
from lmtui.replay.facts import ChunkFacts
from lmtui.replay.lsn import format_lsn, parse_lsn


class OvertakenError(LmtuiError):
    """Another applier has advanced the progress row."""


@dataclass
class Counts:
    """Changes applied, by kind."""

    insert: int = 0
    update: int = 0
    delete: int = 0
    truncate: int = 0
    transactions: int = 0


@dataclass(frozen=True)
class Progress:
    """Where replay stands: all that ended by `lsn` is applied. `at` as in change.Commit."""

    lsn: int
    at: int
    counts: Counts = field(default_factory=Counts)
    marker: str = ""


def create(connection: Connection, slot: str, lsn: int) -> None:
    """Make the row at the slot's consistent point; leaves one that is there as it is."""
    connection.execute(sql("progress_create"))
    connection.execute(
        "insert into lmtui.progress (slot, commit_lsn, committed_at) "
        "values (%s, %s, (extract(epoch from now()) * 1000000)::bigint) on conflict do nothing",
        (slot, format_lsn(lsn)),
    )


def forget(connection: Connection, slot: str) -> None:
    """Remove what is remembered of a slot."""
    connection.execute(sql("progress_create"))
    connection.execute("delete from lmtui.progress where slot = %s", (slot,))
    connection.execute("delete from lmtui.chunk where slot = %s", (slot,))


def read(connection: Connection, slot: str) -> Progress:
    """Read the row. Raises LmtuiError where there is none."""
    rows = run(connection, "progress_read", {"slot": slot})
    if not rows:
        raise LmtuiError(
            f"The target holds no progress of the slot {slot}",
            hint="Its schema lmtui was removed; begin again with lmtui clean and a new migration.",
        )
    lsn, at, insert, update, delete, truncate, transactions, marker = rows[0]
    counts = Counts(insert, update, delete, truncate, transactions)
    return Progress(parse_lsn(lsn), at, counts, marker)


def advance(
    connection: Connection, slot: str, before: Progress, *, lsn: int, at: int, done: Counts,
    marker: str,
) -> Progress:  # fmt: skip
    """Advance the row; the caller commits. Raises OvertakenError where it is not at `before`."""
    cursor = connection.execute(
        sql("progress_advance"),
        {
            "slot": slot, "from": format_lsn(before.lsn), "to": format_lsn(lsn), "at": at,
            "insert": done.insert, "update": done.update, "delete": done.delete,
            "truncate": done.truncate, "transactions": done.transactions, "marker": marker,
        },
    )  # fmt: skip
    if cursor.rowcount != 1:
        raise OvertakenError(f"Another applier works for the slot {slot}")
    total = Counts(
        before.counts.insert + done.insert,
        before.counts.update + done.update,
        before.counts.delete + done.delete,
        before.counts.truncate + done.truncate,
        before.counts.transactions + done.transactions,
    )
    return Progress(lsn, at, total, marker or before.marker)


def read_chunks(connection: Connection, slot: str) -> list[ChunkFacts]:
    """The chunks that the stream has named since the snapshot."""
    rows = connection.execute(
        "select id, schema_name, table_name, hypertable from lmtui.chunk where slot = %s", (slot,)
    )
    return [
        ChunkFacts(id=id_, schema=schema, name=name, hypertable=hypertable)
        for id_, schema, name, hypertable in rows
    ]


def remember_chunks(connection: Connection, slot: str, chunks: Iterable[ChunkFacts]) -> None:
    """Keep the chunks that the stream has named; the caller commits."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into lmtui.chunk values (%s, %s, %s, %s, %s) on conflict (slot, id) do update "
            "set schema_name = excluded.schema_name, table_name = excluded.table_name, "
            "hypertable = excluded.hypertable",
            [(slot, c.id, c.schema, c.name, c.hypertable) for c in chunks],
        )
