"""Runs of wal2json: heads, and how the rows of inserts are printed. See `blocks`."""

import json
import re

from lmtui.replay.blocks import Row
from lmtui.replay.change import Delete, Insert, Update
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
        names, before, values, position, end = [], [], [], found.end(), b""
        while column := _column(message, position):
            text, name, type_ = column.group(1, 2, 3)
            if type_ == _BYTEA:
                return None
            try:
                names.append(json.loads(name))
            except ValueError:
                return None
            before.append(end + text)
            values.append(_VALUE)
            position, end = column.end(), b"}"
        if not names or message[position:] != b"]}":
            return None
        before[0] = found[4] + before[0]
        start = b'{"action":"%s"' % found[2]
        return Row(tuple(names), start, _VARYING, tuple(before), tuple(values), b"}]}")

    def plain(self, text: bytes) -> bytes:
        """See `blocks.Printed`."""
        if b"\\" not in text:
            return text
        # No NUL is in a text: it stands for a backslash until all that one may begin is read.
        text = text.replace(b"\\\\", b"\0")
        for escaped, plain in _ESCAPED.items():
            text = text.replace(escaped, plain)
        if b"\\u" in text:
            text = _control.sub(lambda found: bytes([int(found[1], 16)]), text)
        return text.replace(b"\0", b"\\")
