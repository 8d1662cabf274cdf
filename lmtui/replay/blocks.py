"""Blocks: the inserts of a run, made lines that COPY reads, all at once.

A plugin prints a value as CSV does, but for what is around it. So nothing is decoded: one pattern
that spells out everything between the values finds them all, and they are joined anew.

The pattern has one reading, and begins each row where the one before has ended. That no byte was
left out is then a matter of counting: what was found and what the pattern spells out must be as
long as the messages are together. Where it is not, there is no block.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lmtui.replay import large
from lmtui.replay.change import Names
from lmtui.replay.payload import Kept
from lmtui.replay.protocol import XLOG_HEADER
from lmtui.replay.runs import Head


class Block(NamedTuple):
    """Rows as COPY takes them in CSV form, one line each; NULL is an unquoted `null`."""

    names: Names
    text: bytes


@dataclass(frozen=True)
class Row:
    """What is printed around the values of a row, behind the XLogData header.

    `start` is the beginning, and `varying` a pattern, with one group, of what follows and is not
    the same for all rows. `before` has the text before each value, and `values` a pattern of each,
    with one group; `end` is the text behind the last.
    """

    names: Names
    start: bytes
    varying: bytes
    before: tuple[bytes, ...]
    values: tuple[bytes, ...]
    end: bytes


class Printed(large.Printed, Protocol):
    """How an output plugin prints the changes of rows."""

    begin: bytes
    """How the message begins, behind its header, that begins a transaction."""

    def head(self, message: bytes) -> tuple[Head, bytes] | None:
        """The head of a message, header included, and what it prints of it.

        None where it is no change of a row.
        """
        ...

    def row(self, message: bytes) -> Row | None:
        """How an insert prints its row; None where COPY cannot take a value as it is printed."""
        ...

    def plain(self, text: bytes) -> bytes:
        """Lines without what the plugin escapes and CSV does not."""
        ...


class _Pattern:
    """Finds the values of rows that are printed alike."""

    def __init__(self, row: Row) -> None:
        self.names = row.names
        self._varies = bool(row.varying)
        self._spelled = XLOG_HEADER + len(row.start + b"".join(row.before) + row.end)
        columns = zip(row.before, row.values, strict=True)
        parts = [
            rb"w.{%d}" % (XLOG_HEADER - 1), re.escape(row.start), row.varying,
            *(re.escape(before) + value for before, value in columns), re.escape(row.end),
        ]  # fmt: skip
        self._find = re.compile(b"".join(parts), re.DOTALL).findall

    def read(self, messages: Sequence[bytes]) -> Block | None:
        """The lines as they are printed, or None where the messages are printed in another way."""
        printed = b"".join(messages)
        rows = self._find(printed)
        count = len(messages)
        if len(rows) != count:
            return None
        spelled = count * self._spelled
        if self._varies:
            spelled += sum([len(row[0]) for row in rows])
            rows = [row[1:] for row in rows]
        single = len(self.names) == 1 and not self._varies
        text = b"\n".join(rows if single else map(b",".join, rows))
        separators = count * len(self.names) - 1
        if spelled + len(text) - separators != len(printed):
            return None
        return Block(self.names, text)


class Blocks:
    """Makes blocks of what one plugin prints."""

    def __init__(self, printed: Printed) -> None:
        self.printed = printed
        self._patterns = Kept[Head, _Pattern]()

    def block(self, head: Head, messages: Sequence[bytes]) -> Block | None:
        """The lines of inserts with this head; None where each has to be decoded."""
        pattern = self._patterns.get(head)
        block = pattern.read(messages) if pattern is not None else None
        if block is None:
            row = self.printed.row(messages[0])
            if row is None or not row.names:
                return None
            block = self._patterns.keep(head, _Pattern(row)).read(messages)
        return block and Block(block.names, self.printed.plain(block.text))
