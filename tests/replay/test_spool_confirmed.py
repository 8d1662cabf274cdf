"""What the receiver tells the source to be safe: never what is not on its disk."""

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pytest
from walsender import PLUGIN, Walsender

from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError, SpoolLostError
from lmtui.replay import receiver as module
from lmtui.replay.protocol import Keepalive, parse_keepalive
from lmtui.replay.receiver import Receiver
from lmtui.replay.spool import SpoolReader

START = 1000
_KEEPALIVE = struct.Struct(">cQqB")


class Connection:
    """A source's end of a replication connection, as `ReplicationConnection` shows it."""

    def __init__(self, source: "Source", messages: list[bytes], *, breaks: bool) -> None:
        self._source = source
        self._messages = messages
        self._breaks = breaks
        self._near, self._far = socket.socketpair()
        self._far.send(b"x")
        self.pgconn = self
        self.socket = self._near.fileno()

    def confirmed(self, slot: str) -> int:
        return max(self._source.confirmed, default=START)

    def start(self, slot: str, lsn: int, options: Mapping[str, str]) -> None:
        assert slot == "slot"
        self._source.started.append(lsn)

    def received(self) -> tuple[list[bytes], list[Keepalive], None]:
        given, self._messages = self._messages, []
        if not given and self._breaks:
            raise ServerError("The stream from the source ended")
        keepalives = [parse_keepalive(one) for one in given if one.startswith(b"k")]
        return [one for one in given if one.startswith(b"w")], keepalives, None

    def consume(self) -> None:
        self._near.recv(1)
        if not self._breaks:
            self._source.parent.close()

    def confirm(self, received: int, flushed: int, at: int) -> None:
        assert flushed <= received
        self._source.check(flushed)

    def close(self) -> None:
        self._near.close()
        self._far.close()


class Source:
    """A source that looks, at each confirmation, at what a crash would leave in the spool."""

    def __init__(self, spool: Path, monkeypatch: pytest.MonkeyPatch, parent: TextIO) -> None:
        self.spool = spool
        self.parent = parent
        self.started: list[int] = []
        self.confirmed: list[int] = []
        self.ends: list[int] = []
        self.connections: list[Connection] = []
        monkeypatch.setattr(module, "ReplicationConnection", self._connect)
        monkeypatch.setattr(module, "_BACK_OFF", (0.0,))
        monkeypatch.setattr(module, "CONFIRM_SECONDS", 0.0)
        self.endpoint = Endpoint.parse("source", "postgresql://user@host/database")
        self.receiver = Receiver(self.endpoint, "slot", PLUGIN, spool, START)

    def _connect(self, endpoint: Endpoint, *, application: str) -> Connection:
        return self.connections.pop(0)

    def check(self, flushed: int) -> None:
        self.confirmed.append(flushed)
        reader = SpoolReader(self.spool)
        there = max(frame.last_commit for frame in iter(reader.next, None))
        reader.close()
        assert all(end <= there for end in self.ends if end <= flushed)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """A source, and a receiver whose parent lives."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as parent:
        monkeypatch.setattr("sys.stdin", stdin)
        yield Source(tmp_path, monkeypatch, parent)


def keepalive(end: int) -> bytes:
    return _KEEPALIVE.pack(b"k", end, 0, 0)


def test_what_a_lost_connection_left_unwritten_is_not_confirmed(source: Source) -> None:
    sent = Walsender(START).commit(b"a change")
    source.ends = [sent.commit]
    source.connections = [
        Connection(source, list(sent.messages), breaks=True),
        Connection(source, [], breaks=False),
    ]
    source.receiver.run()
    assert source.started == [START, START]
    assert set(source.confirmed) == {START}


def test_what_was_not_written_before_a_stop_is_not_confirmed(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, and stays so until the parent ends."""
    monkeypatch.setattr(module, "RESERVE_BYTES", 1 << 60)
    source.parent.close()
    sent = Walsender(START).commit(b"a change")
    source.ends = [sent.commit]
    source.connections = [Connection(source, list(sent.messages), breaks=False)]
    source.receiver.run()
    assert set(source.confirmed) == {START}


def test_keepalive_is_confirmed_only_where_nothing_before_it_is_unwritten(source: Source) -> None:
    walsender = Walsender(START)
    first, second = walsender.commit(b"a change"), walsender.commit(b"another", b"and one more")
    source.ends = [first.commit, second.commit]
    messages = [keepalive(START + 1), *first.messages, keepalive(first.commit + 1)]
    messages += second.messages[:2]
    source.connections = [Connection(source, messages, breaks=False)]
    source.receiver.run()
    assert set(source.confirmed) == {first.commit}


def test_keepalive_alone_is_confirmed(source: Source) -> None:
    """An idle source may drop its log."""
    source.connections = [Connection(source, [keepalive(START + 500)], breaks=False)]
    source.receiver.run()
    assert set(source.confirmed) == {START + 500}


def test_what_was_confirmed_is_found_in_the_spool_again(source: Source) -> None:
    """Also where it was no transaction: a later start can then tell that nothing is missing."""
    source.connections = [Connection(source, [keepalive(START + 500)], breaks=False)]
    source.receiver.run()
    source.receiver = Receiver(source.endpoint, "slot", PLUGIN, source.spool, START)
    source.connections = [Connection(source, [], breaks=False)]
    source.receiver.run()
    assert source.started == [START, START + 500]


def test_a_spool_that_has_lost_something_is_refused(source: Source) -> None:
    walsender = Walsender(START)
    sent = walsender.commit(b"a change")
    source.ends = [sent.commit]
    source.connections = [Connection(source, list(sent.messages), breaks=False)]
    source.receiver.run()
    assert source.confirmed[-1] == sent.commit
    for segment in source.spool.glob("*.spool"):
        segment.unlink()
    source.receiver = Receiver(source.endpoint, "slot", PLUGIN, source.spool, START)
    source.connections = [Connection(source, [], breaks=False)]
    with pytest.raises(SpoolLostError, match="has lost changes"):
        source.receiver.run()
