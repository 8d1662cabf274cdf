"""Frames: the spool on disk. A frame is whole (length and CRC-32 agree) or it is not there."""

import os
import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import BinaryIO

from lmtui.replay.protocol import LARGE_BYTES

MAGIC = 0x6C6D7431
HEADER = struct.Struct("<IBIIQ")
_COUNTS = struct.Struct("=II")
_NUMBER = array("I").itemsize

CLOSED = 0
OPEN = 1
# The transaction that was open is not continued: the source sends it again from its beginning.
RESET = 2


@dataclass(frozen=True)
class Frame:
    """One frame; `last_commit` is the end LSN of the last transaction that ended by then.

    The messages of a large frame are `apart`, and only the tables before them in its body.
    """

    kind: int
    last_commit: int
    body: bytes
    apart: tuple[bytes, ...] = ()

    def messages(self) -> list[bytes]:
        """XLogData messages, header included, in the order of the stream."""
        if self.apart or not self.body:
            return [*self.apart]
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


def body_of(
    messages: Sequence[bytes | memoryview], commits: Iterable[int]
) -> list[bytes | memoryview]:
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
        if magic == MAGIC and length > LARGE_BYTES:
            found = _read_apart(file, length, crc)
            if found is not None:
                return Frame(kind, last_commit, *found)
        elif magic == MAGIC:
            body = file.read(length)
            if len(body) == length and zlib.crc32(body) == crc:
                return Frame(kind, last_commit, body)
    file.seek(beginning)
    return None


def _read_apart(file: BinaryIO, length: int, crc: int) -> tuple[bytes, tuple[bytes, ...]] | None:
    """A body's tables, and its messages one by one, so that none is held twice.

    None where it is not whole, which for one that is being written is seen before it is read.
    """
    if os.fstat(file.fileno()).st_size - file.tell() < length:
        return None
    counts = file.read(_COUNTS.size)
    count, commits = _COUNTS.unpack(counts)
    rest = (count + commits) * _NUMBER
    if _COUNTS.size + rest > length:
        return None
    tables = counts + file.read(rest)
    lengths = array("I", tables[_COUNTS.size : _COUNTS.size + count * _NUMBER])
    if len(tables) + sum(lengths) != length:
        return None
    checksum, messages = zlib.crc32(tables), []
    for size in lengths:
        message = file.read(size)
        checksum = zlib.crc32(message, checksum)
        messages.append(message)
    # Nothing but a damaged file is shorter by now, and its checksum tells.
    return (tables, tuple(messages)) if checksum == crc else None


def scan(path: Path) -> tuple[tuple[int, int] | None, int]:
    """Kind and last commit of the last whole frame, and where it ends."""
    found, end = None, 0
    with path.open("rb") as file:
        while (frame := read_frame(file)) is not None:
            found, end = (frame.kind, frame.last_commit), file.tell()
    return found, end
