"""Frames: the spool on disk. A frame is whole (length and CRC-32 agree) or it is not there."""

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import BinaryIO

MAGIC = 0x6C6D7431
HEADER = struct.Struct("<IBIIQ")
LARGE_BYTES = 8 * 1024 * 1024
_COUNTS = struct.Struct("=II")
_NUMBER = array("I").itemsize

CLOSED = 0
OPEN = 1
# The transaction that was open is not continued: the source sends it again from its beginning.
RESET = 2


@dataclass(frozen=True)
class Frame:
    """One frame; `last_commit` is the end LSN of the last transaction that ended by then."""

    kind: int
    last_commit: int
    body: bytes

    def messages(self) -> list[bytes]:
        """XLogData messages, header included, in the order of the stream."""
        if not self.body:
            return []
        body = self.body
        count, commits = _COUNTS.unpack_from(body)
        table = _COUNTS.size + count * _NUMBER
        lengths = array("I", body[_COUNTS.size : table])
        offsets = accumulate(lengths, initial=table + commits * _NUMBER)
        return [body[begin:end] for begin, end in pairwise(offsets)]

    def commits(self) -> Sequence[int]:
        """The places, among the messages, of those that end a transaction."""
        if not self.body:
            return ()
        count, commits = _COUNTS.unpack_from(self.body)
        begin = _COUNTS.size + count * _NUMBER
        return array("I", self.body[begin : begin + commits * _NUMBER])


def body_of(messages: Sequence[bytes], commits: Iterable[int]) -> list[bytes]:
    """The body of a frame, in pieces; `commits` are the places of what ends a transaction.

    Numbers are in this machine's byte order: a spool does not travel.
    """
    lengths = array("I", map(len, messages))
    places = array("I", commits)
    table = _COUNTS.pack(len(lengths), len(places)) + lengths.tobytes() + places.tobytes()
    # What is very large is not held twice.
    return [table, *messages] if sum(lengths) > LARGE_BYTES else [table, b"".join(messages)]


def segments(directory: Path) -> list[Path]:
    """The segments, oldest first."""
    return sorted(directory.glob("*.spool"))


def size(directory: Path) -> int:
    """Bytes that the spool takes on disk."""
    total = 0
    for path in segments(directory):
        # The applier removes what is applied, at any time.
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def segment_path(directory: Path, number: int) -> Path:
    """The file of a segment."""
    return directory / f"{number:012d}.spool"


def read_frame(file: BinaryIO) -> Frame | None:
    """The frame at the file's position, or None, without moving, where it is not whole."""
    beginning = file.tell()
    header = file.read(HEADER.size)
    if len(header) == HEADER.size:
        magic, kind, length, crc, last_commit = HEADER.unpack(header)
        if magic == MAGIC:
            body = file.read(length)
            if len(body) == length and zlib.crc32(body) == crc:
                return Frame(kind, last_commit, body)
    file.seek(beginning)
    return None


def scan(path: Path) -> tuple[tuple[int, int] | None, int]:
    """Kind and last commit of the last whole frame, and where it ends."""
    found, end = None, 0
    with path.open("rb") as file:
        while (frame := read_frame(file)) is not None:
            found, end = (frame.kind, frame.last_commit), file.tell()
    return found, end
