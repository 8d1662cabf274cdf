"""The journal: append-only lines with one writer, and readers that follow it."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
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

_encoder = msgspec.json.Encoder()
_records = msgspec.json.Decoder(Record)
_samples = msgspec.json.Decoder(Sample)


class Journal:
    """The writer. Every event is on disk before `append` returns."""

    def __init__(self, directory: WorkDirectory) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        for path in (directory.journal, directory.samples):
            path.touch()
            cut_torn_tail(path)
        # What was measured before this process says nothing of now.
        self.state = replace(Reader(directory).poll(), sample=None)
        self._file = directory.journal.open("ab", buffering=0)
        self._samples = directory.samples.open("ab")

    def append(self, event: AnyEvent) -> State:
        """Write one event and return the state after it.

        Raises OSError where it cannot be written; nothing of it is kept then.
        """
        with self._lock:
            record = Record(seq=self.state.seq + 1, at=datetime.now(UTC), event=event)
            state = reduce(self.state, record)
            self._write(_encoder.encode(record) + b"\n")
            self.state = state
        return state

    def _write(self, line: bytes) -> None:
        beginning = self._file.seek(0, os.SEEK_END)
        try:
            left = memoryview(line)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(beginning)
            raise

    def sample(self, sample: Sample) -> State:
        """Write one sample; samples may be lost in a crash, events may not."""
        with self._lock:
            if self._samples.tell() > SAMPLES_LIMIT:
                self._samples.close()
                self._directory.samples.replace(self._directory.samples_before)
                self._samples = self._directory.samples.open("ab")
            self._samples.write(_encoder.encode(sample) + b"\n")
            self._samples.flush()
            self.state = with_sample(self.state, sample)
        return self.state

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._samples.close()


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
