"""Frames: the spool on disk. A frame is whole (length and CRC-32 agree) or it is not there."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = 0x6C6D7431
HEADER = struct.Struct("<IBIIQ")
LENGTH = struct.Struct("<I")

CLOSED = 0
OPEN = 1
# The transaction that was open is not continued: the source sends it again from its beginning.
RESET = 2


@dataclass(frozen=True)
class Frame:
    """One frame. `last_commit` is the end LSN of the last transaction that ended in or before it.

    `messages` are XLogData messages, header included.
    """

    kind: int
    last_commit: int
    body: bytes

    def messages(self) -> Iterator[bytes]:
        """The messages in the order of the stream."""
        position, body, end = 0, self.body, len(self.body)
        while position < end:
            (length,) = LENGTH.unpack_from(body, position)
            position += 4
            yield body[position : position + length]
            position += length


def segments(directory: Path) -> list[Path]:
    """The segments, oldest first."""
    return sorted(directory.glob("*.spool"))


def size(directory: Path) -> int:
    """Bytes that the spool takes on disk."""
    return sum(path.stat().st_size for path in segments(directory))


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
