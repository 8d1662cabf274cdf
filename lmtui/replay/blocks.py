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

Values = list[tuple[bytes, ...]]


class Block(NamedTuple):
    """Rows as COPY takes them in CSV form, one line each; NULL is an unquoted `null`."""

    names: Names
    text: bytes


@dataclass(frozen=True)
class Row:
    """What is printed around the values of a row, behind the XLogData header.

    `start` is the beginning, and `varying` a pattern, with one group, of what follows and is not
    the same for all rows. `before` has the text before each value, and `values` a pattern of each,
    with one group: first those of `names`, then those of the old row's `keys`. `end` is the text
    behind the last.
    """

    names: Names
    keys: Names
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
        """How a change prints its row; None where a value cannot be taken as it is printed."""
        ...

    def array(self, values: Sequence[bytes]) -> bytes:
        """Values of one column, as they are printed, as an array's text."""
        ...

    def plain(self, text: bytes) -> bytes:
        """Lines without what the plugin escapes and CSV does not."""
        ...


class _Pattern:
    """Finds the values of rows that are printed alike."""

    def __init__(self, row: Row) -> None:
        self.names = row.names
        self.keys = row.keys
        self._varies = bool(row.varying)
        self._single = len(row.values) == 1 and not self._varies
        self._spelled = XLOG_HEADER + len(row.start + b"".join(row.before) + row.end)
        columns = zip(row.before, row.values, strict=True)
        parts = [
            rb"w.{%d}" % (XLOG_HEADER - 1), re.escape(row.start), row.varying,
            *(re.escape(before) + value for before, value in columns), re.escape(row.end),
        ]  # fmt: skip
        self._find = re.compile(b"".join(parts), re.DOTALL).findall

    def read(self, messages: Sequence[bytes]) -> Values | None:
        """The values as they are printed, or None where the messages are printed otherwise."""
        printed = b"".join(messages)
        found = self._find(printed)
        count = len(messages)
        if len(found) != count:
            return None
        rows: Values = [(value,) for value in found] if self._single else found
        spelled = count * self._spelled + len(b"".join(map(b"".join, rows)))
        if spelled != len(printed):
            return None
        return [row[1:] for row in rows] if self._varies else rows


class Blocks:
    """Makes blocks of what one plugin prints."""

    def __init__(self, printed: Printed) -> None:
        self.printed = printed
        self._patterns = Kept[Head, _Pattern]()

    def block(self, head: Head, messages: Sequence[bytes]) -> Block | None:
        """The lines of inserts with this head; None where each has to be decoded."""
        found = self.rows(head, messages)
        if found is None:
            return None
        return Block(found[0], self.printed.plain(b"\n".join(map(b",".join, found[2]))))

    def rows(self, head: Head, messages: Sequence[bytes]) -> tuple[Names, Names, Values] | None:
        """Columns and values of changes with this head; None where each has to be decoded.

        The values of the old row, which are of the columns named second, come last.
        """
        pattern = self._patterns.get(head)
        values = pattern.read(messages) if pattern is not None else None
        if pattern is None or values is None:
            row = self.printed.row(messages[0])
            if row is None or not row.values:
                return None
            pattern = self._patterns.keep(head, _Pattern(row))
            values = pattern.read(messages)
        return None if values is None else (pattern.names, pattern.keys, values)
