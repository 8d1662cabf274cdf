"""Where changes go: chunks to their hypertables, storage nowhere, and nothing unknown anywhere."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import names

from lmtui.replay.catalog import split_qualified
from lmtui.replay.change import Begin, Commit, Delete, Insert, Message, Relation, Truncate, Update
from lmtui.replay.facts import (
    CatalogFacts,
    ChunkFacts,
    HypertableFacts,
    StorageFacts,
    TableFacts,
)
from lmtui.replay.router import Router
from lmtui.replay.stops import HiddenChangeError, UnknownChunkError

INTERNAL, CATALOG = "_timescaledb_internal", "_timescaledb_catalog"
PLAIN: Relation = ("public", "orders")
METRICS: Relation = ("public", "metrics")
CUSTOM: Relation = ("app", "events")
CHUNK: Relation = (INTERNAL, "_hyper_1_1_chunk")
OWN_CHUNK: Relation = ("chunks of app", "ev_3_2_chunk")
COMPRESSED: Relation = (INTERNAL, "compress_hyper_2_9_chunk")
MATERIALIZED: Relation = (INTERNAL, "_hyper_4_8_chunk")

FACTS = CatalogFacts(
    hypertables=(
        HypertableFacts(id=1, schema="public", name="metrics", internal=False, compressed=2),
        HypertableFacts(
            id=2, schema=INTERNAL, name="_compressed_hypertable_2", internal=True
        ),
        HypertableFacts(id=3, schema="app", name="events", internal=False),
        HypertableFacts(
            id=4, schema=INTERNAL, name="_materialized_hypertable_4", internal=True
        ),
    ),
    chunks=(
        ChunkFacts(id=1, schema=CHUNK[0], name=CHUNK[1], hypertable=1),
        ChunkFacts(id=2, schema=OWN_CHUNK[0], name=OWN_CHUNK[1], hypertable=3),
        ChunkFacts(id=8, schema=MATERIALIZED[0], name=MATERIALIZED[1], hypertable=4),
        ChunkFacts(id=9, schema=COMPRESSED[0], name=COMPRESSED[1], hypertable=2),
    ),
    storage=(StorageFacts(chunk=CHUNK, compressed=COMPRESSED),),
    ignored=(("public", "a_matview"),),
)  # fmt: skip

START = Message(True, "::timescaledb-compression-start", "")
END = Message(True, "::timescaledb-compression-end", "")
INNER_START = Message(True, "::timescaledb-decompression-start", "")
INNER_END = Message(True, "::timescaledb-decompression-end", "")


@pytest.fixture
def router() -> Router:
    """A router at the beginning of a transaction."""
    router = Router(FACTS)
    router.begin(1000)
    return router


def insert(relation: Relation) -> Insert:
    return Insert(relation, ("a",), ("1",))


def update(relation: Relation) -> Update:
    return Update(relation, ("a",), ("1",), (), ())


def delete(relation: Relation) -> Delete:
    return Delete(relation, ("a",), ("1",))


def row_of_chunk(number: int, relation: Relation, hypertable: int) -> Insert:
    """A chunk's row up to TimescaleDB 2.28."""
    row = {
        "id": str(number), "hypertable_id": str(hypertable), "schema_name": relation[0],
        "table_name": relation[1], "compressed_chunk_id": None, "dropped": "f", "status": "0",
    }  # fmt: skip
    return Insert((CATALOG, "chunk"), tuple(row), tuple(row.values()))


def row_with_relid(number: int, relid: str, hypertable: int) -> Insert:
    """A chunk's row from TimescaleDB 2.29 on."""
    row = {"id": str(number), "relid": relid, "hypertable_id": str(hypertable), "status": "0"}
    return Insert((CATALOG, "chunk"), tuple(row), tuple(row.values()))


def row_of_hypertable(number: int, relation: Relation) -> Insert:
    row = {
        "id": str(number), "schema_name": relation[0], "table_name": relation[1],
        "compressed_hypertable_id": None,
    }  # fmt: skip
    return Insert((CATALOG, "hypertable"), tuple(row), tuple(row.values()))


CHANGES = (insert, update, delete)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("relation", "target"),
    [
        (PLAIN, PLAIN),
        (METRICS, METRICS),
        (CHUNK, METRICS),
        (OWN_CHUNK, CUSTOM),
        (("public", "_hyper_1_1_chunk"), ("public", "_hyper_1_1_chunk")),
        (MATERIALIZED, None),
        (("public", "a_matview"), None),
        ((INTERNAL, "bgw_job_stat"), None),
        (("_timescaledb_config", "bgw_job"), None),
        (("_timescaledb_cache", "cache_inval_extension"), None),
        ((CATALOG, "metadata"), None),
        (("lmtui", "progress"), None),
    ],
)
def test_routes(router: Router, change: type, relation: Relation, target: Relation | None) -> None:
    given_ = change(relation)
    if relation == (CATALOG, "metadata"):
        given_ = insert(relation)
    for _ in range(2):
        routed = router.route(given_)
        assert routed == (None if target is None else given_._replace(relation=target))
    if target == relation:
        assert routed is given_


def test_transactions_and_other_messages(router: Router) -> None:
    for change in (Begin(7), Commit(7, 0), Message(True, "lmtui", "drain:x")):
        assert router.route(change) is change
    assert router.route(Message(True, "application", "lmtui")) is None
    assert router.route(START) is None


@pytest.mark.parametrize(
    ("made", "relation", "target"),
    [
        (row_of_chunk(20, (INTERNAL, "_hyper_1_20_chunk"), 1), (INTERNAL, "_hyper_1_20_chunk"),
         METRICS),
        (row_of_chunk(21, ("s", "own_21_chunk"), 3), ("s", "own_21_chunk"), CUSTOM),
        (row_of_chunk(22, (INTERNAL, "_hyper_4_22_chunk"), 4), (INTERNAL, "_hyper_4_22_chunk"),
         None),
        (row_with_relid(23, f"{INTERNAL}._hyper_1_23_chunk", 1), (INTERNAL, "_hyper_1_23_chunk"),
         METRICS),
        (row_with_relid(24, '"a ""b"".c"."d.e"', 3), ('a "b".c', "d.e"), CUSTOM),
    ],
)  # fmt: skip
def test_chunk_that_the_stream_names_is_known_also_after_a_restart(
    router: Router, made: Insert, relation: Relation, target: Relation | None
) -> None:
    wanted = None if target is None else insert(target)
    assert router.route(made) is None
    assert router.route(insert(relation)) == wanted
    # A later change of its row, such as of its status, is no news.
    learned = dict(router.learned)
    router.route(Update(made.relation, made.names, made.values, ("id",), (made.values[0],)))
    assert router.learned == learned
    restarted = Router(FACTS)
    restarted.know(learned.values())
    restarted.begin(1000)
    assert restarted.route(insert(relation)) == wanted


def test_hypertable_that_the_stream_names_is_known_also_after_a_restart(router: Router) -> None:
    chunk: Relation = (INTERNAL, "_hyper_5_30_chunk")
    new: Relation = ("public", "new")
    router.route(row_of_hypertable(5, new))
    router.route(row_of_chunk(30, chunk, 5))
    assert router.route(insert(chunk)) == insert(new)
    # In whatever order it was kept.
    for learned in (list(router.learned.values()), list(reversed(router.learned.values()))):
        restarted = Router(FACTS)
        restarted.know(learned)
        restarted.begin(1000)
        assert restarted.route(insert(chunk)) == insert(new)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "relation",
    [(INTERNAL, "_hyper_1_77_chunk"), (INTERNAL, "_hyper_6_78_chunk"), ("s", "own_79_chunk")],
)
def test_row_of_an_unknown_chunk_is_never_passed_over(
    router: Router, change: type, relation: Relation
) -> None:
    """No entry names it, or the entry names a hypertable that nobody knows."""
    router.route(row_of_chunk(78, (INTERNAL, "_hyper_6_78_chunk"), 6))
    router.route(row_of_chunk(79, ("s", "own_79_chunk"), 6))
    for _ in range(2):
        with pytest.raises(UnknownChunkError, match=relation[1]):
            router.route(change(relation))


@pytest.mark.parametrize("together", [(), (PLAIN,), (METRICS, CHUNK)])
def test_truncate_of_an_unknown_chunk_stops_the_replay(
    router: Router, together: tuple[Relation, ...]
) -> None:
    """As its rows would: which hypertable loses them cannot be told."""
    unknown = (INTERNAL, "_hyper_9_77_chunk")
    for _ in range(2):
        with pytest.raises(UnknownChunkError, match="_hyper_9_77_chunk was truncated"):
            router.route(Truncate((*together, unknown), False, False))


def test_storage_movement_is_no_data(router: Router) -> None:
    assert router.route(insert(CHUNK)) == insert(METRICS)
    router.route(START)
    for change in (delete(CHUNK), insert(COMPRESSED), Truncate((CHUNK,), False, False)):
        assert router.route(change) is None
    router.route(END)
    assert router.route(delete(CHUNK)) == delete(METRICS)
    assert router.end() == []
    assert router.dropped == []


def test_nested_movement_ends_with_the_outer_one(router: Router) -> None:
    for change in (START, INNER_START, delete(COMPRESSED), insert(CHUNK), INNER_END):
        assert router.route(change) is None
    assert router.route(delete(CHUNK)) is None
    router.route(END)
    assert router.route(delete(CHUNK)) == delete(METRICS)


def test_movement_ends_with_its_transaction(router: Router) -> None:
    router.route(START)
    router.end()
    router.begin(1000)
    assert router.route(insert(CHUNK)) == insert(METRICS)


def test_end_that_was_not_begun_hides_nothing_later(router: Router) -> None:
    router.route(INNER_END)
    router.route(START)
    assert router.route(delete(CHUNK)) is None
    router.route(END)
    assert router.route(delete(CHUNK)) == delete(METRICS)


@pytest.mark.parametrize("change", CHANGES)
def test_compressed_rows_outside_of_movement_stop_the_replay(router: Router, change: type) -> None:
    with pytest.raises(HiddenChangeError, match="_hyper_1_1_chunk"):
        router.route(change(COMPRESSED))


def test_other_hypertables_are_not_moved(router: Router) -> None:
    """Movement is said for the transaction as a whole, so all of it is left out that are chunks."""
    router.route(START)
    router.route(END)
    assert router.route(insert(OWN_CHUNK)) == insert(CUSTOM)
    assert router.route(insert(PLAIN)) == insert(PLAIN)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ((PLAIN,), (PLAIN,)),
        ((PLAIN, ("public", "lines")), (PLAIN, ("public", "lines"))),
        ((METRICS, CHUNK), (METRICS,)),
        ((CHUNK, METRICS), (METRICS,)),
        ((PLAIN, METRICS, CHUNK, OWN_CHUNK, CUSTOM), (PLAIN, METRICS, CUSTOM)),
        ((METRICS, COMPRESSED, MATERIALIZED), (METRICS,)),
        ((("public", "a_matview"), (INTERNAL, "bgw_job_stat"), (CATALOG, "chunk")), None),
    ],
)
def test_truncate_of_hypertables(
    router: Router, given_: tuple[Relation, ...], kept: tuple[Relation, ...] | None
) -> None:
    """A chunk that goes with its hypertable is not told again, in whatever order they come."""
    for restart, cascade in ((False, False), (True, True)):
        router.begin(1000)
        routed = router.route(Truncate(given_, restart, cascade))
        assert routed == (None if kept is None else Truncate(kept, restart, cascade))
        assert router.end() == []
        assert router.dropped == []


def test_truncate_of_a_hypertable_in_one_message_each(router: Router) -> None:
    """As wal2json gives it."""
    assert router.route(Truncate((METRICS,), False, False)) == Truncate((METRICS,), False, False)
    assert router.route(Truncate((CHUNK,), False, False)) is None
    assert router.end() == []
    assert router.dropped == []


def test_truncate_of_a_chunk_alone_leaves_its_hypertable(router: Router) -> None:
    assert router.route(Truncate((CHUNK,), False, False)) is None
    # What it held is not known here, so the operator is told.
    assert router.end() == [".".join(CHUNK)]
    router.begin(1000)
    assert router.end() == []


def test_chunk_that_was_dropped_is_told(router: Router) -> None:
    router.route(Delete((CATALOG, "chunk"), ("id",), ("1",)))
    assert router.end() == [".".join(CHUNK)]


def test_chunk_that_was_marked_as_dropped_is_told(router: Router) -> None:
    row = row_of_chunk(1, CHUNK, 1)
    values = tuple(
        "t" if name == "dropped" else v for name, v in zip(row.names, row.values, strict=True)
    )
    router.route(Update(row.relation, row.names, values, ("id",), ("1",)))
    assert router.end() == [".".join(CHUNK)]


@pytest.mark.parametrize("number", ["8", "9", "12345"])
def test_chunk_that_holds_no_data_goes_silently(router: Router, number: str) -> None:
    router.route(Delete((CATALOG, "chunk"), ("id",), (number,)))
    assert router.end() == []


@given(names, names, st.booleans())
def test_qualified_names_are_split_as_they_were_quoted(
    schema: str, table: str, always: bool
) -> None:
    """As quote_qualified_identifier prints them."""

    def quote(name: str) -> str:
        plain = name.isascii() and name.isidentifier() and name == name.lower()
        return name if plain and not always else '"' + name.replace('"', '""') + '"'

    assert split_qualified(f"{quote(schema)}.{quote(table)}") == (schema, table)


@pytest.mark.parametrize("text", [None, "", "16385", "name_without_schema"])
def test_what_is_no_qualified_name(text: str | None) -> None:
    """A relation that is gone already prints as its number."""
    assert split_qualified(text) is None


def test_a_batch_deleted_as_nothing_stops_where_such_rows_are_not_shown() -> None:
    """As wal2json has it up to TimescaleDB 2.25."""
    silent, telling = Router(FACTS, shows_keyless=False), Router(FACTS)
    for router in (silent, telling):
        router.begin(1000)
        # A chunk that holds nothing is decompressed.
        for change in (INNER_START, row_of_chunk(1, CHUNK, 1), INNER_END):
            assert router.route(change) is None
        for change in (INNER_START, insert(CHUNK), INNER_END, INNER_START):
            assert router.route(change) is None
    assert telling.route(INNER_END) is None
    with pytest.raises(HiddenChangeError, match="compressed rows without naming"):
        silent.route(INNER_END)


@pytest.mark.parametrize("relation", [PLAIN, CHUNK])
def test_a_table_that_is_attached_stops(relation: Relation) -> None:
    """Its rows are in no stream, be it a table of users or a chunk that was detached."""
    tables = (TableFacts(schema=PLAIN[0], name=PLAIN[1]),)
    router = Router(msgspec.structs.replace(FACTS, tables=tables))
    router.begin(1000)
    with pytest.raises(HiddenChangeError, match=r"was attached to app\.events"):
        router.route(row_of_chunk(77, relation, 3))
