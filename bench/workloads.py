"""What the replay benchmark does to a source: its tables, and the changes that are replayed."""
# The SQL is put together from numbers and from constants of this file.
# ruff: noqa: S608

from collections.abc import Callable
from dataclasses import dataclass

# The last row that a source writes: once the target shows it, all before it is there too.
COMMON = """
create table marker (id int primary key);
create table beat (id bigint primary key);
"""

_ITEMS = """
create table items (
    id bigint primary key,
    placed_at timestamptz not null,
    customer text not null,
    amount numeric(12, 2) not null,
    note text
);
"""
_ITEM = """
select i, timestamptz '2026-01-01 00:00+00' + i * interval '1 second', 'customer ' || i % 5000,
       (i % 100000) / 100.0, md5(i::text)
"""

_SHOP = """
create table customers (id int primary key, name text not null, orders int not null default 0);
create table orders (
    id bigint primary key,
    customer_id int not null references customers,
    placed_at timestamptz not null,
    status text not null
);
create table lines (
    order_id bigint not null references orders,
    number int not null,
    article text not null,
    price numeric(10, 2) not null,
    primary key (order_id, number)
);
create index on orders (customer_id);
"""

_NUMBERS = range(1, 13)
_WIDE = f"""
create table documents (
    id bigint primary key,
    {" ".join(f"title{n} text," for n in _NUMBERS)}
    {" ".join(f"count{n} int," for n in _NUMBERS)}
    changed_at timestamptz,
    document jsonb not null
);
"""
_DOCUMENT = f"""
select i, {" ".join(f"'title {n} of ' || i," for n in _NUMBERS)}
       {" ".join(f"i % {n + 100}," for n in _NUMBERS)}
       timestamptz '2026-01-01 00:00+00' + i * interval '1 second',
       jsonb_build_object(
           'name', 'document ' || i, 'price', i / 100.0, 'gift', i % 2 = 0, 'said', 'it''s "so"',
           'tags', jsonb_build_array('a', 'b', i), 'hash', md5(i::text), 'none', null)
"""

_READINGS = """
create table readings (
    time timestamptz not null,
    sensor_id int not null,
    temperature double precision,
    humidity double precision
);
select create_hypertable('readings', 'time', chunk_time_interval => interval '1 day');
"""


@dataclass(frozen=True)
class Workload:
    """One workload: tables and first rows on both sides, then changes on the source.

    `share` of the rows that were asked for is what it runs with, since some take longer for each.
    `append` inserts the rows with numbers from one to another, for a steady load.
    """

    name: str
    title: str
    schema: str
    changes: Callable[[int], int]
    run: Callable[[int], str]
    fill: Callable[[int], str] = lambda _rows: ""
    append: Callable[[int, int], str] | None = None
    share: float = 1.0
    timescaledb: bool = False


def _loop(rows: int, size: int, statements: str) -> str:
    """A transaction for every `size` rows; `statements` find their rows in lo to hi."""
    return f"""
        do $$
        declare lo bigint; hi bigint;
        begin
            for batch in 0 .. {-(-rows // size) - 1} loop
                lo := batch * {size} + 1;
                hi := least(lo + {size} - 1, {rows});
                {statements};
                commit;
            end loop;
        end $$"""


def _inserts(table: str, row: str, size: int) -> Callable[[int], str]:
    return lambda rows: _loop(
        rows, size or rows, f"insert into {table} {row} from generate_series(lo, hi) i"
    )


def _append(table: str, row: str) -> Callable[[int, int], str]:
    return lambda low, high: f"insert into {table} {row} from generate_series({low}, {high}) i"


def _items(rows: int) -> str:
    return f"insert into items {_ITEM} from generate_series(1, {rows}) i"


# Far apart, so that neither side finds them on the page of the one before. 7919 is prime.
_SCATTERED = "select g * 7919 % {rows} + 1 from generate_series(lo, hi) g"


def _updates(size: int) -> Callable[[int], str]:
    return lambda rows: _loop(
        rows,
        size,
        "update items set amount = amount + 1, note = md5(note)"
        f" where id = any (array({_SCATTERED.format(rows=rows)}))",
    )


def _deletes(rows: int) -> str:
    scattered = _SCATTERED.format(rows=rows)
    return _loop(rows, 100, f"delete from items where id = any (array({scattered}))")


_CUSTOMERS = 10_000


def _customers(_rows: int) -> str:
    return (
        f"insert into customers select i, 'customer ' || i from generate_series(1, {_CUSTOMERS}) i"
    )


def _orders(rows: int) -> int:
    return rows // 6


def _shop(rows: int) -> str:
    return _loop(
        _orders(rows),
        1,
        f"""
        insert into orders values (lo, lo * 7919 % {_CUSTOMERS} + 1, now(), 'new');
        insert into lines
            select lo, n, 'article ' || (lo + n) % 900, 9.99 from generate_series(1, 3) n;
        update customers set orders = orders + 1 where id = lo * 7919 % {_CUSTOMERS} + 1;
        update orders set status = 'paid' where id = lo - 10;
        if lo % 5 = 0 then delete from lines where order_id = lo - 20 and number = 3; end if
        """,
    )


def _shop_changes(rows: int) -> int:
    orders = _orders(rows)
    return 5 * orders + max(0, orders - 10) + max(0, orders // 5 - 4)


def _reading(spread: int) -> str:
    return f"""
        select timestamptz '2026-01-01 00:00+00' + i % {spread} * interval '1 day'
               + i / {spread} * interval '10 milliseconds', i % 500, i % 370 / 10.0, 0.5
        """


def _same(rows: int) -> int:
    return rows


WORKLOADS = (
    Workload(
        "inserts-10000", "inserts, 10,000 in a transaction", _ITEMS, _same,
        _inserts("items", _ITEM, 10_000), append=_append("items", _ITEM),
    ),
    Workload(
        "inserts-100", "inserts, 100 in a transaction", _ITEMS, _same,
        _inserts("items", _ITEM, 100),
    ),
    Workload(
        "inserts-1", "inserts, 1 in a transaction", _ITEMS, _same,
        _inserts("items", _ITEM, 1), share=0.5,
    ),
    Workload(
        "updates", "updates by key, 100 in a transaction", _ITEMS, _same, _updates(100), _items,
        share=0.5,
    ),
    Workload(
        "deletes", "deletes by key, 100 in a transaction", _ITEMS, _same, _deletes, _items,
        share=0.5,
    ),
    Workload(
        "mix", "a shop with foreign keys, 6 changes in a transaction", _SHOP, _shop_changes, _shop,
        _customers,
        share=0.5,
    ),
    Workload(
        "wide", "wide rows with jsonb, 1,000 in a transaction", _WIDE, _same,
        _inserts("documents", _DOCUMENT, 1000), share=0.15,
    ),
    Workload(
        "hypertable-1", "inserts into 1 chunk of a hypertable, 10,000 in a transaction",
        _READINGS, _same, _inserts("readings", _reading(1), 10_000),
        append=_append("readings", _reading(1)), timescaledb=True,
    ),
    Workload(
        "hypertable-50", "inserts over 50 chunks of a hypertable, 10,000 in a transaction",
        _READINGS, _same, _inserts("readings", _reading(50), 10_000),
        append=_append("readings", _reading(50)), timescaledb=True,
    ),
)  # fmt: skip

# Run when they are named: what the table above leaves out.
MORE = (
    Workload(
        "updates-1", "updates by key, 1 in a transaction", _ITEMS, _same, _updates(1), _items,
        share=0.25,
    ),
    Workload(
        "one-transaction", "inserts, all in one transaction", _ITEMS, _same,
        _inserts("items", _ITEM, 0),
    ),
)  # fmt: skip
