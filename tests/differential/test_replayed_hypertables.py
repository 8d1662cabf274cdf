"""Plain hypertables: rows go to the hypertable, whatever chunk they came of."""

import pytest
from harness import Pairing
from psycopg import sql

pytestmark = pytest.mark.postgres


def test_new_chunks(timescale: Pairing) -> None:
    setup = """
        create table h (at timestamptz not null, device int, v float8, note text,
                        primary key (at, device));
        select create_hypertable('h', 'at', chunk_time_interval => interval '1 day');
        insert into h select '2026-01-01'::timestamptz + i * interval '1 hour', i % 3, i
        from generate_series(1, 50) i
    """
    with timescale.case(setup) as case:
        case.run("""
            insert into h select '2026-01-02'::timestamptz + i * interval '5 hours', 7, 'NaN', 'x'
            from generate_series(1, 60) i
        """)
        case.check()
        case.run("update h set v = v + 1, note = 'y' where device = 7")
        case.run("update h set device = device + 10 where device = 2")
        case.run("delete from h where device = 7 and at > '2026-01-09'")
        case.check()
        case.transaction(
            "insert into h values ('2030-05-05', 1, 1), ('0044-03-15 BC', 1, 1)",
            "update h set v = 2 where at = '2030-05-05'",
            "delete from h where at < '2026-01-02'",
            "insert into h values ('2026-01-01 05:00', 5, 5)",
        )
        case.check(batch_rows=1)
        case.run("update h set note = device where device < 9", "delete from h where v = 2")
        case.check(one_by_one=True)
        case.transaction("truncate h", "insert into h values ('2026-01-01', 1, 1)")
        case.check()
        case.run("truncate h")
        case.check()


@pytest.mark.parametrize(
    ("type_", "value", "interval"),
    [
        ("bigint", "{0} * 1000", "5000"),
        ("smallint", "{0}", "7"),
        ("integer", "-{0}", "10"),
        ("date", "date '2026-01-01' + {0}", "interval '7 days'"),
        ("timestamp", "timestamp '2026-01-01' + {0} * interval '1 day'", "interval '7 days'"),
    ],
)
def test_time_columns_and_space(timescale: Pairing, type_: str, value: str, interval: str) -> None:
    at = value.format("i")
    setup = f"""
        create table h (at {type_} not null, place text not null, n int, big text,
                        primary key (at, place));
        alter table h alter big set storage external;
        select create_hypertable('h', 'at', chunk_time_interval => {interval});
        select add_dimension('h', 'place', number_partitions => 3)
    """
    with timescale.case(setup) as case:
        case.run(f"""
            insert into h select {at}, 'place ' || i % 5, i, repeat('x', 3000)
            from generate_series(1, 40) i
        """)
        case.run("update h set n = n + 1", "delete from h where n % 4 = 0")
        case.check()
        case.run(f"insert into h select {at}, 'é', 0 from generate_series(100, 130) i")
        case.run("update h set n = -n, big = big || 'y'", "delete from h where place = 'place 2'")
        case.check(batch_rows=1)


def test_without_a_key(timescale: Pairing) -> None:
    """Inserts need none; with identity FULL exactly one of two equal rows goes."""
    setup = """
        create table h (at timestamptz not null, v float8);
        select create_hypertable('h', 'at', chunk_time_interval => interval '1 day');
        create table f (at timestamptz not null, v float8);
        alter table f replica identity full;
        select create_hypertable('f', 'at', chunk_time_interval => interval '1 day')
    """
    rows = """
        insert into {} select '2026-01-01'::timestamptz + (i % 20) * interval '1 hour', i % 2
        from generate_series(1, 80) i
    """
    with timescale.case(setup) as case:
        case.run(rows.format("h"), rows.format("f"))
        case.run("delete from f where ctid = (select max(ctid) from f where v = 1)")
        case.run("update f set v = null where ctid = (select max(ctid) from f where v = 0)")
        case.check()
        case.run("insert into f values ('2026-02-01', null), ('2026-02-01', null)")
        case.run("delete from f where ctid = (select max(ctid) from f where v is null)")
        case.run("update f set v = v + 1 where at > '2026-01-01 12:00'", "truncate h")
        case.check()


def test_odd_names_in_other_schemas(timescale: Pairing) -> None:
    table, at, v = (sql.Identifier(name).as_string() for name in ('H %s {0} "x"', "at $1", "v %"))
    setup = f"""
        create table {table} ({at} timestamptz not null, {v} int, dropped int,
                              g int generated always as ({v} * 2) stored, primary key ({at}, {v}));
        alter table {table} drop dropped;
        select create_hypertable('{table}', 'at $1', chunk_time_interval => interval '1 day',
                                 associated_schema_name => 'chunks',
                                 associated_table_prefix => 'Piece "%s"')
    """
    try:
        with timescale.case(setup, schema='odd "schema" %s') as case:
            case.run(f"""
                insert into {table} select '2026-01-01'::timestamptz + i * interval '9 hours', i
                from generate_series(1, 40) i
            """)
            case.run(f"update {table} set {v} = {v} + 100", f"delete from {table} where g < 210")
            case.check()
            case.run(f"alter table {table} add late text default 'x'")
            case.on_targets(f"alter table {table} add late text default 'x'")
            case.run(f"insert into {table} values ('2027-01-01', 1)")
            case.run(f"update {table} set late = 'y'")
            case.check()
    finally:
        timescale.everywhere("drop schema if exists chunks cascade")
