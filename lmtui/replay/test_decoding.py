"""Decoding the messages of test_decoding.

The rules come from PostgreSQL's `contrib/test_decoding/test_decoding.c` (`tuple_to_stringinfo`,
`print_literal`), `quote_identifier` and `format_type_be`. Everything is read from left to right;
nothing is ever searched for inside a value.

One pattern reads any column. It is the slow way: once the same columns have been seen a few
times, one pattern that spells them out reads the whole tuple at once (a shape).
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from lmtui.replay.change import (
    Begin,
    Change,
    Commit,
    Delete,
    Insert,
    Message,
    Names,
    Relation,
    Truncate,
    Update,
    Values,
)
from lmtui.replay.payload import InternedNames, codec, microseconds, undecodable, unreadable

# Each text has one reading, so every repetition is possessive.
NAME = r'(?:[a-z_][a-z0-9_]*+|"[^"]*+(?:""[^"]*+)*+")'
_TYPE = r'(?:[^]["]++|"[^"]*+(?:""[^"]*+)*+")++(?:\[\])?'
QUOTED = r"'([^']*+(?:''[^']*+)*+)'"
BITS = r"B'([01]*+)'"
NUMBER = r"(-?(?:[0-9][-+.0-9e]*+|NaN|Infinity))"
BOOLEAN = r"(t(?=rue)|f(?=alse))(?:rue|alse)"
_TOAST = "unchanged-toast-datum"

_begin = re.compile(r"BEGIN ([0-9]++)").fullmatch
_commit = re.compile(r"COMMIT ([0-9]++) \(at ([^)]++)\)").fullmatch
_table = re.compile(rf"table ({NAME})\.({NAME}): (INSERT|UPDATE|DELETE):").match
_relation = re.compile(rf"(?:table |, )({NAME})\.({NAME})").match
_flags = re.compile(r": TRUNCATE:(?: \(no-flags\)|( restart_seqs)?( cascade)?)").fullmatch
_message = re.compile(rb"message: transactional: ([01]) prefix: ").match
_content = re.compile(rb", sz: ([0-9]{1,10}) content:").finditer
COLUMN = rf" ({NAME})\[({_TYPE})\]:(?:{QUOTED}|{NUMBER}|{BOOLEAN}|{BITS}|null|{_TOAST})"
_column = re.compile(COLUMN).match

_PRINTED_AS = {3: QUOTED, 4: NUMBER, 5: BOOLEAN, 6: BITS}
PRINTED_BY_TYPE = {
    "boolean": BOOLEAN,
    "bit": BITS,
    "bit varying": BITS,
    "smallint": NUMBER,
    "integer": NUMBER,
    "bigint": NUMBER,
    "oid": NUMBER,
    "real": NUMBER,
    "double precision": NUMBER,
    "numeric": NUMBER,
}

_NO_DATA = " (no-tuple-data)"
_OLD_KEY = " old-key:"
_NEW_TUPLE = " new-tuple:"

# Making a pattern costs about as much as reading fifty tuples without it.
_SIGHTINGS_BEFORE_A_SHAPE = 16
_SHAPES_KEPT = 4096
_SHAPES_TRIED = 4

_Look = tuple[str, str, str]
_Signature = tuple[tuple[_Look, ...] | None, tuple[_Look, ...]]


class _Shape(NamedTuple):
    """A pattern for a whole tuple; its groups are the key's values, then the row's."""

    match: Callable[[str, int], re.Match[str] | None]
    key_names: Names
    names: Names


class _Columns(NamedTuple):
    """Columns that were read one by one, and where they end."""

    names: Names
    values: Values
    looks: tuple[_Look, ...]
    end: int


class _Stream:
    """The changes of one kind to one relation. `head` is what their messages begin with."""

    __slots__ = ("end", "head", "operation", "relation", "shapes")

    def __init__(self, head: str, relation: Relation, operation: str) -> None:
        self.head = head
        self.end = len(head)
        self.relation = relation
        self.operation = operation
        self.shapes: list[_Shape] = []


# No message begins with a NUL.
_NO_STREAM = _Stream("\0", ("", ""), "")


class TextDecoder:
    """Decodes test_decoding.

    An old key leaves NULLs out. Under REPLICA IDENTITY FULL, a column of the table that is not in
    `key_names` was therefore NULL.
    """

    plugin: str = "test_decoding"
    options: Mapping[str, str] = {
        "include-xids": "1",
        "include-timestamp": "1",
        "skip-empty-xacts": "0",
    }

    def __init__(self, encoding: str = "utf-8") -> None:
        self._encoding = codec(encoding)
        self._names = InternedNames()
        self._streams: dict[str, _Stream] = {}
        self._stream = _NO_STREAM
        self._shapes: dict[_Signature, int | _Shape] = {}

    def decode(self, payload: bytes) -> Change:
        """Decode one message. Raises UndecodableError where it cannot be read."""
        try:
            text = payload.decode(self._encoding)
        except UnicodeDecodeError as error:
            if payload.startswith(b"message:"):
                return self._read_message(payload)
            raise unreadable(self.plugin, payload, error) from None
        stream = self._stream
        if not text.startswith(stream.head):
            head = _table(text)
            if head is None:
                return self._read_other(text, payload)
            stream = self._stream = self._streams.get(head[0]) or self._new_stream(head)
        for shape in stream.shapes:
            if found := shape.match(text, stream.end):
                values = found.groups()
                if "''" in text:
                    values = _undoubled(values)
                return _change(stream, shape.key_names, shape.names, values)
        return self._read_columns(stream, text)

    def _new_stream(self, head: re.Match[str]) -> _Stream:
        stream = _Stream(head[0], (unquoted(head[1]), unquoted(head[2])), head[3])
        self._streams[head[0]] = stream
        return stream

    def _read_columns(self, stream: _Stream, text: str) -> Change:
        position = stream.end
        key: _Columns | None = None
        if stream.operation == "DELETE" and text[position:] == _NO_DATA:
            return Delete(stream.relation, (), ())
        if stream.operation == "UPDATE" and text.startswith(_OLD_KEY, position):
            key = self._columns(text, position + len(_OLD_KEY), whole=True)
            if not text.startswith(_NEW_TUPLE, key.end):
                raise undecodable(self.plugin, text, key.end, "a column or the new tuple")
            position = key.end + len(_NEW_TUPLE)
        row = self._columns(text, position, whole=stream.operation != "UPDATE")
        if row.end != len(text):
            raise undecodable(self.plugin, text, row.end, "a column")
        self._learn(stream, key, row)
        if key is None:
            return _change(stream, (), row.names, row.values)
        return _change(stream, key.names, row.names, key.values + row.values)

    def _columns(self, text: str, position: int, *, whole: bool) -> _Columns:
        """Read columns for as long as there are any. A `whole` tuple has all its values."""
        names: list[str] = []
        values: list[str | None] = []
        looks: list[_Look] = []
        while found := _column(text, position):
            name, kind = found.group(1, 2)
            group = found.lastindex
            if group in _PRINTED_AS:
                value = found[group]
                values.append(value.replace("''", "'"))
                look = _PRINTED_AS[group]
            elif not text.startswith(_TOAST, found.end(2) + len("]:")):
                values.append(None)
                look = PRINTED_BY_TYPE.get(kind, QUOTED)
            elif whole:
                raise undecodable(self.plugin, text, position, "a column with its value")
            else:
                look = _TOAST
            if look is not _TOAST:
                names.append(unquoted(name))
            looks.append((name, kind, look))
            position = found.end()
        return _Columns(self._names[tuple(names)], tuple(values), tuple(looks), position)

    def _learn(self, stream: _Stream, key: _Columns | None, row: _Columns) -> None:
        """Count the tuples that are printed alike, and make a shape for what comes often."""
        signature = (key.looks if key else None, row.looks)
        known = self._shapes.get(signature, 0)
        if isinstance(known, int):
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            if known < _SIGHTINGS_BEFORE_A_SHAPE:
                self._shapes[signature] = known + 1
                return
            pattern = "".join(map(_pattern, row.looks))
            if key:
                pattern = _OLD_KEY + "".join(map(_pattern, key.looks)) + _NEW_TUPLE + pattern
            known = _Shape(re.compile(pattern).fullmatch, key.names if key else (), row.names)
            self._shapes[signature] = known
        stream.shapes.insert(0, known)
        del stream.shapes[_SHAPES_TRIED:]

    def _read_other(self, text: str, payload: bytes) -> Change:
        if found := _begin(text):
            return Begin(int(found[1]))
        if found := _commit(text):
            try:
                return Commit(int(found[1]), microseconds(found[2]))
            except ValueError:
                raise undecodable(self.plugin, text, found.start(2), "a commit time") from None
        if text.startswith("table "):
            return self._read_truncate(text)
        return self._read_message(payload)

    def _read_truncate(self, text: str) -> Truncate:
        relations: list[Relation] = []
        position = 0
        while found := _relation(text, position):
            relations.append((unquoted(found[1]), unquoted(found[2])))
            position = found.end()
        flags = _flags(text, position)
        if not relations or not flags:
            raise undecodable(self.plugin, text, position, "a table's change")
        return Truncate(tuple(relations), flags[1] is not None, flags[2] is not None)

    def _read_message(self, payload: bytes) -> Message:
        """Read a logical message: bytes that are no text become replacement characters.

        The prefix ends at the first size that is the size of what follows it.
        """
        if head := _message(payload):
            for size in _content(payload, head.end()):
                if int(size[1]) == len(payload) - size.end():
                    prefix = payload[head.end() : size.start()]
                    return Message(
                        head[1] == b"1",
                        prefix.decode(self._encoding, "replace"),
                        payload[size.end() :].decode(self._encoding, "replace"),
                    )
        text = payload.decode(self._encoding, "replace")
        raise undecodable(self.plugin, text, 0, "a change, a message or a transaction's end")


def _change(stream: _Stream, key_names: Names, names: Names, values: Values) -> Change:
    """The change of a stream; `values` are the key's, then the row's."""
    operation = stream.operation
    if operation == "INSERT":
        return Insert(stream.relation, names, values)
    if operation == "DELETE":
        return Delete(stream.relation, names, values)
    keys = len(key_names)
    return Update(stream.relation, names, values[keys:], key_names, values[:keys])


def unquoted(quoted: str) -> str:
    """The name that `quote_identifier` printed."""
    return quoted[1:-1].replace('""', '"') if quoted[0] == '"' else quoted


def _undoubled(values: Values) -> Values:
    return tuple([value and value.replace("''", "'") for value in values])


def _pattern(look: _Look) -> str:
    """The pattern of one column; its value, if it has one, is its one group."""
    name, kind, printed = look
    value = printed if printed is _TOAST else f"(?:{printed}|null)"
    return re.escape(f" {name}[{kind}]:") + value
