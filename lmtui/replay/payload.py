"""What the decoders share: a payload's text, commit times, column names, and the error."""

import codecs
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from lmtui.errors import UndecodableError, UsageError
from lmtui.replay.change import Names

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EXCERPT = 60
_KEPT = 4096

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def codec(encoding: str) -> str:
    """Python's own name of an encoding. Raises UsageError where Python does not know it."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise UsageError(
            f"The encoding {encoding} is not known",
            hint="Give the database's encoding by Python's name for it, such as utf-8 or cp1252.",
        ) from None


def microseconds(timestamp: str) -> int:
    """Microseconds since 1970 (UTC) of a time that `timestamptz_to_str` printed.

    PostgreSQL prints it in ISO style whatever DateStyle says, and in the session's TimeZone with
    the offset behind it. Raises ValueError where it is anything else.
    """
    moment = datetime.fromisoformat(timestamp)
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {timestamp!r}")
    return (moment - _EPOCH) // _MICROSECOND


def undecodable(plugin: str, text: str, position: int, wanted: str) -> UndecodableError:
    """The error for a text that reads `wanted` nowhere at `position` (characters from 0)."""
    near = text[position : position + _EXCERPT]
    return UndecodableError(
        "A message of the replication stream cannot be read",
        detail=f"{plugin}, character {position + 1} of {len(text)}: {wanted} expected, "
        f"found {near!r}" + ("…" if len(text) > position + _EXCERPT else ""),
        hint="Nothing after this message was applied. Report it with the versions of PostgreSQL"
        " and the plugin.",
    )


def unreadable(plugin: str, payload: bytes, error: UnicodeDecodeError) -> UndecodableError:
    """The error for a payload that is not text in the encoding it should be in."""
    return UndecodableError(
        "A message of the replication stream is not text in the database's encoding",
        detail=f"{plugin}, byte {error.start + 1} of {len(payload)}: {error.reason} "
        f"({error.encoding}), in {bytes(payload[:_EXCERPT])!r}",
        hint="Look for text that was stored under another encoding, such as in SQL_ASCII.",
    )


class Kept(dict[Key, Value]):
    """What was found out of messages before. It forgets all of it when it has grown large."""

    def keep(self, key: Key, value: Value) -> Value:
        """Keep a value that can be found out anew; returns it."""
        if len(self) >= _KEPT:
            self.clear()
        self[key] = value
        return value


class InternedNames(Kept[Names, Names]):
    """One tuple for equal column names, so that the batches can compare by identity.

    Equal tuples are still equal where it has forgotten one.
    """

    def __missing__(self, names: Names) -> Names:
        return self.keep(names, names)
