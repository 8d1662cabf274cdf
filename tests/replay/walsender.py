"""What the tests of the spool share: a source that sends its transactions like a walsender does."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct(">cQQq")
PLUGIN = "test_decoding"


def message(lsn: int, payload: bytes) -> bytes:
    """One XLogData message."""
    return _HEADER.pack(b"w", lsn, lsn, 0) + payload


@dataclass(frozen=True)
class Sent:
    """A transaction: `commit` is its end LSN, which is that of its last message."""

    messages: tuple[bytes, ...]
    commit: int


class Walsender:
    """A source with one slot: it resends what was not confirmed, and never what was."""

    def __init__(self, start: int = 1000) -> None:
        self.transactions: list[Sent] = []
        self.confirmed = start
        self._lsn = start

    def commit(self, *payloads: bytes) -> Sent:
        """A transaction with these changes commits on the source."""
        messages = []
        for payload in (b"BEGIN 7", *payloads):
            self._lsn += 1
            messages.append(message(self._lsn, payload))
        self._lsn += 9
        messages.append(message(self._lsn, b"COMMIT 7 (at 2026-01-15 09:30:00+00)"))
        sent = Sent(tuple(messages), self._lsn)
        self.transactions.append(sent)
        return sent

    def confirm(self, flushed: int) -> None:
        """The receiver says what is safe on its disk; the source may forget it."""
        self.confirmed = max(self.confirmed, flushed)

    def start(self, lsn: int) -> None:
        """START_REPLICATION: what ends after `lsn`, and after what was confirmed."""
        begin = max(lsn, self.confirmed)
        self._next = sum(sent.commit <= begin for sent in self.transactions)
        self._left: list[tuple[bytes, int | None]] = []

    def send(self, count: int) -> Iterator[tuple[bytes, int | None]]:
        """At most `count` messages, each with the end LSN where it ends a transaction."""
        for _ in range(count):
            if not self._left:
                if self._next == len(self.transactions):
                    return
                sent = self.transactions[self._next]
                self._next += 1
                self._left = [(one, None) for one in sent.messages[:-1]]
                self._left.append((sent.messages[-1], sent.commit))
            yield self._left.pop(0)
