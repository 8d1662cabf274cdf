"""The spool on a disk that tears, fills up and breaks."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walsender import Sent, Walsender

from lmtui.errors import ReplayStoppedError
from lmtui.replay import spool
from lmtui.replay.frames import CLOSED, OPEN, RESET, Frame, body_of, segments, size
from lmtui.replay.spool import SpoolReader, SpoolWriter

START = 1000


@pytest.fixture
def source() -> Walsender:
    """A source with three transactions; the second is the largest."""
    source = Walsender(START)
    source.commit(b"table a.b: INSERT: c[integer]:1")
    source.commit(*(b"%d" % n * 4 for n in range(5)))
    source.commit(b"table a.b: INSERT: c[integer]:2")
    return source


def add(writer: SpoolWriter, sent: Sent, count: int | None = None) -> None:
    """Add the first messages of a transaction, or all of them."""
    chosen = sent.messages[:count]
    for message in chosen:
        writer.add([message], [0] if message is sent.messages[-1] else [])


def frames(directory: Path) -> list[Frame]:
    """All frames, read by a new reader."""
    reader = SpoolReader(directory)
    found = list(iter(reader.next, None))
    reader.close()
    return found


def delivered(directory: Path) -> list[bytes]:
    """The messages of the transactions that are whole, as a reader must understand the frames."""
    done: list[bytes] = []
    begun: list[bytes] = []
    for frame in frames(directory):
        if frame.kind == RESET:
            begun.clear()
        begun += frame.messages()
        if frame.kind == CLOSED:
            done += begun
            begun.clear()
    return done


@given(st.lists(st.tuples(st.binary(max_size=50), st.booleans()), max_size=9))
def test_frame_gives_its_messages_back(found: list[tuple[bytes, bool]]) -> None:
    messages = [message for message, _ in found]
    commits = [place for place, (_, ends) in enumerate(found) if ends]
    frame = Frame(CLOSED, 0, b"".join(body_of(messages, commits)))
    assert frame.messages() == messages
    assert list(frame.commits()) == commits


def test_frame_says_whether_a_transaction_is_open_and_which_ended_last(
    tmp_path: Path, source: Walsender
) -> None:
    first, second, _ = source.transactions
    writer = SpoolWriter(tmp_path, START)
    add(writer, first)
    add(writer, second, 2)
    assert writer.open_transaction
    writer.write()
    assert writer.open_transaction
    for message in second.messages[2:-1]:
        writer.add([message], [])
    writer.write()
    writer.add([second.messages[-1]], [0])
    assert not writer.open_transaction
    writer.write()
    assert not writer.open_transaction
    writer.close()
    assert [(frame.kind, frame.last_commit) for frame in frames(tmp_path)] == [
        (CLOSED, START),
        (CLOSED, first.commit),
        (OPEN, first.commit),
        (OPEN, first.commit),
        (CLOSED, second.commit),
    ]
    assert delivered(tmp_path) == [*first.messages, *second.messages]


def test_torn_tail_is_cut_at_every_byte(tmp_path: Path, source: Walsender) -> None:
    """Whatever a crash left of the end, the source's resending makes it whole."""
    original = tmp_path / "original"
    original.mkdir()
    first, second, third = source.transactions
    writer = SpoolWriter(original, START)
    add(writer, first)
    add(writer, second, 3)
    writer.write()
    for message in second.messages[3:]:
        writer.add([message], [0] if message is second.messages[-1] else [])
    add(writer, third, 2)
    writer.write()
    writer.close()
    content = segments(original)[0].read_bytes()
    for length in range(len(content) + 1):
        directory = tmp_path / str(length)
        directory.mkdir()
        (directory / segments(original)[0].name).write_bytes(content[:length])
        writer = SpoolWriter(directory, START)
        assert writer.flushed == writer.last_commit
        source.start(writer.last_commit)
        for message, commit in source.send(100):
            writer.add([message], [] if commit is None else [0])
        writer.write()
        assert writer.sync() == third.commit
        writer.close()
        assert delivered(directory) == [m for sent in source.transactions for m in sent.messages]


def test_transaction_that_is_open_across_segments_is_taken_back_as_a_whole(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write begins a new segment, whose first frame must not look like a transaction's end."""
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    first, second, third = source.transactions
    for count in range(1, len(second.messages)):
        directory = tmp_path / str(count)
        directory.mkdir()
        writer = SpoolWriter(directory, START)
        add(writer, first)
        writer.write()
        for message in second.messages[:count]:
            writer.add([message], [])
            writer.write()
        writer.close()
        writer = SpoolWriter(directory, START)
        assert writer.last_commit == first.commit
        add(writer, second)
        add(writer, third)
        writer.write()
        writer.close()
        assert delivered(directory) == [m for sent in source.transactions for m in sent.messages]


def test_reader_of_a_torn_tail_goes_on_with_what_takes_its_place(
    tmp_path: Path, source: Walsender
) -> None:
    first, second, third = source.transactions
    writer = SpoolWriter(tmp_path, START)
    reader = SpoolReader(tmp_path)
    add(writer, first)
    writer.write()
    assert reader.next() == Frame(CLOSED, START, b"")
    assert list(reader.next().messages()) == list(first.messages)
    place = segments(tmp_path)[0].stat().st_size
    add(writer, second)
    writer.write()
    writer.close()
    with segments(tmp_path)[0].open("r+b") as file:
        file.truncate(place + 50)
    assert reader.next() is None
    writer = SpoolWriter(tmp_path, START)
    assert reader.next() is None
    add(writer, second)
    add(writer, third)
    writer.write()
    writer.close()
    assert list(reader.next().messages()) == [*second.messages, *third.messages]
    assert reader.next() is None
    reader.close()


def test_start_counts_where_the_target_is_further_than_the_spool(
    tmp_path: Path, source: Walsender
) -> None:
    """What was applied but not yet synced may be gone from the spool after a power failure."""
    first, second, third = source.transactions
    writer = SpoolWriter(tmp_path, START)
    add(writer, first)
    writer.write()
    writer.close()
    writer = SpoolWriter(tmp_path, second.commit)
    assert writer.last_commit == writer.flushed == second.commit
    add(writer, third)
    writer.write()
    writer.close()
    assert delivered(tmp_path) == [*first.messages, *third.messages]


@contextmanager
def room_for(bytes_: int) -> Iterator[None]:
    """Let no file of this process grow beyond this size: writing then ends as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_loses_nothing_wherever_it_strikes(tmp_path: Path, source: Walsender) -> None:
    first, second, third = source.transactions
    whole = sum(len(m) + 4 for sent in source.transactions for m in sent.messages) + 4 * 21
    for limit in range(21, whole, 5):
        directory = tmp_path / str(limit)
        directory.mkdir()
        writer = SpoolWriter(directory, START)
        add(writer, first)
        add(writer, second, 3)
        with room_for(limit):
            for _ in range(2):
                try:
                    writer.write()
                except OSError:
                    assert writer.pending_bytes > 0
                # What is there is whole, and no more is called safe than is there.
                assert writer.sync() in {START, first.commit}
                assert (writer.flushed == first.commit) == bool(delivered(directory))
        for message in second.messages[3:-1]:
            writer.add([message], [])
        writer.add([second.messages[-1]], [0])
        add(writer, third)
        writer.write()
        assert writer.pending_bytes == 0
        assert writer.sync() == third.commit
        writer.close()
        assert delivered(directory) == [m for sent in source.transactions for m in sent.messages]


def test_full_disk_at_the_beginning_of_a_segment(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    first, second, third = source.transactions
    writer = SpoolWriter(tmp_path, START)
    add(writer, first)
    with pytest.raises(OSError, match="File too large"), room_for(0):
        writer.write()
    writer.write()
    add(writer, second, 2)
    writer.write()
    # Now in the beginning of a segment inside a transaction, which then is left open.
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 10_000)
    writer.add([second.messages[2]], [])
    writer.write()
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    length = segments(tmp_path)[-1].stat().st_size
    writer.add([second.messages[3]], [])
    with pytest.raises(OSError, match="File too large"), room_for(length):
        writer.write()
    writer.close()
    writer = SpoolWriter(tmp_path, START)
    assert writer.last_commit == first.commit
    add(writer, second)
    add(writer, third)
    writer.write()
    writer.close()
    assert delivered(tmp_path) == [m for sent in source.transactions for m in sent.messages]


def test_damage_before_later_segments_is_never_passed_over(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    writer = SpoolWriter(tmp_path, START)
    for sent in source.transactions:
        add(writer, sent)
        writer.write()
    writer.close()
    damaged = segments(tmp_path)[1]
    content = bytearray(damaged.read_bytes())
    content[60] ^= 1
    damaged.write_bytes(content)
    reader = SpoolReader(tmp_path)
    assert list(reader.next().messages()) == []
    assert list(reader.next().messages()) == list(source.transactions[0].messages)
    assert list(reader.next().messages()) == []
    for _ in range(2):
        with pytest.raises(ReplayStoppedError, match=damaged.name):
            reader.next()
    reader.close()


def test_prune_leaves_the_segment_that_is_being_read(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    writer = SpoolWriter(tmp_path, START)
    reader = SpoolReader(tmp_path)
    reader.prune()
    for sent in source.transactions:
        add(writer, sent)
        writer.write()
        while reader.next() is not None:
            pass
        before = size(tmp_path)
        reader.prune()
        assert size(tmp_path) < before
        assert len(segments(tmp_path)) == 1
    writer.close()
    writer = SpoolWriter(tmp_path, START)
    assert writer.last_commit == source.transactions[-1].commit
    writer.close()
    reader.close()


def test_seek_behind_finds_what_is_left_to_apply(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From every place, and with every frame in a segment of its own."""
    monkeypatch.setattr(spool, "SEGMENT_BYTES", 1)
    writer = SpoolWriter(tmp_path, START)
    for sent in source.transactions:
        for message in sent.messages[:-1]:
            writer.add([message], [])
            writer.write()
        writer.add([sent.messages[-1]], [0])
        writer.write()
    writer.close()
    for number, applied in enumerate([START, *(sent.commit for sent in source.transactions)]):
        reader = SpoolReader(tmp_path)
        reader.seek_behind(applied)
        left = [m for frame in iter(reader.next, None) for m in frame.messages()]
        reader.close()
        assert left == [m for sent in source.transactions[number:] for m in sent.messages]


def test_size_of_a_spool_that_is_being_pruned(tmp_path: Path, source: Walsender) -> None:
    """A segment may go between the look into the directory and the look at it."""
    writer = SpoolWriter(tmp_path, START)
    add(writer, source.transactions[0])
    writer.write()
    writer.close()
    before = size(tmp_path)
    (tmp_path / "000000000000.spool").symlink_to(tmp_path / "gone")
    assert size(tmp_path) == before
