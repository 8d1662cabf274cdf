"""The ledger: what lmtui changed on either side, and the statement that puts it back.

An entry is on disk before the change is made, so that a crash in between can only lead to undoing
what was not done: every undo statement must be harmless then.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from lmtui.refused import Refused
from lmtui.workdir import WorkDirectory, cut_torn_tail

KINDS = ("snapshot", "fence", "identity", "triggers", "jobs", "clean")
# What belongs to the copied data, and goes with them: put back only where they are dropped.
ABORT = "abort"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `undo` is run in an own transaction on `side`; empty for what is only told.

    `until` says when it is undone: "snapshot" once that is made, "fence" where the cutover is given
    up, "identity" and "jobs" at the end of the cutover, "clean" by clean, which undoes all that is
    still open; "told" never, since there is nothing to undo. `where` is the endpoint's label where
    the change was made before a migration had one; `at` is UTC. `fresh` asks for a session of its
    own, where another version of an extension may have been loaded.
    """

    id: int
    side: str
    what: str
    before: str
    undo: str
    until: str = "clean"
    where: str = ""
    at: datetime | None = None
    fresh: bool = False


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """The change with this id was put back."""

    undone: int


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """The operator wants this change passed over. Nothing puts that back; it is kept for good."""

    at: datetime
    skip: Refused


class Ledger:
    """The ledger of one migration; one process writes at a time, under the migration's lock."""

    def __init__(self, directory: WorkDirectory) -> None:
        self._path = directory.ledger

    def record(
        self,
        *,
        side: str,
        what: str,
        undo: str,
        before: str = "",
        until: str = "clean",
        where: str = "",
        fresh: bool = False,
    ) -> Entry:
        """Write down a change that is about to be made."""
        entry = Entry(
            id=len(self._all()) + 1, side=side, what=what, before=before, undo=undo, until=until,
            where=where, at=datetime.now(UTC), fresh=fresh,
        )  # fmt: skip
        self._append(entry)
        return entry

    def mark_undone(self, entry: Entry) -> None:
        """Write down that a change was put back."""
        self._append(Undone(undone=entry.id))

    def allow_skip(self, refused: Refused) -> None:
        """Write down that this one change is to be passed over where it cannot be applied."""
        if refused.change not in {skip.change for skip in self.skips()}:
            self._append(Skip(at=datetime.now(UTC), skip=refused))

    def skips(self) -> list[Refused]:
        """The changes that are to be passed over where they cannot be applied, or were."""
        return [msgspec.convert(line, Skip).skip for line in self._lines() if "skip" in line]

    def open_entries(self, until: Iterable[str] = KINDS) -> list[Entry]:
        """What is not yet put back, the latest change first."""
        chosen = set(until)
        undone = {line["undone"] for line in self._lines() if "undone" in line}
        entries = [entry for entry in self._all() if entry.id not in undone]
        return [entry for entry in reversed(entries) if entry.until in chosen]

    def entries(self) -> list[tuple[Entry, bool]]:
        """All there is, in order, each with whether it was put back."""
        undone = {line["undone"] for line in self._lines() if "undone" in line}
        return [(entry, entry.id in undone) for entry in self._all()]

    def _lines(self) -> list[dict[str, object]]:
        if not self._path.exists():
            return []
        whole = self._path.read_bytes().split(b"\n")[:-1]
        return [msgspec.json.decode(line) for line in whole]

    def _all(self) -> list[Entry]:
        return [msgspec.convert(line, Entry) for line in self._lines() if "undo" in line]

    def _append(self, line: Entry | Undone | Skip) -> None:
        self._path.touch()
        cut_torn_tail(self._path)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
