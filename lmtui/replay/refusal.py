"""What the target's refusals mean, and how a change that cannot be applied is told."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from lmtui.database import server_error
from lmtui.errors import ReplayStoppedError
from lmtui.refused import Refused
from lmtui.replay.change import Delete, DropChunks, Insert, Located, Names, Truncate, Update
from lmtui.replay.lsn import format_lsn

# Connection, resources, operator, system, serialization and lock trouble, and a server that is a
# standby for now: the change is not at fault (PostgreSQL, appendix "PostgreSQL Error Codes").
_TRANSIENT = ("08", "53", "57", "58", "40", "55006", "55P03", "25006")
_INTERNAL = "XX000"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHOWN_CHARACTERS = 60
_SHOWN_COLUMNS = 40
_SHOWN_STATEMENT = 800


class CommitRefusedError(ReplayStoppedError):
    """The target refused the commit of changes that it had taken one by one.

    Deferred constraints and triggers are asked only then. `last` is the end LSN of the last of
    `transactions` of the source, `after` of the last one that is committed.
    """

    def __init__(self, error: psycopg.Error, *, after: int, last: int, transactions: int) -> None:
        diag = error.diag
        named = (diag.schema_name, diag.table_name, diag.constraint_name)
        deferred = ".".join(name for name in named if name)
        super().__init__(
            f"Replay stopped at the commit of what ended at {format_lsn(last)}"
            if transactions == 1
            else f"Replay stopped at the commit of {transactions} transactions",
            "\n".join(
                [
                    server_error("", error).detail,
                    *([f"Deferred: {deferred}"] if deferred else []),
                    f"Transactions of the source that ended after {format_lsn(after)}, up to"
                    f" {format_lsn(last)}",
                ]
            ),
            "Nothing of it was applied. Mend the target, then lmtui retry; which of its changes"
            " is at fault is not known, so that none can be skipped.",
        )


def is_transient(error: psycopg.Error) -> bool:
    """Whether the same change may well be applied a moment later."""
    if error.sqlstate is None:
        return True
    if error.sqlstate == _INTERNAL:
        # "tuple concurrently updated" has no code of its own.
        return "concurrently" in (error.diag.message_primary or "")
    return error.sqlstate.startswith(_TRANSIENT)


@contextmanager
def commit_named(after: int, last: int, transactions: int) -> Iterator[None]:
    """Raise CommitRefusedError for a commit that no retry mends; arguments as there."""
    try:
        yield
    except psycopg.Error as error:
        if is_transient(error):
            raise
        raise CommitRefusedError(
            error, after=after, last=last, transactions=transactions
        ) from error


def refused_again(error: Exception, failures: int, place: int) -> str:
    """What is being retried after so many failures, in words.

    Raises LmtuiError for what no retry mends: `place` is where the target stands.
    """
    if not isinstance(error, psycopg.Error):
        return str(error)
    said = server_error("The target refused", error).detail
    if not is_transient(error):
        raise ReplayStoppedError(
            f"Replay stopped after {format_lsn(place)}: the target refused",
            detail=said,
            hint="Nothing was passed over. Mend the target, then lmtui retry.",
        ) from error
    return f"The target refused, tried again ({failures + 1}): {said}"


def refused(
    name: str, located: Located, error: psycopg.Error, statement: str, identity: Names
) -> Refused:
    """The target refused the change of this name, with the server's own words."""
    words = server_error("", error).detail.removeprefix(f"{error.sqlstate}: ")
    return not_applied(name, located, words, statement, error.sqlstate or "", identity)


def not_applied(
    name: str, located: Located, words: str, statement: str = "", sqlstate: str = "",
    identity: Names = (),
) -> Refused:  # fmt: skip
    """The change of this name cannot be applied: its kind, table and key, and why.

    `identity` are the columns that say which row it means, where they are known.
    """
    change = located.change
    relations = change.relations if isinstance(change, Truncate) else (change.relation,)
    return Refused(
        change=name,
        kind=type(change).__name__.upper(),
        relation=", ".join(".".join(relation) for relation in relations),
        key=_row(one for one in _key(change) if not identity or one[0] in identity),
        values=_row(_values(change, identity)),
        statement=_short(statement, _SHOWN_STATEMENT),
        sqlstate=sqlstate,
        words=words,
    )


def stopped(why: Refused) -> ReplayStoppedError:
    """The error that stops the replay at this change, with the ways on."""
    return ReplayStoppedError(
        f"Replay stopped at {why.change}: {why.kind} {why.relation}",
        detail="\n".join(
            label + text
            for label, text in (
                (f"{why.sqlstate}: " if why.sqlstate else "", why.words),
                ("Row: ", why.key),
                ("New values: ", why.values),
                ("Statement: ", why.statement),
            )
            if text
        ),
        hint="Nothing after it was applied. Mend the cause, then lmtui retry; or pass over this"
        f" one change for good: lmtui skip {why.change}",
        refused=why,
    )


def _key(change: object) -> Iterable[tuple[str, str | None]]:
    match change:
        case DropChunks(ranges=ranges):
            return [(one.column, f"{one.start} to {one.end}") for one in ranges]
        case Insert() | Update(key_names=()):
            return zip(change.names, change.values, strict=True)
        case Update() | Delete():
            return zip(change.key_names, change.key_values, strict=True)
        case _:
            return ()


def _values(change: object, identity: Names) -> Iterable[tuple[str, str | None]]:
    """What is written, where the key does not show all of it already."""
    if isinstance(change, Update) and (change.key_names or identity):
        return zip(change.names, change.values, strict=True)
    if isinstance(change, Insert) and identity:
        return zip(change.names, change.values, strict=True)
    return ()


def _row(columns: Iterable[tuple[str, str | None]]) -> str:
    said = [
        f"{name} = {'NULL' if value is None else _short(value, _SHOWN_CHARACTERS)}"
        for name, value in columns
    ]
    more = len(said) - _SHOWN_COLUMNS
    return ", ".join(said[:_SHOWN_COLUMNS] + ([f"and {more} more"] if more > 0 else []))


def _short(text: str, characters: int) -> str:
    """Cut, and on one line: a terminal's control characters are written as escapes."""
    text = text if len(text) <= characters else text[:characters] + "…"
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
