"""Runs of test_decoding: heads, and how the rows of inserts are printed. See `blocks`."""

import re
from collections.abc import Iterator, Sequence

from lmtui.replay.blocks import Row
from lmtui.replay.change import Delete, Insert, Update
from lmtui.replay.large import Cell, Cells, cut
from lmtui.replay.payload import Kept
from lmtui.replay.protocol import XLOG_HEADER
from lmtui.replay.runs import Head
from lmtui.replay.test_decoding import (
    BITS,
    BOOLEAN,
    COLUMN,
    NAME,
    NUMBER,
    PRINTED_BY_TYPE,
    QUOTED,
    unquoted,
)

_head = re.compile(
    rf".{{{XLOG_HEADER}}}(table ({NAME})\.({NAME}): (INSERT|UPDATE|DELETE):)".encode(), re.DOTALL
).match
_column = re.compile(COLUMN.encode()).match
_TOAST = b"unchanged-toast-datum"
_OLD_KEY, _NEW_TUPLE = b" old-key:", b" new-tuple:"
_KINDS = {b"INSERT": Insert, b"UPDATE": Update, b"DELETE": Delete}
# With their quotes, as CSV has them. CSV takes the quotes of bits off and leaves the B before them,
# which the input functions of bit types know.
_AS_LINE = {
    QUOTED: rb"('[^']*+(?:''[^']*+)*+'|null)",
    NUMBER: rb"(-?(?:[0-9][-+.0-9e]*+|NaN|Infinity)|null)",
    BOOLEAN: rb"(true|false|null)",
    BITS: rb"(B'[01]*+'|null)",
}


class TextRuns:
    """Looks at the messages of test_decoding, which come in UTF-8."""

    quote = "'"
    begin = b"BEGIN "

    def __init__(self) -> None:
        self._heads = Kept[bytes, Head]()

    def head(self, message: bytes) -> tuple[Head, bytes] | None:
        """See `blocks.Printed`."""
        found = _head(message)
        if found is None:
            return None
        text = found[1]
        head = self._heads.get(text)
        if head is None:
            try:
                relation = unquoted(found[2].decode()), unquoted(found[3].decode())
            except UnicodeDecodeError:
                return None
            head = self._heads.keep(text, Head(_KINDS[found[4]], relation))
        return head, text

    def row(self, message: bytes) -> Row | None:
        """See `blocks.Printed`."""
        found = _head(message)
        assert found is not None  # noqa: S101
        names, before, values, position, text = [], [], [], found.end(), b""
        while column := _column(message, position):
            name, kind = column.group(1, 2)
            text, position = text + b" %s[%s]:" % (name, kind), column.end()
            if message.startswith(_TOAST, column.end(2) + len("]:")):
                text += _TOAST
                continue
            try:
                names.append(unquoted(name.decode()))
                printed_as = PRINTED_BY_TYPE.get(kind.decode(), QUOTED)
            except UnicodeDecodeError:
                return None
            before.append(text)
            values.append(_AS_LINE[printed_as])
            text = b""
        if position != len(message):
            return None
        new, old = tuple(names), ()
        if found[4] == b"DELETE":
            new, old = old, new
        return Row(new, old, found[1], b"", tuple(before), tuple(values), text)

    def array(self, values: Sequence[bytes]) -> bytes:
        """See `blocks.Printed`."""
        first = next((value for value in values if value != b"null"), b"")
        if not first.endswith(b"'"):
            return b"{" + b",".join(values) + b"}"
        # Behind the quote, or, of bits, behind the B and the quote.
        begin = first.index(b"'") + 1
        # As in `statements.copy_rows`, a NUL marks what must not be escaped.
        text = b"\0,".join([b"\0n" if one == b"null" else one[begin:-1] for one in values])
        for printed, meant in ((b"''", b"'"), (b"\\", b"\\\\"), (b'"', b'\\"')):
            if printed in text:
                text = text.replace(printed, meant)
        text = b'"' + text.replace(b"\0,", b'","') + b'"'
        return b"{" + text.replace(b'"\0n"', b"NULL") + b"}"

    def plain(self, text: bytes) -> bytes:
        """See `blocks.Printed`."""
        return text

    def cells(self, message: bytes) -> Cells | None:
        """See `large.Printed`."""
        found = _head(message)
        if found is None:
            return None
        position, old = found.end(), list[Cell]()
        try:
            if message.startswith(_OLD_KEY, position):
                old, position = _cells(message, position + len(_OLD_KEY))
                if not message.startswith(_NEW_TUPLE, position):
                    return None
                position += len(_NEW_TUPLE)
            new, position = _cells(message, position)
        except UnicodeDecodeError:
            return None
        return Cells(old, new) if position == len(message) else None

    def pieces(self, message: bytes, begin: int, end: int) -> Iterator[bytes]:
        """See `large.Printed`."""
        for start, stop in cut(begin, end):
            yield message[start:stop]


def _cells(message: bytes, position: int) -> tuple[list[Cell], int]:
    """The columns that are printed at a place, for as long as there are any, and where they end."""
    cells: list[Cell] = []
    while column := _column(message, position):
        begin, position = column.end(2) + len("]:"), column.end()
        if not message.startswith(_TOAST, begin):
            cells.append(Cell(unquoted(column[1].decode()), begin, position))
    return cells, position
