"""The intake: parts of transactions as runs and single changes, until they are applied."""

from collections.abc import Sequence

from lmtui.replay.blocks import Printed
from lmtui.replay.change import (
    Begin,
    Commit,
    Decoder,
    Delete,
    Insert,
    Located,
    Message,
    Truncate,
    Update,
)
from lmtui.replay.progress import Counts
from lmtui.replay.protocol import XLOG_HEADER, data_lsn
from lmtui.replay.router import Router
from lmtui.replay.runs import Piece, Run
from lmtui.replay.transactions import Part

HEARTBEAT = "heartbeat"


class Intake:
    """Takes parts in their order. What it holds goes to the target as it is, in this order.

    `done` counts what was taken, and `marker` is the last one, since `committed`.
    """

    def __init__(self, decoder: Decoder, printed: Printed, router: Router) -> None:
        self._decoder = decoder
        self._printed = printed
        self._router = router
        self.committed_at = 0
        self.applied()
        self.committed()

    def applied(self) -> None:
        """What it held is on the target, or is not to be put there."""
        self.pieces: list[Piece] = []
        self.rows = 0
        self.bytes = 0

    def committed(self) -> None:
        """What it has counted is remembered on the target."""
        self.done = Counts()
        self.marker = ""

    def take(self, part: Part) -> list[str]:
        """Take a part; says which chunks its transaction dropped that are not mirrored.

        Raises LmtuiError for what cannot be decoded, or followed.
        """
        if part.first:
            self._router.begin(data_lsn(part.messages[0]))
        messages, begin, count = part.messages, 0, len(part.messages)
        while begin < count:
            end = self._run(messages, begin)
            if end == begin:
                self._take(messages[begin])
                end += 1
            begin = end
        self.bytes += sum(map(len, messages))
        if part.commit is None:
            return []
        not_mirrored = self._router.end()
        self._drop_chunks(part.commit)
        self.done.transactions += 1
        return not_mirrored

    def _run(self, messages: Sequence[bytes], begin: int) -> int:
        """Take the messages from `begin` on that are a run; says where it ends."""
        if (found := self._printed.head(messages[begin])) is None:
            return begin
        head, printed = found
        if (relation := self._router.rows_of(head.relation)) is None:
            return begin
        end, count = begin + 1, len(messages)
        while end < count and messages[end].startswith(printed, XLOG_HEADER):
            end += 1
        self.pieces.append(Run(head, relation, messages[begin:end]))
        self._count(head.kind, end - begin)
        return end

    def _count(self, kind: type, number: int) -> None:
        self.rows += number
        if kind is Insert:
            self.done.insert += number
        elif kind is Update:
            self.done.update += number
        elif kind is Delete:
            self.done.delete += number
        elif kind is Truncate:
            self.done.truncate += number

    def _take(self, message: bytes) -> None:
        change = self._decoder.decode(message[XLOG_HEADER:])
        if isinstance(change, Begin):
            return
        if isinstance(change, Commit):
            self.committed_at = change.at
            return
        routed = self._router.route(change)
        if self._router.dropped:
            self._drop_chunks(data_lsn(message))
        if isinstance(routed, Message):
            if routed.content != HEARTBEAT:
                self.marker = routed.content
        elif isinstance(routed, Insert | Update | Delete | Truncate):
            self.pieces.append(Located(routed, data_lsn(message)))
            self._count(type(routed), 1)

    def _drop_chunks(self, lsn: int) -> None:
        for drop in self._router.dropped:
            self.pieces.append(Located(drop, lsn))
            self.rows += 1
        self._router.dropped.clear()
