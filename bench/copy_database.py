"""The database that the benchmark of the initial copy moves: tables of many kinds, of any size."""
# The SQL is put together from numbers and from constants of this file.
# ruff: noqa: S608

from typing import NamedTuple

from lmtui.database import connect
from lmtui.endpoint import Endpoint

_MEGABYTE = 1024 * 1024
_SCHEMA = """
create table customers (id int primary key, name text not null, mail text not null unique);
create table orders (
    id bigint primary key, customer_id int not null references customers,
    placed_at timestamptz not null, status text not null, note text);
create table lines (
    order_id bigint not null references orders, number int not null, article int not null,
    price numeric(10, 2) not null, primary key (order_id, number));
create table documents (
    id bigint primary key, title text not null, kind int not null, changed_at timestamptz not null,
    document jsonb not null);
create table articles (id int primary key, text text not null);
create table journal (
    id bigint not null, at timestamptz not null, who int not null references customers,
    said text not null, primary key (id, at)) partition by range (at);
do $$
begin
    for month in 0 .. 7 loop
        execute format(
            'create table journal_%s partition of journal for values from (%L) to (%L)', month + 1,
            date '2026-01-01' + month * interval '1 month',
            date '2026-02-01' + month * interval '1 month');
    end loop;
end $$;
create table readings (
    time timestamptz not null, sensor_id int not null, temperature double precision,
    humidity double precision);
select create_hypertable('readings', 'time', chunk_time_interval => interval '7 days');
create table ticks (
    time timestamptz not null, device int not null, value double precision not null);
select create_hypertable('ticks', 'time', chunk_time_interval => interval '2 days');
"""
_INDEXES = """
create index on orders (customer_id);
create index on orders (placed_at);
create index on documents (changed_at);
create index on documents (kind, id);
create index on journal (who, at);
create index on readings (sensor_id, time);
"""
_WHEN = "timestamptz '2026-01-01' + i * interval '240 days' / {rows}"


class _Filled(NamedTuple):
    """A table, its share of the whole, and what a row takes with its indexes, in bytes."""

    name: str
    share: float
    row_bytes: int
    row: str


_FILLED = (
    _Filled("customers", 0.04, 165, "i, 'customer ' || i, 'customer' || i || '@example.com'"),
    _Filled(
        "orders", 0.16, 165,
        "i, i * 7919 % {customers} + 1, " + _WHEN + ", 'paid', md5(i::text)",
    ),
    _Filled("lines", 0.12, 96, "i / 4 % {orders} + 1, i % 4 + i / 4 / {orders} * 4, i % 900, 9.99"),
    _Filled(
        "documents", 0.16, 620,
        "i, 'title of ' || i, i % 20, " + _WHEN + ","
        " jsonb_build_object('name', i, 'tags', jsonb_build_array('a', 'b', i),"
        " 'hashes', jsonb_build_array(md5(i::text), repeat(md5((i + 1)::text), 12)))",
    ),
    _Filled(
        "articles", 0.08, 4400,
        "i, (select string_agg(md5((i * n)::text), '') from generate_series(1, 130) n)",
    ),
    _Filled(
        "journal", 0.16, 190,
        "i, " + _WHEN.replace("240", "239") + ", i % {customers} + 1, md5(i::text) || md5(i::text)",
    ),
    _Filled("readings", 0.2, 150, _WHEN + ", i % 500, i % 370 / 10.0, 0.5"),
    _Filled("ticks", 0.08, 100, _WHEN + ", i % 50, i % 997 / 7.0"),
)  # fmt: skip
TABLES = tuple(table.name for table in _FILLED)


def fill(source: Endpoint, megabytes: int) -> int:
    """Make the tables and their rows in a database with TimescaleDB; returns its size in bytes.

    `megabytes` is about what tables and indexes take together.
    """
    rows = {
        table.name: round(table.share * megabytes * _MEGABYTE / table.row_bytes)
        for table in _FILLED
    }
    with connect(source, statement_timeout=0, lock_timeout=0) as connection:
        connection.execute("set search_path to public")
        connection.execute(_SCHEMA)
        for table in _FILLED:
            row = table.row.format(**rows, rows=rows[table.name])
            connection.execute(
                f"insert into {table.name} select {row}"
                f" from generate_series(1, {rows[table.name]}::bigint) i".encode()
            )
        connection.execute(_INDEXES)
        connection.execute("vacuum analyze")
        ((size,),) = connection.execute(
            "select pg_database_size(current_database())::bigint"
        ).fetchall()
    return int(size)


def count(endpoint: Endpoint) -> dict[str, int]:
    """The rows of each table."""
    with connect(endpoint, statement_timeout=0, read_only=True) as connection:
        return {
            name: connection.execute(f"select count(*) from public.{name}".encode()).fetchall()[0][
                0
            ]
            for name in TABLES
        }


_LEAVES = """
select s.relid::regclass::text, s.n_tup_ins, pg_relation_size(s.relid)
from pg_stat_user_tables s join pg_class c on c.oid = s.relid and c.relkind = 'r'
where s.n_tup_ins > 0
  and (s.schemaname = 'public' or s.schemaname = '_timescaledb_internal')
"""


def inserted_twice(target: Endpoint) -> int:
    """What was inserted into the target and taken back again, in bytes of its tables.

    PostgreSQL counts rows that were inserted also where that was rolled back.
    """
    found = 0
    with connect(target, statement_timeout=0, read_only=True) as connection:
        for name, inserted, size in connection.execute(_LEAVES).fetchall():
            ((there,),) = connection.execute(f"select count(*) from {name}".encode()).fetchall()
            if there and inserted > there:
                found += round((inserted - there) * size / there)
    return found
