"""Both decoders against real servers: what they decode is what SQL reads there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import LiteralString

import pytest
from live import TYPES, Source
from psycopg import sql

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.replay.change import (
    Begin,
    Change,
    Commit,
    Delete,
    Insert,
    Message,
    Names,
    Truncate,
    Update,
    Values,
)
from lmtui.replay.decoding import decoder_for

pytestmark = pytest.mark.postgres

ODD = 'odd. schema "[x]:\\'


@pytest.fixture
def database(source_server: Endpoint) -> Iterator[Endpoint]:
    """A new, empty database."""
    with connect(source_server) as server:
        server.execute("create database decoding template template0")
    yield replace(source_server, parameters={**source_server.parameters, "dbname": "decoding"})
    with connect(source_server) as server:
        server.execute("drop database decoding with (force)")


@pytest.fixture(params=["test_decoding", "wal2json"])
def source(request: pytest.FixtureRequest, database: Endpoint) -> Iterator[Source]:
    """The new database, seen through either plugin."""
    with connect(database) as connection:
        connection.execute("set search_path = public")
        opened = Source(connection, decoder_for(request.param))
        yield opened
        opened.close()


@pytest.mark.parametrize("schema", ["public", ODD])
def test_every_type(source: Source, schema: str) -> None:
    """Also where the types' own schema has to be quoted."""
    where = sql.Identifier(schema)
    source.connection.execute(sql.SQL("create schema if not exists {}").format(where))
    source.connection.execute(sql.SQL("set search_path = {}").format(where))
    source.run("""
        create type "odd type ]:" as enum ('a "b'' ]');
        create type composite as (a integer, b text);
        create domain bytes_domain as bytea;
        create domain boolean_domain as boolean;
        create domain number_domain as numeric;
        create domain bits_domain as bit varying;
    """)
    source.run("set search_path = pg_catalog")
    wanted: list[Change] = []
    for number, (kind, values) in enumerate(TYPES.items()):
        table = sql.Identifier(schema, f"t{number}")
        name = f'a "{number}"[x]:'
        source.connection.execute(sql.SQL("set search_path = {}").format(where))
        source.connection.execute(
            sql.SQL("create table {} (id serial, {} {})").format(
                table, sql.Identifier(name), sql.SQL(kind)
            )
        )
        # Both before and after test_decoding's decoder makes a pattern of its own for a table.
        for value in (*values, "null") * (20 if len(values) < 9 else 1):
            source.connection.execute(
                sql.SQL("insert into {} ({}) values (({})::{})").format(
                    table, sql.Identifier(name), sql.SQL(value), sql.SQL(kind)
                )
            )
        source.run("set search_path = pg_catalog")
        relation = (schema, f"t{number}")
        wanted += [Insert(relation, ("id", name), row) for row in source.read(relation)]
    assert source.data() == wanted


def test_an_unchanged_toasted_value_is_left_out(source: Source) -> None:
    """Whatever its type; a toasted value that is rewritten is there."""
    source.run("""
        create table wide
            (id int primary key, n int, a text, b bytea, c numeric, d varbit, e jsonb);
        alter table wide alter a set storage external, alter b set storage external,
            alter c set storage external, alter d set storage external,
            alter e set storage external;
        insert into wide values (1, 1, repeat('x', 10000), decode(repeat('ab', 10000), 'hex'),
            repeat('9', 20000)::numeric, repeat('10', 20000)::varbit,
            jsonb_build_object('a', repeat('x', 10000)))
    """)
    for _ in range(20):
        source.run("update wide set n = n + 1")
    source.run("update wide set n = 0, a = a || ''")
    source.run("update wide set id = 2")
    first, *updates = source.data()
    wide, (row,) = ("public", "wide"), source.read(("public", "wide"))
    key = (("id",), ("1",))
    unchanged_key: tuple[Names, Values] = ((), ()) if source.plugin == "test_decoding" else key
    assert first == Insert(wide, ("id", "n", "a", "b", "c", "d", "e"), ("1", "1", *row[2:]))
    assert updates == [
        *(Update(wide, ("id", "n"), ("1", str(n)), *unchanged_key) for n in range(2, 22)),
        Update(wide, ("id", "n", "a"), ("1", "0", row[2]), *unchanged_key),
        Update(wide, ("id", "n"), ("2", "0"), *key),
    ]


def test_keys_by_replica_identity(source: Source) -> None:
    """The key that each identity gives, where it changes, where not, and in a delete."""
    source.run("""
        create table d (id int primary key, t text);
        create table i (id int primary key, u text not null, t text, unique (u));
        alter table i replica identity using index i_u_key;
        create table f (id int, t text, big text);
        alter table f replica identity full, alter big set storage external;
        insert into d values (1, 'a');
        insert into i values (1, 'k', null);
        insert into f values (1, null, repeat('x', 9000))
    """)
    source.data()
    for table in ("d", "i", "f"):
        source.connection.execute(f"update {table} set t = 'b'")
        source.connection.execute(f"update {table} set id = 2")
        source.connection.execute(f"update {table} set t = null")
        source.connection.execute(f"delete from {table}")
    source.run("update i set u = 'l'")
    text = source.plugin == "test_decoding"
    d, i, f = ("public", "d"), ("public", "i"), ("public", "f")
    id1, id2 = (("id",), ("1",)), (("id",), ("2",))
    no_key: tuple[Names, Values] = ((), ())
    u = (("u",), ("k",))
    whole, big = ("id", "t", "big"), "x" * 9000
    nulls_out = (("id", "big"), ("1", big)) if text else (whole, ("1", None, big))
    assert source.data() == [
        Update(d, ("id", "t"), ("1", "b"), *(no_key if text else id1)),
        Update(d, ("id", "t"), ("2", "b"), *id1),
        Update(d, ("id", "t"), ("2", None), *(no_key if text else id2)),
        Delete(d, *id2),
        Update(i, ("id", "u", "t"), ("1", "k", "b"), *(no_key if text else u)),
        Update(i, ("id", "u", "t"), ("2", "k", "b"), *(no_key if text else u)),
        Update(i, ("id", "u", "t"), ("2", "k", None), *(no_key if text else u)),
        Delete(i, *u),
        Update(f, ("id", "t"), ("1", "b"), *nulls_out),
        Update(f, ("id", "t"), ("2", "b"), whole, ("1", "b", big)),
        Update(f, ("id", "t"), ("2", None), whole, ("2", "b", big)),
        Delete(f, *((("id", "big"), ("2", big)) if text else (whole, ("2", None, big)))),
    ]


@pytest.mark.parametrize("identity", ["default", "nothing"])
def test_changes_without_a_replica_identity(source: Source, identity: LiteralString) -> None:
    """wal2json leaves them out of the stream; test_decoding tells of them, but not of the row."""
    key: LiteralString = "primary key" if identity == "nothing" else ""
    source.run(f"create table t (id int {key}); alter table t replica identity {identity}")
    source.run("insert into t values (1)")
    source.run("update t set id = 2")
    source.run("delete from t")
    t = ("public", "t")
    unseen = [Update(t, ("id",), ("2",), (), ()), Delete(t, (), ())]
    wanted = unseen if source.plugin == "test_decoding" else []
    assert source.data() == [Insert(t, ("id",), ("1",)), *wanted]


def test_partitions_are_named_and_bring_their_own_identity(source: Source) -> None:
    """The parent's identity is not the partition's; a row that moves is a delete and an insert."""
    source.run("""
        create table p (id int, t text) partition by range (id);
        create table p1 partition of p for values from (0) to (10);
        create table p2 partition of p for values from (10) to (20);
        alter table p replica identity full;
        alter table p2 replica identity full;
        insert into p values (1, 'a');
        update p set id = 11;
        delete from p;
        truncate p
    """)
    p1, p2, names = ("public", "p1"), ("public", "p2"), ("id", "t")
    tables = [("public", table) for table in ("p", "p1", "p2")]
    # The row's way out of the first partition is what an identity of the parent alone would lose.
    unseen: list[Change] = []
    truncates = [Truncate((table,), False, False) for table in tables]
    if source.plugin == "test_decoding":
        unseen = [Delete(p1, (), ())]
        truncates = [Truncate(tuple(tables), False, False)]
    assert source.data() == [
        Insert(p1, names, ("1", "a")),
        *unseen,
        Insert(p2, names, ("11", "a")),
        Delete(p2, names, ("11", "a")),
        *truncates,
    ]


def test_truncates(source: Source) -> None:
    """test_decoding has one change for a statement; wal2json one for each table, without flags."""
    source.run('create table "a, b" (id serial primary key)')
    source.run('create table c (id int references "a, b")')
    source.run('truncate "a, b", c restart identity cascade')
    source.run("truncate c")
    first, second = ("public", "a, b"), ("public", "c")
    if source.plugin == "test_decoding":
        together = [Truncate((first, second), True, True)]
    else:
        together = [Truncate((table,), False, False) for table in (first, second)]
    assert source.data() == [*together, Truncate((second,), False, False)]


def test_messages(source: Source) -> None:
    """What is not transactional is there before its transaction, and though it rolls back."""
    content = 'it\'s "so", sz: 3 content:é\n'
    emit: LiteralString = "select pg_logical_emit_message(%s, %s, %s)"
    with source.connection.transaction():
        source.run(emit, True, "p r", content)
        source.run(emit, False, "lmtui", "")
    assert source.changes()[0] == Message(False, "lmtui", "")
    source.run(emit, True, "p r", content)
    assert source.data() == [Message(True, "p r", content)]


def test_transactions(source: Source) -> None:
    """Commit times are right in any time zone, and empty transactions are told of."""
    source.run("set timezone = 'Asia/Kathmandu'")
    source.run("create table t (id int)")
    source.changes()
    before = datetime.now(UTC).timestamp()
    with source.connection.transaction():
        source.run("insert into t values (1)")
        (row,) = source.connection.execute("select pg_current_xact_id()::text::bigint").fetchall()
    after = datetime.now(UTC).timestamp()
    begin, insert, commit = source.changes()
    assert begin == Begin(row[0])
    assert insert == Insert(("public", "t"), ("id",), ("1",))
    assert isinstance(commit, Commit)
    assert commit.xid == row[0]
    assert before - 0.001 <= commit.at / 1e6 <= after + 0.001


def test_odd_tables(source: Source) -> None:
    """No column at all; dropped, generated and identity columns; a keyword for a name."""
    source.run("""
        create table "select" ();
        create table g (dropped int, "order" int generated always as identity, n int,
            twice int generated always as (n * 2) stored);
        alter table g drop dropped;
        insert into "select" default values;
        insert into g (n) values (4)
    """)
    assert source.data() == [
        Insert(("public", "select"), (), ()),
        Insert(("public", "g"), ("order", "n", "twice"), ("1", "4", "8")),
    ]


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
def test_another_encoding(source_server: Endpoint, plugin: str) -> None:
    """The stream is in the database's encoding, whatever the session's is."""
    with connect(source_server) as server:
        server.execute("create database latin template template0 encoding 'LATIN1' locale 'C'")
    parameters = {**source_server.parameters, "dbname": "latin"}
    try:
        with connect(replace(source_server, parameters=parameters)) as connection:
            source = Source(connection, decoder_for(plugin, "latin1"))
            source.run('create table public."é" (ü text); insert into public."é" values (\'Ä\')')
            source.run("select pg_logical_emit_message(true, 'ö', 'ß')")
            assert source.data() == [
                Insert(("public", "é"), ("ü",), ("Ä",)),
                Message(True, "ö", "ß"),
            ]
            source.close()
    finally:
        with connect(source_server) as server:
            server.execute("drop database latin with (force)")
