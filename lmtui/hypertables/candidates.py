"""Which tables of a plain PostgreSQL source could become hypertables."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.hypertables.interval import suggested
from lmtui.hypertables.obstacles import (
    INTEGERS,
    Column,
    Key,
    Table,
    Trait,
    doubts,
    of_column,
    of_table,
)
from lmtui.hypertables.wanted import Candidate, Wanted

# The statistics of so many tables are read, the largest first: those of the others cost more time
# than a suggestion for a small table is worth.
STATISTICS_TABLES = 200
_TIMES = re.compile(r"(^|_)(time|ts|timestamp|at|date|day|epoch|millis|micros)(_|$)", re.IGNORECASE)


def read_candidates(source: Endpoint, target_version: str = "") -> tuple[Candidate, ...]:
    """The source's tables that could become hypertables, the largest first.

    `target_version` is the target's TimescaleDB. None where the source has TimescaleDB itself.
    Raises ConnectionFailedError or ServerError.
    """
    with (
        closing(connect(source, read_only=True)) as session,
        said_plainly("The source's tables could not be looked at"),
    ):
        return candidates(session, target_version)


def candidates(
    session: Connection, target_version: str = "", at_least: int = 0
) -> tuple[Candidate, ...]:
    """The same, over a session on the source; of so many bytes at least."""
    if "timescaledb" in dict(run(session, "check_extensions")):
        return ()
    version = tuple(int(part) for part in re.findall(r"\d+", target_version)[:3])
    return tuple(_candidate(one, version) for one in _read(session, at_least))


class _Sized(NamedTuple):
    table: Table
    bytes: int
    rows: int
    columns: tuple[Column, ...]


def _read(session: Connection, at_least: int) -> list[_Sized]:
    found: dict[int, _Sized] = {}
    columns: dict[int, list[Column]] = defaultdict(list)
    rows = run(session, "hypertable_candidates", {"at_least": at_least})
    for oid, schema, name, size, count, *column in rows:
        if oid not in found:
            found[oid] = _Sized(Table(schema, name), size, count, ())
        columns[oid].append(Column(*column))
    keys, traits = read_keys(session, found), read_traits(session, found)
    wanted = {oid: columns[oid] for oid in list(found)[:STATISTICS_TABLES]}
    columns.update(with_statistics(session, wanted))
    return [
        one._replace(
            table=replace(one.table, keys=tuple(keys[oid]), traits=tuple(traits[oid])),
            columns=tuple(columns[oid]),
        )
        for oid, one in found.items()
    ]


def read_keys(session: Connection, oids: Iterable[int]) -> defaultdict[int, list[Key]]:
    """What is unique in each of these tables."""
    keys: defaultdict[int, list[Key]] = defaultdict(list)
    for oid, name, kind, members in run(
        session, "hypertable_candidates_keys", {"oids": list(oids)}
    ):
        keys[oid].append(Key(name, kind, frozenset(members)))
    return keys


def read_traits(session: Connection, oids: Iterable[int]) -> defaultdict[int, list[Trait]]:
    """What of each of these tables may not be on a hypertable."""
    traits: defaultdict[int, list[Trait]] = defaultdict(list)
    for oid, *rest in run(session, "hypertable_candidates_obstacles", {"oids": list(oids)}):
        traits[oid].append(Trait(*rest))
    return traits


def with_statistics(
    session: Connection, tables: Mapping[int, Iterable[Column]]
) -> dict[int, list[Column]]:
    """The same columns, by the oids of their tables, with what the statistics say of them."""
    pairs = [(oid, column.number) for oid, columns in tables.items() for column in columns]
    parameters: dict[str, Any] = {
        "oids": [oid for oid, _ in pairs],
        "attnums": [number for _, number in pairs],
    }
    told = {
        (oid, number): (null, tuple(bounds))
        for oid, number, null, bounds in run(
            session, "hypertable_candidates_statistics", parameters
        )
    }
    return {
        oid: [
            replace(column, null=told[oid, column.number][0], bounds=told[oid, column.number][1])
            if (oid, column.number) in told
            else column
            for column in columns
        ]
        for oid, columns in tables.items()
    }


def _candidate(one: _Sized, version: tuple[int, ...]) -> Candidate:
    table, columns = one.table, sorted(one.columns, key=lambda each: _rank(one.table, each))
    always = of_table(table, version)
    against = {column.name: (*of_column(table, column), *always) for column in columns}
    free = next((column for column in columns if not against[column.name]), None)
    return Candidate(
        schema=table.schema,
        name=table.name,
        bytes=one.bytes,
        rows=one.rows,
        columns=tuple(column.name for column in columns),
        integers=frozenset(column.name for column in columns if column.type in INTEGERS),
        obstacles=against,
        doubts={
            column.name: tuple(doubt.text for doubt in doubts(table, column)) for column in columns
        },
        types={column.name: column.type for column in columns},
        suggested=None if free is None else wanted(one, free),
    )


def wanted(one: _Sized, column: Column) -> Wanted:
    """The table divided by the column, into chunks of a good size."""
    return Wanted(
        schema=one.table.schema,
        name=one.table.name,
        column=column.name,
        interval=suggested(column.type, one.bytes, column.bounds),
    )


def _rank(table: Table, column: Column) -> tuple[object, ...]:
    """The likeliest to divide a table first: of all its keys, never NULL, named like a time."""
    return (
        column.type in INTEGERS,
        column.type == "date",
        column.generated,
        bool(column.null),
        -sum(column.number in key.columns for key in table.keys),
        not column.not_null,
        not _TIMES.search(column.name),
        column.number,
    )
