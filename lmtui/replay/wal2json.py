"""Decoding the messages of wal2json, format version 2 (version 2.6 or later).

The rules come from wal2json's `pg_decode_write_value` and `pg_decode_write_tuple`.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from lmtui.replay.change import (
    Begin,
    Change,
    Commit,
    Delete,
    Insert,
    Message,
    Names,
    Truncate,
    Update,
    Values,
)
from lmtui.replay.payload import InternedNames, codec, microseconds, undecodable, unreadable

_BYTEA = 17
_MESSAGE = '{"action":"M"'


class _Column(msgspec.Struct, gc=False):
    name: str
    typeoid: int
    value: str | bool | None


class _Begin(msgspec.Struct, tag_field="action", tag="B", gc=False):
    xid: int


class _Commit(msgspec.Struct, tag_field="action", tag="C", gc=False):
    xid: int
    timestamp: str


class _Insert(msgspec.Struct, tag_field="action", tag="I", gc=False):
    schema: str
    table: str
    columns: list[_Column]


class _Update(msgspec.Struct, tag_field="action", tag="U", gc=False):
    schema: str
    table: str
    columns: list[_Column]
    identity: list[_Column] = []


class _Delete(msgspec.Struct, tag_field="action", tag="D", gc=False):
    schema: str
    table: str
    identity: list[_Column] = []


class _Truncate(msgspec.Struct, tag_field="action", tag="T", gc=False):
    schema: str
    table: str


class _Message(msgspec.Struct, tag_field="action", tag="M", gc=False):
    transactional: bool
    prefix: str
    content: str


_Printed = _Begin | _Commit | _Insert | _Update | _Delete | _Truncate | _Message
_strict: msgspec.json.Decoder[_Printed] = msgspec.json.Decoder(_Printed)


class JsonDecoder:
    """Decodes wal2json.

    Types come as OIDs, not as names: wal2json prints the name of a type in a schema that has to
    be quoted without escaping it, which is no JSON. `bytea` is the one type that has to be
    known, and a domain over it is printed like text, with its `\\x`.

    The session has to keep `bytea_output` at `hex`: wal2json cuts two bytes off whatever it is.
    A truncate's flags are not in the stream: both are False here.
    """

    plugin: str = "wal2json"
    options: Mapping[str, str] = {
        "format-version": "2",
        "include-transaction": "1",
        "include-xids": "1",
        "include-timestamp": "1",
        "include-types": "0",
        "include-type-oids": "1",
        "numeric-data-types-as-string": "1",
    }

    def __init__(self, encoding: str = "utf-8") -> None:
        self._encoding = codec(encoding)
        self._names = InternedNames()

    def decode(self, payload: bytes) -> Change:
        """Decode one message. Raises UndecodableError where it cannot be read."""
        printed = self._printed(payload)
        if isinstance(printed, _Insert):
            names, values = self._columns(printed.columns)
            return Insert((printed.schema, printed.table), names, values)
        if isinstance(printed, _Update):
            names, values = self._columns(printed.columns)
            key_names, key_values = self._columns(printed.identity)
            relation = (printed.schema, printed.table)
            return Update(relation, names, values, key_names, key_values)
        if isinstance(printed, _Delete):
            key_names, key_values = self._columns(printed.identity)
            return Delete((printed.schema, printed.table), key_names, key_values)
        if isinstance(printed, _Begin):
            return Begin(printed.xid)
        if isinstance(printed, _Commit):
            try:
                return Commit(printed.xid, microseconds(printed.timestamp))
            except ValueError:
                raise undecodable(self.plugin, printed.timestamp, 0, "a commit time") from None
        if isinstance(printed, _Truncate):
            return Truncate(((printed.schema, printed.table),), False, False)
        return Message(printed.transactional, printed.prefix, printed.content)

    def _printed(self, payload: bytes) -> _Printed:
        try:
            if self._encoding == "utf-8":
                return _strict.decode(payload)
            return _strict.decode(payload.decode(self._encoding))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._printed_otherwise(payload)

    def _printed_otherwise(self, payload: bytes) -> _Printed:
        """Read what is unusual: numbers, of which every digit is kept, and binary messages."""
        try:
            text = payload.decode(self._encoding)
        except UnicodeDecodeError as error:
            text = payload.decode(self._encoding, "replace")
            if not text.startswith(_MESSAGE):
                raise unreadable(self.plugin, payload, error) from None
        try:
            printed: dict[str, Any] = json.loads(text, parse_int=str, parse_float=str)
            if isinstance(printed.get("xid"), str):
                printed["xid"] = int(printed["xid"])
            for column in [*printed.get("columns", ()), *printed.get("identity", ())]:
                column["typeoid"] = int(column["typeoid"])
            converted: _Printed = msgspec.convert(printed, _Printed)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise undecodable(self.plugin, text, 0, f"a change ({error})") from None
        return converted

    def _columns(self, columns: list[_Column]) -> tuple[Names, Values]:
        names = self._names[tuple([column.name for column in columns])]
        return names, tuple(
            [
                value
                if isinstance(value := column.value, str) and column.typeoid != _BYTEA
                else _text(column)
                for column in columns
            ]
        )


def _text(column: _Column) -> str | None:
    """A boolean or bytea value as PostgreSQL itself prints it."""
    value = column.value
    if isinstance(value, str):
        return f"\\x{value}"
    if value is None:
        return None
    return "t" if value else "f"
