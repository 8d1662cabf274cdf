"""The base of all events: what happened in a migration, as a fact in the past tense."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=True):
    """The base of all events."""
