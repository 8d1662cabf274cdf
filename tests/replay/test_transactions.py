"""Transactions read from a spool, from every place and in parts of every size."""

import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from walsender import Sent, Walsender

from lmtui.replay import transactions
from lmtui.replay.frames import segments
from lmtui.replay.spool import SpoolWriter
from lmtui.replay.transactions import Discard, Part, Transactions

START = 1000


def put(writer: SpoolWriter, sent: Sent, count: int | None = None) -> None:
    """Write each of the first messages of a transaction, or all of them, in a frame of its own."""
    for message in sent.messages[:count]:
        writer.add([message], [0] if message is sent.messages[-1] else [])
        writer.write()


def put_together(writer: SpoolWriter, sent: Sent, every: int, count: int | None = None) -> None:
    """Write the first messages of a transaction, or all of them, in frames of so many."""
    for number, message in enumerate(sent.messages[:count], 1):
        writer.add([message], [0] if message is sent.messages[-1] else [])
        if number % every == 0:
            writer.write()
    writer.write()


def items(reader: Transactions) -> list[Part | Discard]:
    """All that there is now."""
    return [item for found in iter(reader.next, None) for item in found]


def whole(found: Iterable[Part | Discard]) -> list[tuple[bytes, ...]]:
    """The transactions that the parts make, as a target that rolls discarded ones back has them."""
    done: list[tuple[bytes, ...]] = []
    begun: list[bytes] = []
    for item in found:
        if isinstance(item, Discard):
            assert begun
            begun.clear()
            continue
        assert item.first == (not begun)
        assert not item.ends or item.ends[-1] == len(item.messages) - 1
        for place, message in enumerate(item.messages):
            begun.append(message)
            if place in item.ends:
                done.append(tuple(begun))
                begun.clear()
    assert not begun
    return done


@pytest.fixture
def source() -> Walsender:
    """A source with small and large transactions."""
    source = Walsender(START)
    source.commit(b"table a.b: INSERT: c[integer]:1")
    source.commit(*(b"%d" % n * 20 for n in range(6)))
    source.commit()
    source.commit(*(b"%d" % n * 30 for n in range(3)))
    return source


@pytest.mark.parametrize("part_bytes", [1, 60, 200, 10_000])
@pytest.mark.parametrize("every", [1, 2, 3, 100])
def test_every_place_of_a_restart(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch, part_bytes: int, every: int
) -> None:
    monkeypatch.setattr(transactions, "PART_BYTES", part_bytes)
    writer = SpoolWriter(tmp_path, START)
    for sent in source.transactions:
        put_together(writer, sent, every)
    writer.close()
    # Also from inside a transaction's place, as where a slot's consistent point is.
    for applied in range(START, source.transactions[-1].commit + 2):
        reader = Transactions(tmp_path, applied)
        found = items(reader)
        assert not reader.inside
        reader.close()
        left = [sent for sent in source.transactions if sent.commit > applied]
        assert whole(found) == [sent.messages for sent in left]


@pytest.mark.parametrize("part_bytes", [1, 60, 200, 10_000])
def test_transaction_that_begins_again_after_every_message(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(transactions, "PART_BYTES", part_bytes)
    for broken, sent in enumerate(source.transactions):
        for count in range(1, len(sent.messages)):
            directory = tmp_path / f"{broken}-{count}"
            directory.mkdir()
            writer = SpoolWriter(directory, START)
            for before in source.transactions[:broken]:
                put(writer, before)
            put(writer, sent, count)
            writer.close()
            writer = SpoolWriter(directory, START)
            for after in source.transactions[broken:]:
                put(writer, after)
            writer.close()
            for number, applied in enumerate([START, *(t.commit for t in source.transactions)]):
                reader = Transactions(directory, applied)
                assert whole(items(reader)) == [t.messages for t in source.transactions[number:]]
                reader.close()


def test_part_that_was_handed_on_is_discarded_where_the_source_begins_again(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PART_BYTES", 1)
    first, second, third, _ = source.transactions
    writer = SpoolWriter(tmp_path, START)
    put(writer, first)
    put(writer, second, 4)
    reader = Transactions(tmp_path, START)
    before = items(reader)
    assert reader.inside
    writer.close()
    writer = SpoolWriter(tmp_path, START)
    assert [type(item) for item in items(reader)] == [Discard]
    assert not reader.inside
    put(writer, second)
    put(writer, third)
    writer.close()
    after = items(reader)
    reader.close()
    assert whole([*before, Discard(), *after]) == [t.messages for t in (first, second, third)]


def test_near_a_restart_nothing_is_handed_on_before_its_end_is_known(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PART_BYTES", 1)
    _, second, third, fourth = source.transactions
    for applied in (second.commit, START):
        directory = tmp_path / str(applied)
        directory.mkdir()
        writer = SpoolWriter(directory, START)
        reader = Transactions(directory, applied)
        for message in second.messages[:-1]:
            writer.add([message], [])
            writer.write()
            assert items(reader) == []
        writer.add([second.messages[-1]], [0])
        writer.write()
        put(writer, third)
        put(writer, fourth)
        writer.close()
        left = [sent for sent in (second, third, fourth) if sent.commit > applied]
        assert whole(items(reader)) == [sent.messages for sent in left]
        reader.close()


def test_prune_keeps_the_beginning_of_a_transaction_that_is_not_applied(
    tmp_path: Path, source: Walsender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PART_BYTES", 1)
    monkeypatch.setattr("lmtui.replay.spool.SEGMENT_BYTES", 1)
    first, second, third, _ = source.transactions
    writer = SpoolWriter(tmp_path, START)
    put(writer, first)
    put(writer, second, 4)
    reader = Transactions(tmp_path, START)
    assert items(reader)
    count = len(segments(tmp_path))
    reader.prune()
    assert len(segments(tmp_path)) == count
    reader.close()
    for message in second.messages[4:]:
        writer.add([message], [0] if message is second.messages[-1] else [])
    writer.write()
    reader = Transactions(tmp_path, first.commit)
    assert whole(items(reader)) == [second.messages]
    reader.prune()
    assert len(segments(tmp_path)) == 1
    put(writer, third)
    writer.close()
    assert whole(items(reader)) == [third.messages]
    reader.close()


MEBIBYTE = 1024 * 1024


def large(source: Walsender) -> Sent:
    """A transaction of eight mebibytes."""
    return source.commit(*(b"%04d" % n + b"x" * 8188 for n in range(1024)))


def peak(reader: Transactions) -> tuple[int, list[tuple[int, int]]]:
    """The memory that reading all there is takes at most; sizes of parts, and what ends in them."""
    tracemalloc.start()
    found = []
    while (read := reader.next()) is not None:
        for item in read:
            assert isinstance(item, Part)
            found.append((sum(map(len, item.messages)), len(item.ends)))
            del item
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, found


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 64 KiB."""
    monkeypatch.setattr(transactions, "PART_BYTES", 64 * 1024)


@pytest.mark.usefixtures("small_parts")
def test_memory_is_bounded_while_a_large_transaction_is_passed_over(tmp_path: Path) -> None:
    """It is where its end shares a frame with what is not applied."""
    source = Walsender(START)
    applied, small = large(source), source.commit(b"small")
    writer = SpoolWriter(tmp_path, START)
    put_together(writer, applied, 4, -1)
    writer.add([applied.messages[-1]], [0])
    put(writer, small)
    writer.close()
    reader = Transactions(tmp_path, applied.commit)
    most, found = peak(reader)
    reader.close()
    assert found == [(sum(map(len, small.messages)), 1)]
    assert most < MEBIBYTE


@pytest.mark.usefixtures("small_parts")
def test_memory_is_bounded_while_a_large_transaction_is_handed_on(tmp_path: Path) -> None:
    source = Walsender(START)
    sent = large(source)
    writer = SpoolWriter(tmp_path, START)
    put_together(writer, sent, 4)
    writer.close()
    reader = Transactions(tmp_path, START)
    most, found = peak(reader)
    reader.close()
    assert [ends for _, ends in found if ends] == [1]
    assert sum(length for length, _ in found) == sum(map(len, sent.messages))
    assert max(length for length, _ in found) < 128 * 1024
    assert most < MEBIBYTE


@pytest.mark.usefixtures("small_parts")
def test_memory_is_bounded_while_a_large_transaction_that_began_again_is_passed_over(
    tmp_path: Path,
) -> None:
    """Near a restart, where nothing of it may be handed on."""
    source = Walsender(START)
    sent = large(source)
    writer = SpoolWriter(tmp_path, START)
    put_together(writer, sent, 4, -1)
    writer.close()
    writer = SpoolWriter(tmp_path, START)
    put_together(writer, sent, 4)
    writer.close()
    reader = Transactions(tmp_path, START)
    most, found = peak(reader)
    reader.close()
    assert [ends for _, ends in found if ends] == [1]
    assert sum(length for length, _ in found) == sum(map(len, sent.messages))
    assert most < MEBIBYTE
