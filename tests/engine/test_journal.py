"""The journal: one writer, readers that follow it, and crashes of either."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from story import BEGIN, EVENTS, records

from lmtui import events as e
from lmtui import journal as module
from lmtui.errors import AlreadyRunningError, LmtuiError
from lmtui.journal import RESERVE_BYTES, Journal, Reader
from lmtui.phases import Phase
from lmtui.sample import ReplaySample, Sample
from lmtui.state import IllegalTransitionError, State, reduce_all
from lmtui.workdir import Lock, WorkDirectory


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that was made."""
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    return directory


def write(directory: WorkDirectory, *events: e.AnyEvent) -> None:
    journal = Journal(directory)
    for event in events:
        journal.append(event)
    journal.close()


def lines_of(*found: e.Record) -> bytes:
    return b"".join(msgspec.json.encode(record) + b"\n" for record in found)


def sample(number: int) -> Sample:
    return Sample(at=BEGIN, replay=ReplaySample(lag_bytes=number))


def test_reader_sees_what_the_writer_wrote(directory: WorkDirectory) -> None:
    reader = Reader(directory)
    assert reader.poll() == State()
    journal = Journal(directory)
    for event in EVENTS:
        state = journal.append(event)
        assert reader.poll() == state == journal.state
    journal.close()
    assert [record.event for record in reader.records] == list(EVENTS)
    assert Reader(directory).poll() == reader.state


def test_poll_returns_the_same_object_when_nothing_is_new(directory: WorkDirectory) -> None:
    reader = Reader(directory)
    assert reader.poll() is reader.poll()
    journal = Journal(directory)
    journal.append(EVENTS[0])
    journal.sample(sample(1))
    state = reader.poll()
    assert reader.poll() is state
    assert reader.poll() is state
    journal.sample(sample(2))
    assert reader.poll() is not state
    journal.close()


def test_torn_tail_is_cut_at_every_byte(directory: WorkDirectory) -> None:
    first, second = records()[:2]
    whole, torn = lines_of(first), lines_of(second)
    for length in range(len(torn) + 1):
        directory.journal.write_bytes(whole + torn[:length])
        reader = Reader(directory)
        before = reader.poll()
        assert before.seq == 1 + (length == len(torn))
        write(directory, e.Noted(level="info", text=f"after {length} bytes"))
        # Both the one that followed through the crash, and one that comes later.
        for one in (reader, Reader(directory)):
            after = one.poll()
            assert after.seq == before.seq + 1
            assert after.recent[-1].event == e.Noted(level="info", text=f"after {length} bytes")


def test_torn_sample_is_cut(directory: WorkDirectory) -> None:
    journal = Journal(directory)
    journal.sample(sample(1))
    journal.close()
    line = directory.samples.read_bytes()
    directory.samples.write_bytes(line + line[:40])
    reader = Reader(directory)
    reader.poll()
    journal = Journal(directory)
    journal.sample(sample(2))
    journal.close()
    state = reader.poll()
    assert [point.lag_bytes for point in state.lag_history] == [1, 2]


def test_illegal_transition_is_refused_before_it_is_written(directory: WorkDirectory) -> None:
    journal = Journal(directory)
    before = journal.append(EVENTS[0])
    content = directory.journal.read_bytes()
    with pytest.raises(IllegalTransitionError):
        journal.append(e.PhaseEntered(phase=Phase.CUT_OVER))
    assert journal.state is before
    assert directory.journal.read_bytes() == content
    journal.append(e.PhaseEntered(phase=Phase.PREFLIGHT))
    journal.close()
    assert Reader(directory).poll().phase is Phase.PREFLIGHT


@contextlib.contextmanager
def files_of(length: int) -> Iterator[None]:
    """No file of this process may be longer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_leaves_no_half_event_and_loses_none(directory: WorkDirectory) -> None:
    journal = Journal(directory)
    journal.append(EVENTS[0])
    length = directory.journal.stat().st_size
    for number, room in enumerate((0, 1, 20)):
        with files_of(length + room):
            state = journal.append(EVENTS[1])
        assert state.seq == 2 + number
        assert journal.trouble == "File too large"
        assert directory.journal.stat().st_size == length
    journal.append(EVENTS[1])
    assert journal.trouble == ""
    journal.close()
    assert Reader(directory).poll() == journal.state
    assert journal.state.seq == 5


def test_what_was_kept_is_written_with_the_next_sample(directory: WorkDirectory) -> None:
    journal = Journal(directory)
    with files_of(0):
        journal.append(EVENTS[0])
        journal.sample(sample(1))
    assert journal.state.sample == sample(1)
    assert Reader(directory).poll().seq == 0
    journal.sample(sample(2))
    found = Reader(directory).poll()
    assert (found.seq, found.sample) == (1, sample(2))
    journal.close()


def test_reserve_is_set_aside_and_pruned(directory: WorkDirectory) -> None:
    Journal(directory).close()
    assert directory.reserve.stat().st_blocks * 512 >= RESERVE_BYTES
    directory.prune()
    assert not directory.root.exists()


@pytest.mark.parametrize(
    "line",
    [
        b"not JSON\n",
        b"\0\0\0\0\n",
        b'{"v":1,"seq":2,"at":"2026-01-15T22:00:00Z","event":{"kind":"FromALaterVersion"}}\n',
        lines_of(e.Record(seq=3, at=BEGIN, event=EVENTS[1])),
        lines_of(e.Record(seq=1, at=BEGIN, event=EVENTS[1])),
        lines_of(e.Record(seq=2, at=BEGIN, event=e.PhaseEntered(phase=Phase.CUT_OVER))),
    ],
)
def test_damage_is_said_and_never_passed_over(directory: WorkDirectory, line: bytes) -> None:
    directory.journal.write_bytes(
        lines_of(records()[0]) + line + lines_of(e.Record(seq=3, at=BEGIN, event=EVENTS[1]))
    )
    reader = Reader(directory)
    with pytest.raises(LmtuiError, match="behind its record 1"):
        reader.poll()
    with pytest.raises(LmtuiError, match="behind its record 1"):
        reader.poll()
    with pytest.raises(LmtuiError, match="behind its record 1"):
        Journal(directory)


def test_prefixes_of_a_journal_are_what_they_say(directory: WorkDirectory) -> None:
    directory.journal.write_bytes(b"")
    reader = Reader(directory)
    for count, record in enumerate(records(), 1):
        with directory.journal.open("ab") as file:
            file.write(lines_of(record))
        assert reader.poll() == reduce_all(records()[:count])


def test_samples_are_turned_over_and_a_reader_follows(
    directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAMPLES_LIMIT", 2000)
    journal = Journal(directory)
    reader = Reader(directory)
    sizes = []
    for number in range(60):
        journal.sample(sample(number))
        sizes.append(directory.samples.stat().st_size)
        state = reader.poll()
        assert state.sample == sample(number)
        assert len(state.lag_history) == number + 1
    journal.close()
    assert max(sizes) < 4000
    assert sorted(path.name for path in directory.root.glob("samples*")) == [
        "samples.jsonl",
        "samples.old.jsonl",
    ]


def test_reader_begins_near_the_end_of_the_samples(
    directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SAMPLES_TAIL", 2000)
    journal = Journal(directory)
    for number in range(60):
        journal.sample(sample(number))
    state = Reader(directory).poll()
    seen = [point.lag_bytes for point in state.lag_history]
    assert 0 < len(seen) < 10
    assert seen == list(range(60 - len(seen), 60))
    journal.close()


def test_two_writers_are_kept_apart_by_the_lock(directory: WorkDirectory) -> None:
    lock = Lock(directory)
    with pytest.raises(AlreadyRunningError, match="already runs"):
        Lock(directory)
    lock.release()
    Lock(directory).release()
