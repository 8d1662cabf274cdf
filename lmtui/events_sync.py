"""What happens to the copies of single tables, as facts in the past tense."""

from lmtui.event import Event
from lmtui.refused import Problem


class PointTaken(Event, frozen=True, kw_only=True):
    """What is not copied yet is copied as of another place of the stream from now on.

    `kept` tables of `kept_bytes` on the source's disk stay as they were copied before.
    """

    lsn: str
    snapshot: str
    kept: int
    kept_bytes: int
    left: int


class TablesCopied(Event, frozen=True, kw_only=True):
    """The copies of these tables are whole as of `lsn`. Bytes are on the source's disk."""

    lsn: str
    tables: tuple[tuple[str, str], ...]
    bytes: int = 0


class TablesSetAside(Event, frozen=True, kw_only=True):
    """These tables are copied by themselves, at a later point, for a `reason` in words."""

    tables: tuple[tuple[str, str], ...]
    reason: str


class ForeignKeysLeft(Event, frozen=True, kw_only=True):
    """So many foreign keys were made without a check, which replay has to make possible first."""

    count: int


class ForeignKeysChecked(Event, frozen=True, kw_only=True):
    """The foreign keys that were left are checked, and hold."""

    count: int


class ResyncBegun(Event, frozen=True, kw_only=True):
    """These tables are copied anew, while nothing that comes for them is applied."""

    tables: tuple[tuple[str, str], ...]
    reason: str


class ResyncFailed(Event, frozen=True, kw_only=True):
    """These tables could not be copied anew. They are not whole until that is done."""

    tables: tuple[tuple[str, str], ...]
    problem: Problem


class TablesSynchronised(Event, frozen=True, kw_only=True):
    """These tables were copied by themselves as of `lsn`, and are whole. Bytes of COPY's text."""

    lsn: str
    tables: tuple[tuple[str, str], ...]
    rows: int
    bytes: int
    seconds: float
