"""Progress of the initial copy, read from pgcopydb's catalog without ever writing to it.

`pgcopydb list progress` always fails in 0.18 and rewrites stored filters (measured); its SQLite
catalog, opened read-only, disturbs nothing. A table's bytes appear there when a part of it ends, so
what is in flight comes from the target's pg_stat_progress_copy.
"""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from lmtui.pgcopydb.catalog import unquoted
from lmtui.sample import CopySample, TableCopy

_TABLES = """
select t.nspname, t.relname, coalesce(z.bytes, 0), coalesce(sum(s.bytes), 0),
       count(s.tableoid),
       coalesce(sum(s.done_time_epoch is not null and s.done_time_epoch <> 0), 0),
       max(1, coalesce((select max(p.partcount) from s_table_part p where p.oid = t.oid), 1)),
       max(0, coalesce(t.reltuples, 0))
from s_table t
left join s_table_size z on z.oid = t.oid
left join summary s on s.tableoid = t.oid and s.indexoid is null and s.conoid is null
group by t.oid, t.nspname, t.relname, z.bytes, t.reltuples
"""
_INDEXES = """
select (select count(*) from s_index),
       (select count(distinct indexoid) from summary
        where indexoid is not null and done_time_epoch is not null and done_time_epoch <> 0)
"""


class Apart(NamedTuple):
    """How far a table is whose rows pgcopydb leaves out: waiting, copying or done; bytes sent."""

    state: str
    bytes: int = 0


@dataclass(frozen=True)
class CopyState:
    """What pgcopydb's catalog says. Bytes are sizes on the source's disk."""

    tables: tuple[TableCopy, ...] = ()
    indexes_total: int = 0
    indexes_done: int = 0

    @property
    def complete(self) -> bool:
        """Whether every table is marked done."""
        return bool(self.tables) and all(table.state == "done" for table in self.tables)

    def with_apart(self, apart: Mapping[tuple[str, str], Apart]) -> "CopyState":
        """The same with how far these tables are, which pgcopydb takes for done."""
        if not apart:
            return self
        tables = tuple(
            replace(
                table,
                state=its.state,
                bytes_done=table.bytes_total
                if its.state == "done"
                else min(its.bytes, table.bytes_total),
            )
            if (its := apart.get((table.schema, table.name)))
            else table
            for table in self.tables
        )
        return CopyState(tables, self.indexes_total, self.indexes_done)


def read_copy(directory: Path, known: Collection[tuple[str, str]]) -> CopyState | None:
    """Read the catalog; None where it is not there, or busy, right now.

    Only tables that are `known` count, those of the snapshot: pgcopydb also lists tables, such as
    chunks, that were made after it, and then rightly leaves them out (measured on 0.18).
    """
    path = directory / "schema" / "source.db"
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as catalog:
            tables = tuple(
                table
                for row in catalog.execute(_TABLES)
                if ((table := _table(*row)).schema, table.name) in known
            )
            total, done = catalog.execute(_INDEXES).fetchone()
    except sqlite3.OperationalError:
        return None
    return CopyState(tables, total, done)


def _table(
    schema: str, name: str, total: int, copied: int, begun: int, done: int, parts: int, rows: int
) -> TableCopy:
    schema, name = unquoted(schema), unquoted(name)
    if done >= parts:
        return TableCopy(
            schema=schema, name=name, bytes_done=total, bytes_total=total, state="done", rows=rows
        )
    state = "copying" if begun else "waiting"
    return TableCopy(
        schema=schema, name=name, bytes_done=min(copied, total), bytes_total=total, state=state,
        rows=rows,
    )  # fmt: skip


def sample(
    state: CopyState,
    in_flight: dict[tuple[str, str], int],
    rate: float,
    rows_rate: float = 0.0,
) -> CopySample:
    """Join the catalog with what is in flight on the target (bytes of COPY by table).

    `rate` is bytes per second; the rest divided by it is the ETA. `rows_rate` is rows per second.
    """
    tables = tuple(
        TableCopy(
            schema=table.schema,
            name=table.name,
            bytes_done=max(
                table.bytes_done,
                min(in_flight.get((table.schema, table.name), 0), table.bytes_total),
            ),
            bytes_total=table.bytes_total,
            state=table.state,
            rows=table.rows,
        )
        for table in state.tables
    )
    done = sum(table.bytes_done for table in tables)
    total = sum(table.bytes_total for table in tables)
    return CopySample(
        bytes_done=done,
        bytes_total=total,
        tables_done=sum(table.state == "done" for table in tables),
        tables_total=len(tables),
        indexes_done=state.indexes_done,
        indexes_total=state.indexes_total,
        rows_done=round(sum(table.rows * _share(table) for table in tables)),
        rows_total=sum(table.rows for table in tables),
        bytes_per_second=rate,
        rows_per_second=rows_rate,
        eta_seconds=(total - done) / rate if rate > 0 else None,
        tables=tuple(table for table in tables if table.state == "copying"),
    )


def _share(table: TableCopy) -> float:
    if table.state == "done":
        return 1.0
    return table.bytes_done / table.bytes_total if table.bytes_total else 0.0
