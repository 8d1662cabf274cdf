"""The proof: what was compared on both sides, and what came of it."""

from datetime import datetime

import msgspec

STALE = "the source's is as of its last refresh, the target's as of the cutover"


class TableVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One relation compared on both sides. Checksums are sums of 64-bit row hashes, as text.

    Of its `parts`, `ahead` were compared ahead of the cutover and have not changed since.
    """

    schema: str
    name: str
    kind: str
    source_rows: int
    target_rows: int
    source_checksum: str
    target_checksum: str
    equal: bool
    seconds: float
    note: str = ""
    parts: int = 1
    ahead: int = 0

    @property
    def only_stale(self) -> bool:
        """Whether only a materialized view's age makes the difference."""
        return self.kind == "matview" and self.note == STALE


class RowDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One row that differs: its key, and both sides' values in words; None where it is missing."""

    relation: str
    key: str
    source: str | None
    target: str | None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, when, and what was not."""

    at: datetime
    equal: bool
    seconds: float
    tables: tuple[TableVerdict, ...] = ()
    sequences_checked: int = 0
    sequence_mismatches: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    rows: tuple[RowDifference, ...] = ()
    changes_after_end: int = 0
    writers_after_end: tuple[str, ...] = ()
    changes_skipped: int = 0
    inventory: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether it proves the end of a migration.

        What was skipped may be lacking where nothing was compared.
        """
        return self.equal and not self.changes_after_end and not self.changes_skipped

    @property
    def differing(self) -> tuple[TableVerdict, ...]:
        """The relations for which it is not equal."""
        return tuple(one for one in self.tables if not one.equal and not one.only_stale)
