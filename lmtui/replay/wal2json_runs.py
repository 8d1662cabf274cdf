"""Runs of wal2json: heads, and how the rows of inserts are printed. See `blocks`."""

import json
import re
from collections.abc import Iterator, Sequence

from lmtui.replay.blocks import Row
from lmtui.replay.change import Delete, Insert, Update
from lmtui.replay.large import Cell, Cells, cut
from lmtui.replay.payload import Kept
from lmtui.replay.protocol import XLOG_HEADER
from lmtui.replay.runs import Head

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
# The same for all changes of a transaction.
_VARYING = rb'((?:,"xid":[0-9]++)?(?:,"timestamp":"[^"]*+")?)'
_head = re.compile(
    rb'.{%d}(\{"action":"([IUD])"%s(,"schema":(%s),"table":(%s),"[a-z]++":\[))'
    % (XLOG_HEADER, _VARYING, _STRING, _STRING),
    re.DOTALL,
).match
_VALUE = rb"(%s|[-+.0-9A-Za-z]++)" % _STRING
_column = re.compile(
    rb'(,?\{"name":(%s),"typeoid":([0-9]++),"value":)%s\}' % (_STRING, _VALUE), re.DOTALL
).match
_KINDS = {b"I": Insert, b"U": Update, b"D": Delete}
_IDENTITY = b'],"identity":['
# The longest that stands for one character, as \u001f.
_ESCAPE = 6
# Printed without its `\x`.
_BYTEA = b"17"

_control = re.compile(rb"\\u00([0-9a-f]{2})")
# What escape_json prints, but for the backslash itself; a quote is doubled in CSV.
_ESCAPED = {
    b'\\"': b'""', b"\\b": b"\b", b"\\f": b"\f", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t",
}  # fmt: skip


class JsonRuns:
    """Looks at the messages of wal2json, which come in UTF-8."""

    quote = '"'
    begin = b'{"action":"B"'

    def __init__(self) -> None:
        self._heads = Kept[tuple[bytes, bytes], Head]()

    def head(self, message: bytes) -> tuple[Head, bytes] | None:
        """See `blocks.Printed`."""
        found = _head(message)
        if found is None:
            return None
        kind, printed = found.group(2, 4)
        head = self._heads.get((kind, printed))
        if head is None:
            try:
                relation = json.loads(found[5]), json.loads(found[6])
            except ValueError:
                return None
            head = self._heads.keep((kind, printed), Head(_KINDS[kind], relation))
        return head, found[1]

    def row(self, message: bytes) -> Row | None:
        """See `blocks.Printed`."""
        found = _head(message)
        assert found is not None  # noqa: S101
        named: tuple[list[str], list[str]] = ([], [])
        into, before, position, text = named[found[2] == b"D"], [], found.end(), found[4]
        while True:
            while column := _column(message, position):
                printed, name, type_ = column.group(1, 2, 3)
                if type_ == _BYTEA:
                    return None
                try:
                    into.append(json.loads(name))
                except ValueError:
                    return None
                before.append(text + printed)
                position, text = column.end(), b"}"
            if into is named[1] or not message.startswith(_IDENTITY, position):
                break
            into, text, position = named[1], text + _IDENTITY, position + len(_IDENTITY)
        if not before or message[position:] != b"]}":
            return None
        names, keys = map(tuple, named)
        start, values = b'{"action":"%s"' % found[2], (_VALUE,) * len(before)
        return Row(names, keys, start, _VARYING, tuple(before), values, text + b"]}")

    def array(self, values: Sequence[bytes]) -> bytes:
        """See `blocks.Printed`."""
        text = b",".join(values)
        if b"\\" in text:
            # An array's text has these two escapes of JSON, and no others.
            text = text.replace(b"\\\\", b"\0")
            for escaped, plain in _ESCAPED.items():
                if escaped != b'\\"':
                    text = text.replace(escaped, plain)
            if b"\\u" in text:
                text = _control.sub(_character, text)
            text = text.replace(b"\0", b"\\\\")
        return b"{" + text + b"}"

    def plain(self, text: bytes) -> bytes:
        """See `blocks.Printed`."""
        if b"\\" not in text:
            return text
        # No NUL is in a text: it stands for a backslash until all that one may begin is read.
        text = text.replace(b"\\\\", b"\0")
        for escaped, plain in _ESCAPED.items():
            text = text.replace(escaped, plain)
        if b"\\u" in text:
            text = _control.sub(_character, text)
        return text.replace(b"\0", b"\\")

    def cells(self, message: bytes) -> Cells | None:
        """See `large.Printed`."""
        found = _head(message)
        if found is None or found[2] == b"D":
            return None
        try:
            new, position = _cells(message, found.end())
            old = list[Cell]()
            if message.startswith(_IDENTITY, position):
                old, position = _cells(message, position + len(_IDENTITY))
        except ValueError:
            return None
        return Cells(old, new) if message[position:] == b"]}" else None

    def pieces(self, message: bytes, begin: int, end: int) -> Iterator[bytes]:
        """See `large.Printed`."""
        while begin < end:
            _, stop = next(cut(begin, end))
            if stop < end:
                stop -= _torn(message[begin:stop])
            yield self.plain(message[begin:stop])
            begin = stop


def _character(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _torn(piece: bytes) -> int:
    """How many bytes at the end may begin an escape that is not whole; `piece` begins with none."""
    at = piece.rfind(b"\\", len(piece) - _ESCAPE + 1)
    if at < 0:
        return 0
    before = piece[: at + 1]
    # A backslash that is the second of two begins nothing.
    begins = (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
    return len(piece) - at if begins else 0


def _cells(message: bytes, position: int) -> tuple[list[Cell], int]:
    """The columns that are printed at a place, for as long as there are any, and where they end."""
    cells: list[Cell] = []
    while column := _column(message, position):
        name, type_ = column.group(2, 3)
        begin, end = column.span(4)
        before = b""
        if type_ == _BYTEA and message.startswith(b'"', begin):
            before, begin = b'"\\x', begin + 1
        cells.append(Cell(json.loads(name), begin, end, before))
        position = column.end()
    return cells, position
