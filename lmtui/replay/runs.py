"""Runs: messages, one after the other, that change rows of one relation in one way.

What is the same for all rows of a run is looked at once, and the rows themselves are only read
where something has to be known of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from lmtui.replay.change import Change, Delete, Insert, Located, Relation, Update
from lmtui.replay.protocol import XLOG_HEADER, data_lsn


class Head(NamedTuple):
    """What messages have in common that do one thing to rows of one relation of the stream."""

    kind: type[Insert] | type[Update] | type[Delete]
    relation: Relation


class Run(NamedTuple):
    """Messages of one head, header included. `relation` is where the target has their rows."""

    head: Head
    relation: Relation
    messages: list[bytes]


Piece = Run | Located
RowChange = Insert | Update | Delete


def changes(run: Run, decode: Callable[[bytes], Change]) -> Iterator[RowChange]:
    """The run's changes, one by one."""
    moved = run.relation != run.head.relation
    for message in run.messages:
        change = decode(message[XLOG_HEADER:])
        assert isinstance(change, Insert | Update | Delete)  # noqa: S101
        yield change._replace(relation=run.relation) if moved else change


def lsns_backwards(pieces: Sequence[Piece]) -> Iterator[int]:
    """Where each change is in the source's log, from the last to the first."""
    for piece in reversed(pieces):
        if isinstance(piece, Located):
            yield piece.lsn
        else:
            yield from map(data_lsn, reversed(piece.messages))


def located(pieces: Iterable[Piece], decode: Callable[[bytes], Change]) -> Iterator[Located]:
    """All changes of the pieces, each with its place in the source's log."""
    for piece in pieces:
        if isinstance(piece, Located):
            yield piece
            continue
        for message, change in zip(piece.messages, changes(piece, decode), strict=True):
            yield Located(change, data_lsn(message))
