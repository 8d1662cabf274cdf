"""What stands against the tables that are planned to become hypertables, on the source itself."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import psycopg

from lmtui.database import Connection, run
from lmtui.hypertables.candidates import read_keys, read_traits, with_statistics
from lmtui.hypertables.interval import DAY_SECONDS, LARGEST
from lmtui.hypertables.obstacles import INTEGERS, Column, Doubt, Table, doubts, of_column, of_table
from lmtui.hypertables.wanted import Wanted
from lmtui.validation.relations import quoted

TIMES = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
# A chunk of so many seconds (10,000 years) ends within what a timestamp can hold.
_LONGEST_SECONDS = 10_000 * 365 * DAY_SECONDS


class Verdict(NamedTuple):
    """One planned table: what stands against it, and what may. Both empty where all is well."""

    wanted: Wanted
    problems: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


class _Found(NamedTuple):
    oid: int | None
    way: str
    column: Column | None


def judge(
    session: Connection,
    planned: Sequence[Wanted],
    version: tuple[int, ...] = (),
    skipped: Collection[str] = (),
) -> list[Verdict]:
    """Look at the planned tables on the source; `version` is the target's TimescaleDB.

    `skipped` are the tables, as schema.name, whose rows are not copied.
    """
    found = _read(session, planned)
    oids = [one.oid for one in found if one.oid is not None]
    keys, traits = read_keys(session, oids), read_traits(session, oids)
    times = Counter((one.schema, one.name) for one in planned)
    verdicts = []
    for wanted, one in zip(planned, found, strict=True):
        name = quoted(wanted.schema, wanted.name)
        problems = ["It is planned more than once."] * (times[wanted.schema, wanted.name] > 1)
        if f"{wanted.schema}.{wanted.name}" in skipped:
            problems.append("Its rows are left out (--skip-table-data).")
        if one.oid is None or one.way:
            problems.append(f"{name} {one.way or 'does not exist on the source'}.")
            verdicts.append(Verdict(wanted, tuple(problems)))
            continue
        table = Table(wanted.schema, wanted.name, tuple(keys[one.oid]), tuple(traits[one.oid]))
        if one.column is None:
            problems.append(f"It has no column {wanted.column}.")
            verdicts.append(Verdict(wanted, tuple(problems)))
            continue
        if one.column.type not in TIMES | INTEGERS:
            problems.append(
                f"The column {wanted.column} is {one.column.type}; a hypertable is divided by a"
                " date, a timestamp, or a whole number."
            )
        elif wrong := wrong_interval(session, one.column.type, wanted.interval):
            problems.append(wrong)
        problems += [*of_column(table, one.column), *of_table(table, version)]
        verdicts.append(Verdict(wanted, tuple(problems), doubts(table, one.column)))
    return verdicts


def wrong_interval(session: Connection, type_: str, interval: str) -> str:
    """What is wrong with the interval for a column of this type; empty where nothing is."""
    number = interval.removeprefix("-").isdecimal() and interval.isascii()
    if type_ in INTEGERS:
        if not number:
            return f"The interval {interval} is no whole number, as a column of {type_} needs it."
        if not 1 <= int(interval) <= LARGEST[type_]:
            return f"The interval {interval} is not between 1 and {LARGEST[type_]} ({type_})."
        return ""
    if number:
        return f"The interval {interval} is a number; a column of {type_} needs one as 7 days."
    try:
        ((seconds,),) = run(session, "hypertable_interval", {"interval": interval})
    except psycopg.DataError as error:
        return f"The interval {interval} cannot be read: {error.diag.message_primary}."
    if seconds is None or not 0 < seconds <= _LONGEST_SECONDS:
        return f"The interval {interval} is not a length of time that a chunk can have."
    if type_ == "date" and seconds % DAY_SECONDS:
        return f"The interval {interval} is not of whole days, as a column of dates needs it."
    return ""


def _read(session: Connection, planned: Sequence[Wanted]) -> list[_Found]:
    parameters = {
        "schemas": [one.schema for one in planned],
        "names": [one.name for one in planned],
        "columns": [one.column for one in planned],
    }
    rows = [
        _Found(oid, way, Column(*column) if column[0] is not None else None)
        for _, oid, way, *column in run(session, "hypertable_planned", parameters)
    ]
    known = with_statistics(
        session, {one.oid: [one.column] for one in rows if one.oid and one.column}
    )
    return [
        one._replace(column=known[one.oid][0]) if one.oid and one.column else one for one in rows
    ]
