"""The intake: parts of transactions as runs and single changes, until they are applied."""

from collections.abc import Sequence

from lmtui.replay.blocks import Printed
from lmtui.replay.change import (
    Begin,
    Commit,
    DataChange,
    Decoder,
    Delete,
    DropChunks,
    Insert,
    Located,
    Message,
    Truncate,
    Update,
)
from lmtui.replay.progress import Counts
from lmtui.replay.protocol import LARGE_BYTES, XLOG_HEADER, data_lsn
from lmtui.replay.router import Router
from lmtui.replay.runs import Piece, Run
from lmtui.replay.transactions import Part

HEARTBEAT = "heartbeat"
# It ends what is put into one target transaction: what comes behind a drain's marker is only
# counted.
DRAIN = "drain:"


class Intake:
    """Takes parts in their order. What it holds goes to the target as it is, in this order.

    `done` counts what was taken, and `marker` is the last one, since `committed`. `commit_lsn` is
    where the last transaction has ended, and `not_mirrored` names chunks that were dropped.
    `large` says whether one of its messages is very large.
    """

    def __init__(self, decoder: Decoder, printed: Printed, router: Router, lsn: int) -> None:
        self._decoder = decoder
        self._printed = printed
        self._router = router
        self._last: Run | None = None
        self._last_printed = b""
        self._commit = b""
        self.commit_lsn = lsn
        self.not_mirrored: list[str] = []
        self.applied()
        self.committed()

    def applied(self) -> None:
        """What it held is on the target, or is not to be put there."""
        self.pieces: list[Piece] = []
        self.rows = 0
        self.bytes = 0
        self.large = False
        self._last = None

    def committed(self) -> None:
        """What it has counted is remembered on the target."""
        self.done = Counts()
        self.marker = ""

    @property
    def drained(self) -> bool:
        """Whether the last marker is a drain's."""
        return self.marker.startswith(DRAIN)

    def committed_at(self) -> int:
        """When the last transaction was committed, as in change.Commit. Not before there is one."""
        commit = self._decoder.decode(self._commit[XLOG_HEADER:])
        assert isinstance(commit, Commit)  # noqa: S101
        return commit.at

    def take(self, part: Part, begin: int, *, one: bool = False) -> int:
        """Take a part from its message `begin` on; says how far, for a drain ends it early.

        Of a part with many transactions, it takes but `one` where that is asked for.

        Raises LmtuiError for what cannot be decoded, or followed.
        """
        messages, count, at = part.messages, len(part.messages), begin
        ends = iter([end for end in part.ends if end >= begin])
        end, fresh = next(ends, count), part.first or begin > 0
        while at < count:
            message = messages[at]
            if fresh:
                fresh = False
                self._router.begin(data_lsn(messages[end]) if end < count else part.commit)
                if message.startswith(self._printed.begin, XLOG_HEADER):
                    at += 1
                    continue
            if at == end:
                self._end(message)
                at, end, fresh = at + 1, next(ends, count), True
                if one or (self.marker and self.drained):
                    break
                continue
            if self._last is not None and message.startswith(self._last_printed, XLOG_HEADER):
                at = self._lengthen(self._last, messages, at, end)
            elif self._begins_run(message):
                at += 1
            else:
                self._take(message)
                at += 1
        sizes = [*map(len, messages[begin:at])]
        self.bytes += sum(sizes)
        self.large = self.large or max(sizes) > LARGE_BYTES
        return at

    def _lengthen(self, run: Run, messages: Sequence[bytes], begin: int, end: int) -> int:
        """Add messages that print the run's head; says where they end."""
        printed, at = self._last_printed, begin + 1
        while at < end and messages[at].startswith(printed, XLOG_HEADER):
            at += 1
        run.messages.extend(messages[begin:at])
        self._count(run.head.kind, at - begin)
        return at

    def _begins_run(self, message: bytes) -> bool:
        """Begin a run with a message, or go on with the last one, if it can be in one."""
        found = self._printed.head(message)
        if found is None:
            return False
        head, self._last_printed = found
        relation = self._router.rows_of(head.relation)
        if relation is None:
            return False
        last = self._last
        if last is not None and last.head is head:
            last.messages.append(message)
        else:
            self._last = Run(head, relation, [message])
            self.pieces.append(self._last)
        self._count(head.kind, 1)
        return True

    def _count(self, kind: type[DataChange], number: int) -> None:
        self.rows += number
        self.done.count(kind, number)

    def _take(self, message: bytes) -> None:
        # It may change where the rows behind it go.
        self._last = None
        change = self._decoder.decode(message[XLOG_HEADER:])
        if isinstance(change, Begin):
            return
        routed = self._router.route(change)
        self.done.copied += self._router.copied
        self._router.copied = 0
        if self._router.dropped:
            self._drop_chunks(data_lsn(message))
        if isinstance(routed, Message):
            if routed.content != HEARTBEAT:
                self.marker = routed.content
        elif isinstance(routed, Insert | Update | Delete | Truncate):
            self.pieces.append(Located(routed, data_lsn(message)))
            self._count(type(routed), 1)

    def _end(self, message: bytes) -> None:
        self.commit_lsn = data_lsn(message)
        self._commit = message
        self.not_mirrored += self._router.end()
        if self._router.dropped:
            self._last = None
            # Inside the record of the commit: behind it, the next transaction's may begin at once.
            self._drop_chunks(self.commit_lsn - 1)
        self.done.transactions += 1

    def _drop_chunks(self, lsn: int) -> None:
        for drop in self._router.dropped:
            self.pieces.append(Located(drop, lsn))
            self._count(DropChunks, 1)
        self._router.dropped.clear()
