"""The spool as transactions: whole where they are small, in parts where they are not.

After a restart, transactions that are applied already are passed over. Which they are is known only
at their end, so near the place of the restart the end of a large one is looked for before any part
of it is handed on. The same goes for as long as it matters on which side of a table's
synchronisation point a transaction was committed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmtui.replay.frames import OPEN, RESET, Frame
from lmtui.replay.protocol import data_lsn
from lmtui.replay.spool import SpoolReader

PART_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """Messages in the order of the stream: a piece of one transaction, or the ends of some.

    `first` says whether it begins a transaction. `ends` are the places of the messages that end
    one, the last message among them; there are none where the transaction goes on in the next part.
    `commit` is where the first of its transactions ends. Where that is not known yet, it is a place
    before which it does not end.
    """

    messages: Sequence[bytes]
    first: bool
    ends: Sequence[int]
    commit: int = 0


class Discard:
    """The transaction that was handed on in parts is not continued."""


class Transactions:
    """Reads transactions from a spool, from behind those that ended by `applied`.

    Of each that may end by `undecided`, an LSN, the end is known before any part is handed on.
    """

    def __init__(self, spool: Path, applied: int, undecided: int = 0) -> None:
        self._spool = spool
        self._applied = applied
        self._undecided = undecided
        self._last_commit = applied
        # Where the open transaction ends, as far as that was looked for.
        self._commit = 0
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
    def _end_matters(self) -> bool:
        """Whether the open transaction's end must be known, and is not."""
        return self._near_restart or (not self._commit and self._last_commit < self._undecided)

    @property
    def inside(self) -> bool:
        """Whether a transaction was handed on in part and is not yet at its end."""
        return self._handed_on

    def next(self) -> Iterator[Part | Discard] | None:
        """What the next frame brings, or None where there is none yet."""
        if self._ahead is not None:
            if not self._found_end(self._ahead):
                return None
            if self._gathered_bytes > PART_BYTES:
                return self._hand_on()
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
            self._commit = 0
            if self._handed_on:
                self._handed_on = False
                yield Discard()
            return
        messages, ends, begin = frame.messages(), list(frame.commits()), 0
        kind = frame.kind
        del frame
        while self._near_restart and ends:
            self._passing_over = False
            if data_lsn(messages[ends[0]]) > self._applied:
                self._near_restart = False
            else:
                self._clear()
                self._commit = 0
                begin = ends.pop(0) + 1
        if ends:
            self._commit = data_lsn(messages[ends[0]])
            yield from self._parts(messages[begin : ends[0]])
            known = len(self._gathered)
            self._gathered += messages[ends[0] : ends[-1] + 1]
            yield self._part([known + end - ends[0] for end in ends])
            self._last_commit = data_lsn(messages[ends[-1]])
            self._commit = 0
            begin = ends[-1] + 1
        yield from self._parts(messages[begin:])
        if self._gathered_bytes > PART_BYTES and kind == OPEN:
            # It is not held while the next frame, which may be as large, is read.
            messages.clear()
            if self._end_matters and not self._passing_over:
                self._ahead = SpoolReader(self._spool, self._reader.position)
            else:
                yield from self._hand_on()

    def _parts(self, messages: list[bytes]) -> Iterator[Part]:
        """Gather messages of one transaction; what is much by now is handed on."""
        size = sum(map(len, messages))
        if self._gathered_bytes + size <= PART_BYTES:
            self._gathered += messages
            self._gathered_bytes += size
            return
        for message in messages:
            if self._gathered_bytes > PART_BYTES:
                yield from self._hand_on()
            self._gathered.append(message)
            self._gathered_bytes += len(message)

    def _hand_on(self) -> Iterator[Part]:
        """Hand on what is gathered of a transaction, where it is known to be wanted."""
        if self._passing_over:
            self._clear()
        elif not self._end_matters:
            yield self._part(())

    def _part(self, ends: Sequence[int]) -> Part:
        commit = self._commit or self._last_commit + 1
        part = Part(self._gathered, not self._handed_on, ends, commit)
        self._clear()
        self._handed_on = not ends
        return part

    def _clear(self) -> None:
        self._gathered = []
        self._gathered_bytes = 0

    def _found_end(self, ahead: SpoolReader) -> bool:
        """Whether it is known now how the transaction that is open here ends."""
        while (frame := ahead.next()) is not None:
            if commits := frame.commits():
                self._commit = data_lsn(frame.messages()[commits[0]])
                self._near_restart = self._passing_over = self._commit <= self._applied
            elif frame.kind == RESET:
                # It has no end: the source sends it again, behind the reset.
                self._passing_over = True
            else:
                continue
            ahead.close()
            self._ahead = None
            return True
        return False
