"""The spool: what was received from the source, on disk, until it is applied.

Segments hold frames; a frame holds whole messages of the stream. Its header says whether a
transaction is open at its end and which transaction ended last before that, so that both sides find
their place without reading bodies. A frame is whole (length and CRC-32 agree) or it is not there.
"""

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lmtui.errors import ReplayStoppedError
from lmtui.replay.frames import (
    CLOSED,
    HEADER,
    MAGIC,
    OPEN,
    RESET,
    Frame,
    body_of,
    read_frame,
    scan,
    segment_path,
    segments,
)
from lmtui.replay.protocol import data_lsn

SEGMENT_BYTES = 64 * 1024 * 1024


class SpoolWriter:
    """The receiver's end. Nothing may be confirmed to the source beyond `flushed`."""

    def __init__(self, directory: Path, start: int) -> None:
        """Open the spool, cut a torn tail, and discard a transaction that was left open.

        `start` is the position to begin at where the spool is empty.
        """
        self._directory = directory
        self.last_commit = start
        self._pending: list[bytes | memoryview] = []
        self._pending_bytes = 0
        self._commits: list[int] = []
        self._closed_commit = 0
        self._left_open = False
        kind = self._recover()
        self.flushed = self.last_commit
        if kind == OPEN:
            self._write_frame(RESET)
            self.sync()

    def _recover(self) -> int:
        paths = segments(self._directory)
        kind = CLOSED
        for path in reversed(paths):
            found, end = scan(path)
            if path == paths[-1]:
                with path.open("r+b") as file:
                    file.truncate(end)
                    os.fsync(file.fileno())
            if found is not None:
                kind, commit = found
                self.last_commit = max(commit, self.last_commit)
                break
        self._number = int(paths[-1].stem) if paths else 0
        if paths:
            self._file = self._open_segment(new=False)
        else:
            self._begin_segment()
        return kind

    def _open_segment(self, *, new: bool) -> BinaryIO:
        if new:
            self._number += 1
        file = segment_path(self._directory, self._number).open("ab", buffering=0)
        if new:
            descriptor = os.open(self._directory, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return file

    def _begin_segment(self, full: BinaryIO | None = None) -> None:
        """Each segment begins with the last commit, so that older ones may be removed."""
        self._file = self._open_segment(new=True)
        if full is not None:
            full.close()
        self._write_frame(OPEN if self._left_open else CLOSED)

    @property
    def pending_bytes(self) -> int:
        """Bytes added but not yet written."""
        return self._pending_bytes

    @property
    def open_transaction(self) -> bool:
        """Whether the messages so far end inside a transaction."""
        if not self._pending:
            return self._left_open
        return not self._commits or self._commits[-1] + 1 < len(self._pending)

    def add(self, messages: Sequence[bytes | memoryview], ends: Sequence[int]) -> None:
        """Add XLogData messages; `ends` are the places of those that end a transaction."""
        if ends:
            before = len(self._pending)
            self._commits += [before + place for place in ends]
            self._closed_commit = data_lsn(messages[ends[-1]])
        self._pending += messages
        self._pending_bytes += sum(map(len, messages))

    def write(self) -> None:
        """Write what was added, so that the applier sees it. Not yet safe: see `sync`.

        Raises OSError where the disk is full; nothing that was added is lost then.
        """
        if self._commits:
            closed = self._commits[-1] + 1
            body = body_of(self._pending[:closed], self._commits)
            self._write_frame(CLOSED, body, self._closed_commit)
            del self._pending[:closed]
            self._commits.clear()
            self._left_open = False
        if self._pending:
            self._write_frame(OPEN, body_of(self._pending, ()))
            self._pending.clear()
            self._left_open = True
        self._pending_bytes = 0
        if self._file.tell() >= SEGMENT_BYTES:
            self.sync()
            self._begin_segment(full=self._file)

    def mark(self, lsn: int) -> None:
        """Keep, safely, that the source has nothing more to send up to `lsn`.

        What is confirmed to the source must be found here again: a later start can then tell a
        spool that has lost something from one that has not. Inside a transaction nothing is kept.
        """
        if lsn > self.last_commit and not self._left_open:
            self._write_frame(CLOSED, commit=lsn)
            self.sync()

    def _write_frame(
        self, kind: int, body: Sequence[bytes | memoryview] = (), commit: int = 0
    ) -> None:
        last_commit = commit or self.last_commit
        length, checksum = 0, 0
        for piece in body:
            length, checksum = length + len(piece), zlib.crc32(piece, checksum)
        header = HEADER.pack(MAGIC, kind, length, checksum, last_commit)
        beginning = self._file.tell()
        try:
            for piece in (header, *body):
                data = memoryview(piece)
                while data:
                    data = data[self._file.write(data) :]
        except OSError:
            self._file.truncate(beginning)
            self._file.seek(beginning)
            raise
        self.last_commit = last_commit

    def sync(self) -> int:
        """Make all that was written safe; returns the LSN that may be confirmed."""
        os.fsync(self._file.fileno())
        self.flushed = self.last_commit
        return self.flushed

    def close(self) -> None:
        """Close the segment; what was added but not written is sent again by the source."""
        self._file.close()


@dataclass(frozen=True)
class Position:
    """A place between two frames."""

    segment: int
    offset: int


class SpoolReader:
    """The applier's end: whole frames, in order, as they appear."""

    def __init__(self, directory: Path, position: Position | None = None) -> None:
        """Begin at `position`, or at the oldest frame."""
        self._directory = directory
        self._file: BinaryIO | None = None
        self._segment = -1
        if position is not None:
            self._segment = position.segment
            self._file = segment_path(directory, position.segment).open("rb")
            self._file.seek(position.offset)

    @property
    def position(self) -> Position:
        """The place before the next frame."""
        return Position(self._segment, self._file.tell() if self._file else 0)

    def seek_behind(self, applied: int) -> None:
        """Pass over the frames that hold nothing but transactions ended by `applied`.

        They end with the last frame that is closed at a commit not after `applied`.
        """
        place = self.position
        while (header := self._next_header()) is not None:
            kind, last_commit = header
            if last_commit > applied:
                break
            if kind == CLOSED:
                place = self.position
        self.close()
        found = SpoolReader(self._directory, place if place.segment >= 0 else None)
        self._file, self._segment = found._file, found._segment

    def _next_header(self) -> tuple[int, int] | None:
        frame = self.next()
        return None if frame is None else (frame.kind, frame.last_commit)

    def next(self) -> Frame | None:
        """The next frame, or None where none is whole yet. Raises ReplayStoppedError at damage."""
        while True:
            if self._file is None:
                later = self._later_segments()
                if not later:
                    return None
                self._segment = later[0]
                self._file = segment_path(self._directory, self._segment).open("rb")
            if (frame := read_frame(self._file)) is not None:
                return frame
            if not self._later_segments():
                return None
            # A later segment is there, so this one has got all that it gets.
            if (frame := read_frame(self._file)) is not None:
                return frame
            if self._file.read(1):
                raise ReplayStoppedError(
                    f"The spool is damaged: {self._file.name}, byte {self._file.tell() - 1}",
                    hint="Nothing was passed over. Begin again: lmtui clean, then a new migration.",
                )
            self._file.close()
            self._file = None

    def _later_segments(self) -> list[int]:
        numbers = (int(path.stem) for path in segments(self._directory))
        return [number for number in numbers if number > self._segment]

    def prune(self) -> None:
        """Remove the segments before the one that is being read.

        Call it only when all frames returned so far are applied and committed.
        """
        for path in segments(self._directory):
            if int(path.stem) < self._segment:
                path.unlink()

    def close(self) -> None:
        """Close the segment."""
        if self._file is not None:
            self._file.close()
            self._file = None
