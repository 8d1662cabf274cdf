"""What the operator wants to become a hypertable, and the statement that makes it one. Pure."""

from dataclasses import dataclass, field

import msgspec


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A plain table of the source that becomes a hypertable on the target, divided by `column`.

    `interval` is a PostgreSQL interval for dates and times, a number for an integer column.
    """

    schema: str
    name: str
    column: str
    interval: str


@dataclass(frozen=True)
class Candidate:
    """A table of the source that could become a hypertable.

    `columns` are those that can divide it, by name, the likeliest first; `types` the type of each
    as SQL names it, `integers` those that hold whole numbers. `obstacles` tells, for each column,
    in words, what stands against it; empty where nothing does; `doubts` what may, though nothing
    shows it. `suggested` is None where no column is free of obstacles. `bytes` counts all of the
    table, `rows` is what the planner takes for their number.
    """

    schema: str
    name: str
    bytes: int
    rows: int
    columns: tuple[str, ...]
    integers: frozenset[str]
    obstacles: dict[str, tuple[str, ...]]
    suggested: Wanted | None
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


def statement(wanted: Wanted) -> str:
    """The SQL that makes an empty table a hypertable, to be run on the target."""
    # Imported here: the plan is loaded by what must be there at once, the wizard's first paint.
    from psycopg import sql

    relation = sql.Identifier(wanted.schema, wanted.name).as_string()
    whole = wanted.interval.lstrip("-").isdigit()
    interval = sql.Literal(int(wanted.interval) if whole else wanted.interval).as_string()
    return (
        f"SELECT create_hypertable({sql.Literal(relation).as_string()},"
        f" {sql.Literal(wanted.column).as_string()},"
        f" chunk_time_interval => {interval if whole else f'INTERVAL {interval}'},"
        " create_default_indexes => false)"
    )
