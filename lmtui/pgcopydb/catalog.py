"""What pgcopydb's catalog says of a copy that was broken off, and mending it for the next run.

A run that goes on (`--resume`) passes over what is marked done there, but it empties every table
that is copied in parts, also one whose parts are all done, and waits for ever for what a killed
process has begun (pgcopydb 0.18, table-data.c and summary.c; measured: all rows of such a table are
lost). So before it goes on, what was under way is forgotten, and a table in parts is either whole
or begins anew.
"""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

Relation = tuple[str, str]

_PREPARED = "Prepare Schema"
_FINISHED = "Total Wall Clock Duration"
_TABLES = """
select t.oid, t.nspname, t.relname,
       coalesce((select max(p.partcount) from s_table_part p where p.oid = t.oid), 0),
       (select count(*) from summary s
        where s.tableoid = t.oid and s.indexoid is null and s.conoid is null
          and coalesce(s.done_time_epoch, 0) <> 0),
       coalesce((select z.bytes from s_table_size z where z.oid = t.oid), 0)
from s_table t
"""
_TIMINGS = "select label from timings where coalesce(done_time_epoch, 0) <> 0"
# The extensions' own tables are copied beside the first tables, TimescaleDB's catalog among them.
_EXTENSIONS_LEFT = """
select distinct e.extname
from filters.s_extension e
join filters.s_extension_config c on c.extoid = e.oid
where e.oid not in (select extoid from summary
                    where extoid is not null and coalesce(done_time_epoch, 0) <> 0)
"""
_NEVER_ANALYZED = """
select nspname, relname
from s_table
where oid not in (select tableoid from vacuum_summary where coalesce(done_time_epoch, 0) <> 0)
"""
_CONSTRAINTS_LEFT = """
select k.oid, t.nspname, t.relname, k.conname
from s_constraint k
join s_index i on i.oid = k.indexoid
join s_table t on t.oid = i.tableoid
where k.oid not in (select conoid from summary
                    where conoid is not null and coalesce(done_time_epoch, 0) <> 0)
"""
_CONSTRAINT_DONE = (
    "insert into summary (pid, conoid, start_time_epoch, done_time_epoch, duration, command)"
    " values (0, ?, strftime('%s', 'now'), strftime('%s', 'now'), 0, '')"
)
_UNDER_WAY = (
    "delete from process",
    "delete from summary where coalesce(done_time_epoch, 0) = 0",
    "delete from vacuum_summary where coalesce(done_time_epoch, 0) = 0",
    # Who has seen a table's last part, or its last index, and is to go on from there.
    "delete from s_table_parts_done",
    "delete from s_table_indexes_done",
)


class TableDone(NamedTuple):
    """How far a table is: `parts` is 0 where it is copied in one. `bytes` on the source's disk."""

    oid: int
    parts: int
    parts_done: int
    bytes: int

    @property
    def whole(self) -> bool:
        """Whether all of it is copied."""
        return self.parts_done >= max(1, self.parts)


def never_analyzed(directory: Path) -> list[Relation]:
    """Tables that are copied and not analyzed: a run that goes on does not (`--skip-vacuum`)."""
    path = directory / "schema" / "source.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as catalog:
        return [
            (unquoted(schema), unquoted(name)) for schema, name in catalog.execute(_NEVER_ANALYZED)
        ]


class CopyDone(NamedTuple):
    """How far a copy is.

    It is `prepared` where the schema is on the target and the extensions' own tables are copied;
    before that nothing of worth is there. It is `finished` where nothing is left to be done.
    """

    prepared: bool
    finished: bool
    tables: Mapping[Relation, TableDone]


def read_done(directory: Path, excluded: Collection[str] = ()) -> CopyDone | None:
    """How far the copy in this directory is; None where there is no catalog of one.

    `excluded` are extensions that it leaves out. No pgcopydb may be at work there.
    """
    source, filters = (directory / "schema" / name for name in ("source.db", "filter.db"))
    if not (source.exists() and filters.exists()):
        return None
    try:
        with closing(sqlite3.connect(source, timeout=10)) as catalog:
            catalog.execute("attach ? as filters", (str(filters),))
            ended = {label for (label,) in catalog.execute(_TIMINGS)}
            left = {name for (name,) in catalog.execute(_EXTENSIONS_LEFT)} - {*excluded}
            found = {
                (unquoted(schema), unquoted(name)): TableDone(oid, parts, done, size)
                for oid, schema, name, parts, done, size in catalog.execute(_TABLES)
            }
    except sqlite3.Error:
        return None
    return CopyDone(_PREPARED in ended and not left, _FINISHED in ended, found)


def mend(
    directory: Path, done: CopyDone, aside: Collection[Relation], snapshot: str,
    made: Collection[tuple[str, str, str]],
) -> None:  # fmt: skip
    """Make the catalog ready for a run that goes on by `snapshot`.

    The tables in `aside` are not to be copied any more. Of the constraints in `made` (schema, table
    and name), which are on the target, pgcopydb may not have written down that it made them. No
    pgcopydb may be at work there. Raises sqlite3.Error.
    """
    (directory / "snapshot").write_text(snapshot)
    for path in (directory / "schema").glob("target.db*"):
        # What it knows of the target is from before the run that was broken off.
        path.unlink()
    path = directory / "schema" / "source.db"
    with closing(sqlite3.connect(path, timeout=10)) as catalog, catalog:
        # It refuses another one than that of the run before.
        catalog.execute("update setup set snapshot = ?", (snapshot,))
        for statement in _UNDER_WAY:
            catalog.execute(statement)
        for oid, schema, table_name, name in catalog.execute(_CONSTRAINTS_LEFT).fetchall():
            if (unquoted(schema), unquoted(table_name), unquoted(name)) in made:
                catalog.execute(_CONSTRAINT_DONE, (oid,))
        for relation, table in done.tables.items():
            if relation in aside or (table.parts and table.whole):
                _mark_whole(catalog, table.oid)
            elif not table.whole:
                catalog.execute("delete from summary where tableoid = ?", (table.oid,))


def _mark_whole(catalog: sqlite3.Connection, oid: int) -> None:
    """Make a table one that was copied in one, and is done."""
    catalog.execute("delete from s_table_part where oid = ?", (oid,))
    catalog.execute("delete from summary where tableoid = ?", (oid,))
    catalog.execute(
        "insert into summary (pid, tableoid, partnum, start_time_epoch, done_time_epoch, duration,"
        " bytes, command) values (0, ?, 0, strftime('%s', 'now'), strftime('%s', 'now'), 0, 0, '')",
        (oid,),
    )


def unquoted(name: str) -> str:
    """A name as the catalog has it: pgcopydb keeps quotes where SQL would need them."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
