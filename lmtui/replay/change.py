"""What a logical decoding stream says, one decoded message each.

Values are PostgreSQL's text output form, or None for NULL. A relation is (schema, name) as the
stream names it: for TimescaleDB that is the chunk, until the router has mapped it.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

Relation = tuple[str, str]
Names = tuple[str, ...]
Values = tuple[str | None, ...]


class Begin(NamedTuple):
    """A source transaction begins."""

    xid: int


class Commit(NamedTuple):
    """A source transaction ends. `at` is its commit time in microseconds since 1970 (UTC)."""

    xid: int
    at: int


class Insert(NamedTuple):
    """A row was inserted."""

    relation: Relation
    names: Names
    values: Values


class Update(NamedTuple):
    """A row was updated.

    A TOASTed value that did not change is absent from `names`. `key_names` is empty where the
    stream gives no old key: the identity columns are then found, unchanged, among `names`.
    wal2json always gives the key; test_decoding gives it where it changed, and leaves the NULLs
    of a whole old row (REPLICA IDENTITY FULL) out.
    """

    relation: Relation
    names: Names
    values: Values
    key_names: Names
    key_values: Values


class Delete(NamedTuple):
    """A row was deleted.

    `key_names` is empty where the table has no replica identity; wal2json leaves such deletes,
    and such updates, out of the stream. test_decoding leaves the NULLs of a whole old row out.
    """

    relation: Relation
    key_names: Names
    key_values: Values


class Truncate(NamedTuple):
    """Tables were truncated.

    test_decoding names all of one statement. wal2json gives one message for each, without the
    flags: tables that reference each other can then only be truncated again together.
    """

    relations: tuple[Relation, ...]
    restart_identity: bool
    cascade: bool


class DroppedRange(NamedTuple):
    """What a chunk held in one dimension, in TimescaleDB's numbers (`facts.Slice`).

    None where it is open. A `closed` range is of hashes, not of the column's values.
    """

    column: str
    start: int | None
    end: int | None
    closed: bool


class DropChunks(NamedTuple):
    """All rows of a hypertable within `ranges` went with their chunk; no stream says so itself."""

    relation: Relation
    ranges: tuple[DroppedRange, ...]


class Message(NamedTuple):
    """A logical message (PostgreSQL, `pg_logical_emit_message`)."""

    transactional: bool
    prefix: str
    content: str


DataChange = Insert | Update | Delete | Truncate | DropChunks
Change = Begin | Commit | DataChange | Message


class Located(NamedTuple):
    """A routed change with its place in the source's log."""

    change: DataChange
    lsn: int


class Decoder(Protocol):
    """Turns one message of an output plugin into a change."""

    plugin: str
    options: Mapping[str, str]

    def decode(self, payload: bytes) -> Change:
        """Decode one message. Raises UndecodableError where it cannot be read."""
        ...
