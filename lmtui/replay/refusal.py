"""What the target's refusals mean, and how a change that cannot be applied is named."""

from collections.abc import Iterable

import psycopg

from lmtui.database import server_error
from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import Delete, DropChunks, Insert, Located, Truncate, Update
from lmtui.replay.lsn import format_lsn

# Connection, resources, operator, system, serialization and lock trouble, and a server that is a
# standby for now: the change is not at fault (PostgreSQL, appendix "PostgreSQL Error Codes").
_TRANSIENT = ("08", "53", "57", "58", "40", "55006", "55P03", "25006")
_INTERNAL = "XX000"
_SHOWN_CHARACTERS = 60


def is_transient(error: psycopg.Error) -> bool:
    """Whether the same change may well be applied a moment later."""
    if error.sqlstate is None:
        return True
    if error.sqlstate == _INTERNAL:
        # "tuple concurrently updated" has no code of its own.
        return "concurrently" in (error.diag.message_primary or "")
    return error.sqlstate.startswith(_TRANSIENT)


def why_again(error: Exception, lsn: int, attempt: int) -> str:
    """Why the target is tried again, in words. Raises ReplayStoppedError where that is vain.

    `lsn` is the end of the last transaction that was taken.
    """
    if not isinstance(error, psycopg.Error):
        return str(error)
    said = server_error("The target refused", error)
    if not is_transient(error):
        raise ReplayStoppedError(
            f"Replay stopped before {format_lsn(lsn)}: the target refused",
            detail=said.detail,
            hint="Nothing was passed over. Mend the target, then resume.",
        ) from error
    return f"The target refused, tried again ({attempt}): {said.detail}"


def refused(located: Located, error: psycopg.Error) -> ReplayStoppedError:
    """The target refused the change, with the server's own words."""
    return stopped(located, server_error("", error).detail)


def stopped(located: Located, why: str) -> ReplayStoppedError:
    """The change cannot be applied: its place, kind, table and key, and why."""
    change = located.change
    if isinstance(change, Truncate):
        where = ", ".join(".".join(name) for name in change.relations)
    else:
        where = ".".join(change.relation)
    key = ", ".join(f"{name} = {_short(value)}" for name, value in _row(change))
    return ReplayStoppedError(
        f"Replay stopped at {format_lsn(located.lsn)}: {type(change).__name__.upper()} {where}",
        detail=f"{why}\nRow: {key}" if key else why,
        hint="Nothing after it was applied. Mend the target, then resume.",
    )


def _row(
    change: Insert | Update | Delete | Truncate | DropChunks,
) -> Iterable[tuple[str, str | None]]:
    if isinstance(change, Truncate):
        return ()
    if isinstance(change, DropChunks):
        return [(one.column, f"{one.start} to {one.end}") for one in change.ranges]
    if isinstance(change, Insert) or (isinstance(change, Update) and not change.key_names):
        return zip(change.names, change.values, strict=True)
    return zip(change.key_names, change.key_values, strict=True)


def _short(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
