"""Databases to compare, and what the comparison said."""

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.events import Proof, TableVerdict

Pair = tuple[Endpoint, Endpoint]

ORDERS = """
    create table orders (
        id int primary key, customer text, note text, amount numeric, weight float8,
        tags text[], document json, at timestamptz, raw bytea, total numeric
            generated always as (amount * 2) stored);
    insert into orders
        select g, 'customer ' || g, case g % 3 when 0 then null when 1 then '' else 'x' end,
               g / 7.0, g / 3.0::float8, array[g::text, null], json_build_object('g', g),
               '2026-01-01'::timestamptz + g * interval '1 hour', int4send(g)
        from generate_series(1, 100) g;
"""


def run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        for statement in statements:
            connection.execute(statement)


def on_both(pair: Pair, *statements: str) -> None:
    for endpoint in pair:
        run(endpoint, *statements)


def only(proof: Proof) -> TableVerdict:
    (verdict,) = proof.tables
    return verdict


def metrics_on_both(pair: Pair, interval: str) -> None:
    for endpoint, chunk in zip(pair, ("1 day", interval), strict=True):
        run(
            endpoint,
            "create table metrics (at timestamptz not null, device int, value float8)",
            f"select create_hypertable('metrics', 'at', chunk_time_interval => interval '{chunk}',"
            " associated_schema_name => 'public', associated_table_prefix => 'piece')",
            "insert into metrics select '2026-01-01'::timestamptz + g * interval '1 hour', g % 5, g"
            " from generate_series(1, 200) g",
        )
