"""The spool as transactions: whole where they are small, in parts where they are not.

After a restart, transactions that are applied already are passed over. Which they are is known only
at their end, so near the place of the restart the end of a large one is looked for before any part
of it is handed on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lmtui.replay.frames import OPEN, RESET, Frame
from lmtui.replay.protocol import XLOG_HEADER, data_lsn
from lmtui.replay.receiver import COMMITS
from lmtui.replay.spool import SpoolReader

PART_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """Messages of one transaction, in order. `commit` is its end LSN in its last part."""

    messages: tuple[bytes, ...]
    first: bool
    commit: int | None


class Discard:
    """The transaction that was handed on in parts is not continued."""


class Transactions:
    """Reads transactions from a spool, from behind those that ended by `applied`."""

    def __init__(self, spool: Path, plugin: str, applied: int) -> None:
        self._spool = spool
        self._prefix = COMMITS[plugin]
        self._applied = applied
        self._reader = SpoolReader(spool)
        self._reader.seek_behind(applied)
        # Until a commit beyond `applied` was seen, a transaction may be applied already.
        self._near_restart = True
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._handed_on = False
        self._passing_over = False
        self._ahead: SpoolReader | None = None

    @property
    def inside(self) -> bool:
        """Whether a transaction was handed on in part and is not yet at its end."""
        return self._handed_on

    def next(self) -> Iterator[Part | Discard] | None:
        """What the next frame brings, or None where there is none yet."""
        if self._ahead is not None and not self._found_end(self._ahead):
            return None
        frame = self._reader.next()
        return None if frame is None else self._read(frame)

    def prune(self) -> None:
        """Remove segments that are applied. Call it only where all parts are committed."""
        if not self._gathered and not self._handed_on:
            self._reader.prune()

    def close(self) -> None:
        """Close the spool."""
        self._reader.close()
        if self._ahead is not None:
            self._ahead.close()

    def _read(self, frame: Frame) -> Iterator[Part | Discard]:
        if frame.kind == RESET:
            self._clear()
            self._passing_over = False
            if self._handed_on:
                self._handed_on = False
                yield Discard()
            return
        for message in frame.messages():
            self._gathered.append(message)
            self._gathered_bytes += len(message)
            if message.startswith(self._prefix, XLOG_HEADER):
                commit = data_lsn(message)
                self._passing_over = False
                if commit > self._applied:
                    self._near_restart = False
                    yield self._part(commit)
                else:
                    self._clear()
            elif self._gathered_bytes > PART_BYTES:
                if self._passing_over:
                    self._clear()
                elif not self._near_restart:
                    yield self._part(None)
        if self._near_restart and self._gathered_bytes > PART_BYTES and frame.kind == OPEN:
            self._ahead = SpoolReader(self._spool, self._reader.position)

    def _part(self, commit: int | None) -> Part:
        part = Part(tuple(self._gathered), not self._handed_on, commit)
        self._clear()
        self._handed_on = commit is None
        return part

    def _clear(self) -> None:
        self._gathered.clear()
        self._gathered_bytes = 0

    def _found_end(self, ahead: SpoolReader) -> bool:
        """Whether it is known now how the transaction that is open here ends."""
        while (frame := ahead.next()) is not None:
            for message in frame.messages():
                if message.startswith(self._prefix, XLOG_HEADER):
                    self._near_restart = self._passing_over = data_lsn(message) <= self._applied
                    break
            else:
                if frame.kind != RESET:
                    continue
                # It has no end: the source sends it again, behind the reset.
                self._passing_over = True
            ahead.close()
            self._ahead = None
            return True
        return False
