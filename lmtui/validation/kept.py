"""What was compared ahead of the cutover, kept with its place and what would show a change."""

from datetime import datetime

import msgspec

from lmtui.events import RowDifference
from lmtui.workdir import WorkDirectory, write_atomically


class KeptPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part that was equal on both sides as of `lsn`, with its tokens (changes.Changes)."""

    schema: str
    name: str
    label: str
    columns: tuple[str, ...]
    lsn: str
    at: datetime
    rows: int
    checksum: str
    seconds: float
    source: str
    target: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """All parts that are kept, and the rows that were found different."""

    parts: tuple[KeptPart, ...] = ()
    differences: tuple[RowDifference, ...] = ()

    def by_key(self) -> dict[tuple[str, str, str], KeptPart]:
        """The parts by schema, name and label."""
        return {(part.schema, part.name, part.label): part for part in self.parts}

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.verified, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "Kept":
        """Read it back; nothing where there is none."""
        if not directory.verified.exists():
            return cls()
        return msgspec.json.decode(directory.verified.read_bytes(), type=cls)


def is_kept(part: KeptPart | None, columns: tuple[str, ...], source: str, target: str) -> bool:
    """Whether a part is still as it was compared: neither side's token has moved."""
    if part is None or not source or not target:
        return False
    return (part.columns, part.source, part.target) == (columns, source, target)
