"""The journal: append-only lines with one writer, and readers that follow it."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lmtui.events import AnyEvent, Record
from lmtui.sample import Sample
from lmtui.state import State, reduce, with_sample
from lmtui.workdir import WorkDirectory

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
        self._file = directory.journal.open("ab")
        _cut_torn_tail(directory.journal)
        self._samples = directory.samples.open("ab")
        _cut_torn_tail(directory.samples)
        reader = Reader(directory)
        self.state = reader.poll()

    def append(self, event: AnyEvent) -> State:
        """Write one event and return the state after it."""
        with self._lock:
            record = Record(seq=self.state.seq + 1, at=datetime.now(UTC), event=event)
            state = reduce(self.state, record)
            self._file.write(_encoder.encode(record) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.state = state
        return state

    def sample(self, sample: Sample) -> State:
        """Write one sample; samples may be lost in a crash, events may not."""
        with self._lock:
            if self._samples.tell() > SAMPLES_LIMIT:
                self._samples.close()
                self._directory.samples.replace(self._directory.samples.with_suffix(".old.jsonl"))
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
        """Read what is new; returns the very same object when there is nothing new."""
        for line in self._events.lines():
            record = _records.decode(line)
            self.records.append(record)
            self.state = reduce(self.state, record)
        for line in self._samples.lines():
            self.state = with_sample(self.state, _samples.decode(line))
        return self.state


class _Tail:
    def __init__(self, path: Path, *, start_near_end: bool = False) -> None:
        self._path = path
        self._start_near_end = start_near_end
        self._inode = 0
        self._position = 0
        self._partial = b""

    def lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                skip_first = False
                if status.st_ino != self._inode or status.st_size < self._position:
                    self._position, self._partial = 0, b""
                    if self._start_near_end and status.st_size > _SAMPLES_TAIL:
                        self._position, skip_first = status.st_size - _SAMPLES_TAIL, True
                    self._inode = status.st_ino
                file.seek(self._position)
                read = file.read()
        except FileNotFoundError:
            return []
        self._position += len(read)
        *whole, self._partial = (self._partial + read).split(b"\n")
        return whole[1:] if skip_first else whole


def _cut_torn_tail(path: Path) -> None:
    """Cut what a crash left of a last line without its end."""
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            file.truncate(whole)
            os.fsync(file.fileno())
