"""Compression, and what moves, cuts and joins chunks, on TimescaleDB's community edition.

Everything is run with both decoders. What a release does not have yet is skipped there.
"""

from collections.abc import Iterator

import psycopg
import pytest
from harness import PLUGINS, Case, Pairing

from lmtui.drift import differences, read_fingerprint

pytestmark = pytest.mark.postgres

KEYED = """
    create table h (at timestamptz not null, device int not null, v float8, note text,
                    primary key (at, device));
    select create_hypertable('h', 'at', chunk_time_interval => interval '1 day');
    insert into h select '2026-01-01'::timestamptz + i * interval '1 hour', i % 3, i
    from generate_series(0, 119) i;
    alter table h set (timescaledb.compress, timescaledb.compress_segmentby = 'device');
"""
COMPRESS = "select compress_chunk(c) from show_chunks('h') c"
DECOMPRESS = "select decompress_chunk(c) from show_chunks('h') c"
LATE = "insert into h values ('2026-01-01 00:30', {0}, 9)"
MORE = ("update h set v = v + 1 where device < 2", LATE.format(7), "delete from h where v > 100")


@pytest.fixture
def named(compressing: Pairing) -> Iterator[Pairing]:
    """A source that names every row, as preflight asks for."""
    setting = "timescaledb.enable_compressed_direct_batch_delete"
    compressing.source.execute(f"set {setting} = off")
    yield compressing
    compressing.source.execute(f"reset {setting}")


def chunks(case: Case) -> list[str]:
    """The chunks of h, the earliest first."""
    rows = case.source.execute(
        "select format('%I.%I', chunk_schema, chunk_name) from timescaledb_information.chunks"
        " where hypertable_schema = current_schema() and hypertable_name = 'h'"
        " order by range_start"
    )
    return [name for (name,) in rows]


def run(case: Case, *statements: str) -> None:
    """Run them on the source, or skip the test where this release lacks one."""
    for statement in statements:
        try:
            case.run(statement)
        except psycopg.errors.UndefinedFunction as error:
            pytest.skip(str(error).splitlines()[0])


def has_marks(case: Case) -> bool:
    """Whether this release marks also what it deletes without decompressing it."""
    (version,) = case.source.execute(
        "select string_to_array(extversion, '.')::int[] from pg_extension"
        " where extname = 'timescaledb'"
    ).fetchall()[0]
    return bool(version < [2, 26])


def test_compressed_chunks_are_written_to(named: Pairing) -> None:
    with named.case(KEYED) as case:
        case.run(COMPRESS, *MORE)
        case.check()
        case.run(
            f"{LATE.format(7)} on conflict (at, device) do update set v = -excluded.v",
            f"{LATE.format(7)} on conflict do nothing",
            "update h set note = 'x' || v where device = 1",
            "delete from h where at < '2026-01-02'",
        )
        case.check(batch_rows=1)
        case.transaction(COMPRESS.replace("c)", "c, true)"), LATE.format(8), *MORE[:1])
        case.check(one_by_one=True)


def test_compressed_decompressed_and_compressed_again(named: Pairing) -> None:
    with named.case(KEYED) as case:
        first = chunks(case)[0]
        case.run(COMPRESS, LATE.format(1), f"select compress_chunk('{first}')")
        case.run(f"select decompress_chunk('{first}')", "delete from h where device = 0")
        case.run(COMPRESS.replace("c)", "c, true)"), DECOMPRESS, *MORE)
        case.check()
        case.run(f"call convert_to_columnstore('{first}')", LATE.format(2))
        case.run(f"call convert_to_rowstore('{first}')", "update h set v = -v")
        case.check()


@pytest.mark.parametrize(
    ("type_", "value", "interval"),
    [
        ("bigint", "i * 10", "1000"),
        ("integer", "i", "100"),
        ("date", "date '2026-01-01' + i", "interval '30 days'"),
        ("timestamp", "timestamp '2026-01-01' + i * interval '1 hour'", "interval '7 days'"),
    ],
)
def test_keyless_hypertables_in_places_of_their_own(
    named: Pairing, type_: str, value: str, interval: str
) -> None:
    setup = f"""
        create schema if not exists "own chunks";
        create table h (at {type_} not null, place text not null, n int);
        select create_hypertable('h', 'at', chunk_time_interval => {interval},
            associated_schema_name => 'own chunks', associated_table_prefix => 'Piece "x"');
        select add_dimension('h', 'place', number_partitions => 2);
        alter table h set (timescaledb.compress, timescaledb.compress_segmentby = 'place');
        insert into h select {value}, 'p' || i % 5, i from generate_series(0, 400) i
    """
    try:
        with named.case(setup) as case:
            case.run(
                COMPRESS, f"insert into h select {value}, 'é', -i from generate_series(1, 9) i"
            )
            case.run(COMPRESS.replace("c)", "c, true)"), DECOMPRESS)
            case.run(f"insert into h select {value}, 'p1', i from generate_series(900, 950) i")
            case.check()
            again = f"insert into h select {value}, 'p', 1 from generate_series(1, 3) i"
            case.run(COMPRESS, "truncate h", again)
            case.check()
    finally:
        named.everywhere('drop schema if exists "own chunks" cascade')


@pytest.mark.parametrize(
    "statements",
    [
        ("call merge_chunks('{0}', '{1}')",),
        (COMPRESS, "call merge_chunks('{0}', '{1}')"),
        ("call merge_chunks_concurrently(array['{0}', '{1}']::regclass[])",),
        ("call split_chunk('{0}', split_at => '2026-01-01 12:00'::timestamptz)",),
        (COMPRESS, "call split_chunk('{0}', split_at => '2026-01-01 12:00'::timestamptz)"),
        (
            "select move_chunk('{0}', 'pg_default', 'pg_default',"
            " reorder_index => '{schema}.h_pkey')",
        ),
        ("select reorder_chunk('{0}', '{schema}.h_pkey')",),
        ("cluster h using h_pkey", "vacuum full h"),
    ],
)
def test_rows_that_only_move_are_no_changes(named: Pairing, statements: tuple[str, ...]) -> None:
    with named.case(KEYED) as case:
        first, second, *_ = chunks(case)
        for statement in statements:
            run(case, statement.format(first, second, schema=case.schema))
        case.check()
        case.run(*MORE)
        case.check()


def test_chunks_are_dropped(named: Pairing) -> None:
    with named.case(KEYED) as case:
        case.run(COMPRESS, "select drop_chunks('h', older_than => '2026-01-03'::timestamptz)")
        case.run(LATE.format(1), *MORE[:1])
        case.check()
        run(
            case,
            f"call split_chunk('{chunks(case)[1]}', split_at => '2026-01-03 12:00'::timestamptz)",
            "select drop_chunks('h', older_than => '2026-01-03 12:00'::timestamptz)",
        )
        case.check()


@pytest.mark.parametrize(
    "statement",
    [
        "select _timescaledb_functions.recompress_chunk_segmentwise('{0}')",
        "call _timescaledb_functions.rebuild_columnstore('{0}')",
    ],
)
def test_recompression_without_marks_stops(named: Pairing, statement: str) -> None:
    with named.case(KEYED) as case:
        case.run(COMPRESS, LATE.format(1))
        case.check()
        run(case, statement.format(chunks(case)[0]))
        for error in case.stops():
            assert "without naming them" in error.title
            assert "rebuild_columnstore" in error.hint


def test_deletes_of_whole_batches_stop(compressing: Pairing) -> None:
    """Preflight has them switched off."""
    with compressing.case(KEYED) as case:
        case.run(COMPRESS)
        case.check()
        case.run("delete from h where device = 1")
        # From 2.26 on wal2json shows nothing of it: only the comparison does.
        plugins = PLUGINS if has_marks(case) else PLUGINS[:1]
        assert len(case.stops(*plugins)) == len(plugins)


def test_a_detached_chunk_takes_its_rows_along(named: Pairing) -> None:
    with named.case(KEYED) as case:
        first = chunks(case)[0]
        before = read_fingerprint(case.source)
        run(case, f"call detach_chunk('{first}')")
        case.run(LATE.format(1))
        case.check()
        said = differences(before, read_fingerprint(case.source))
        assert said == (f"chunk {first} was detached: its rows belong to no hypertable any more",)
        range_ = "jsonb_build_object('at', jsonb_build_array('2025-01-01', '2025-01-02'))"
        case.run(f"update {first} set at = at - interval '1 year'")
        case.run(f"call attach_chunk('h', '{first}', {range_})")
        for error in case.stops():
            assert f"{first} was attached to {case.schema}.h" in error.title


def test_an_attached_table_stops(named: Pairing) -> None:
    setup = KEYED + "create table p (like h including all)"
    range_ = "jsonb_build_object('at', jsonb_build_array('2027-01-01', '2027-01-02'))"
    with named.case(setup) as case:
        case.run("insert into p values ('2027-01-01 05:00', 1, 1)")
        case.check()
        run(case, f"call attach_chunk('h', 'p', {range_})")
        for error in case.stops():
            assert f"{case.schema}.p was attached" in error.title
