"""The journal: append-only lines with one writer, and readers that follow it."""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

import msgspec
from msgspec.structs import replace

from lmtui.errors import LmtuiError
from lmtui.events import AnyEvent, Record
from lmtui.sample import Sample
from lmtui.state import IllegalTransitionError, State, reduce, with_sample
from lmtui.workdir import WorkDirectory, cut_torn_tail

SAMPLES_LIMIT = 16 * 1024 * 1024
_SAMPLES_TAIL = 1024 * 1024
# Thousands of events fit in; a disk with so much room is not full.
RESERVE_BYTES = 1024 * 1024
_ROOM_BYTES = 64 * RESERVE_BYTES

_encoder = msgspec.json.Encoder()
_records = msgspec.json.Decoder(Record)
_samples = msgspec.json.Decoder(Sample)


class Journal:
    """The writer. Every event is on disk before `append` returns.

    Where the disk is full, a reserve that was set aside makes room for events. Where even that is
    used up, events are kept, and written in their order as soon as that is possible; `trouble` says
    why they are not on disk.
    """

    def __init__(self, directory: WorkDirectory) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        for path in (directory.journal, directory.samples):
            path.touch()
            cut_torn_tail(path)
        # What was measured before this process says nothing of now.
        self.state = replace(Reader(directory).poll(), sample=None)
        self.trouble = ""
        self._kept = b""
        self._file = directory.journal.open("ab", buffering=0)
        self._samples = directory.samples.open("ab", buffering=0)
        self._set_aside()

    def append(self, event: AnyEvent) -> State:
        """Write one event, and what was kept before it; return the state after it."""
        with self._lock:
            record = Record(seq=self.state.seq + 1, at=datetime.now(UTC), event=event)
            self.state = reduce(self.state, record)
            self._kept += _encoder.encode(record) + b"\n"
            self._write_kept()
        return self.state

    def _write_kept(self) -> None:
        for _ in range(2):
            try:
                _write(self._file, self._kept, sync=True)
            except OSError as error:
                self.trouble = error.strerror or str(error)
                if not self._directory.reserve.exists():
                    return
                self._directory.reserve.unlink()
            else:
                self._kept, self.trouble = b"", ""
                return

    def _set_aside(self) -> None:
        """Keep room for events, where there is plenty."""
        reserve = self._directory.reserve
        with contextlib.suppress(OSError):
            if not reserve.exists() and _free(self._directory) > _ROOM_BYTES:
                with reserve.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)

    def sample(self, sample: Sample) -> State:
        """Write one sample; samples may be lost, events may not."""
        line = _encoder.encode(sample) + b"\n"
        with self._lock:
            if self._kept:
                self._write_kept()
            self._set_aside()
            if self._samples.tell() > SAMPLES_LIMIT:
                self._samples.close()
                self._directory.samples.replace(self._directory.samples_before)
                self._samples = self._directory.samples.open("ab", buffering=0)
            self.state = with_sample(self.state, sample)
            try:
                _write(self._samples, line)
            except OSError:
                # The latest one matters more than those before it.
                self._samples.close()
                for path in (self._directory.samples_before, self._directory.samples):
                    path.unlink(missing_ok=True)
                self._samples = self._directory.samples.open("ab", buffering=0)
                with contextlib.suppress(OSError):
                    _write(self._samples, line)
        return self.state

    def close(self) -> None:
        """Close the files, and try once more to write what was kept."""
        if self._kept:
            self._write_kept()
        self._file.close()
        self._samples.close()


def _write(file: FileIO, lines: bytes, *, sync: bool = False) -> None:
    """Append all of it or nothing. Raises OSError where there is no room."""
    beginning = file.seek(0, os.SEEK_END)
    try:
        left = memoryview(lines)
        while left:
            left = left[file.write(left) :]
        if sync:
            os.fsync(file.fileno())
    except OSError:
        file.truncate(beginning)
        raise


def _free(directory: WorkDirectory) -> int:
    return shutil.disk_usage(directory.root).free


class Reader:
    """Follows a journal: each `poll` reads what is new and returns the state."""

    def __init__(self, directory: WorkDirectory) -> None:
        self._events = _Tail(directory.journal)
        self._samples = _Tail(directory.samples, start_near_end=True)
        self.state = State()
        self.records: list[Record] = []

    def poll(self) -> State:
        """Read what is new; returns the very same object when there is nothing new.

        Raises LmtuiError where the journal is damaged, or from a later lmtui.
        """
        for line in self._events.lines():
            try:
                record = _records.decode(line)
                if record.seq != self.state.seq + 1:
                    raise IllegalTransitionError(f"{record.seq} follows {self.state.seq}")
                self.state = reduce(self.state, record)
            except (msgspec.DecodeError, IllegalTransitionError) as error:
                raise LmtuiError(
                    f"The journal cannot be read behind its record {self.state.seq}",
                    detail=str(error),
                    hint="It is damaged, or was written by a later lmtui.",
                ) from error
            self.records.append(record)
        for line in self._samples.lines():
            self.state = with_sample(self.state, _samples.decode(line))
        return self.state


class _Tail:
    def __init__(self, path: Path, *, start_near_end: bool = False) -> None:
        self._path = path
        self._start_near_end = start_near_end
        self._inode = 0
        self._position = 0

    def lines(self) -> Iterator[bytes]:
        """The lines that came to their end since the last call.

        What has no end yet is read again: after a crash the writer cuts it and writes another.
        So is a line at which the caller raised.
        """
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                skip_first = False
                if status.st_ino != self._inode or status.st_size < self._position:
                    self._position = 0
                    if self._start_near_end and status.st_size > _SAMPLES_TAIL:
                        self._position, skip_first = status.st_size - _SAMPLES_TAIL, True
                    self._inode = status.st_ino
                file.seek(self._position)
                read = file.read()
        except FileNotFoundError:
            return
        for number, line in enumerate(read.split(b"\n")[:-1]):
            if number or not skip_first:
                yield line
            self._position += len(line) + 1
