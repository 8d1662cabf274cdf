"""The inventory names what differs, once, in words."""

import pytest

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.validation.inventory import Item, in_words, inventory_differences

Pair = tuple[Endpoint, Endpoint]

SCHEMA = """
    create type mood as enum ('sad', 'happy');
    create domain positive as int not null check (value > 0);
    create type pair as (a int, b text);
    create table parent (id bigint generated always as identity primary key, m mood default 'sad');
    create table child (id serial, parent bigint references parent, n positive, x numeric(5,2),
                        y int generated always as (id * 2) stored, check (x > 0));
    create index child_x on child (x) where x > 1;
    create view v as select id, x from child;
    create materialized view mv as select count(*) from child;
    create function f(int) returns int language sql as 'select $1';
    create procedure p() language plpgsql as 'begin end';
    create aggregate a(int) (sfunc = int4pl, stype = int);
    create function t() returns trigger language plpgsql as 'begin return new; end';
    create trigger tr before insert on child for each row execute function t();
    create table parts (k int) partition by list (k);
    create table parts1 partition of parts for values in (1);
    create unlogged table cache (a int);
    create sequence standalone increment 2;
"""


def execute(endpoint: Endpoint, statement: str) -> None:
    with connect(endpoint) as connection:
        connection.execute("set search_path = public")
        connection.execute(statement)


@pytest.mark.postgres
def test_two_databases_of_one_schema_do_not_differ(fresh_databases: Pair) -> None:
    for endpoint in fresh_databases:
        execute(endpoint, SCHEMA)
    assert inventory_differences(*fresh_databases) == ()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("alter type mood add value 'calm'",
         "enum public.mood: 'sad', 'happy' on the source, 'sad', 'happy', 'calm' on the target"),
        ("alter table child alter n type int",
         "column public.child.n: public.positive on the source, integer on the target"),
        ("alter table parent alter m drop default",
         "column public.parent.m: public.mood default 'sad'::public.mood on the source, "
         "public.mood on the target"),
        ("alter table parent alter m set not null",
         "column public.parent.m: public.mood default 'sad'::public.mood on the source, "
         "public.mood not null default 'sad'::public.mood on the target"),
        ("drop index child_x", "index public.child_x: missing on the target"),
        ("create index more on child (id)", "index public.more: only on the target"),
        ("alter table child drop constraint child_x_check",
         "constraint child_x_check on public.child: missing on the target"),
        ("alter table child disable trigger tr",
         "trigger tr on public.child: CREATE TRIGGER tr BEFORE INSERT ON public.child FOR EACH ROW "
         "EXECUTE FUNCTION public.t() on the source, CREATE TRIGGER tr BEFORE INSERT ON "
         "public.child FOR EACH ROW EXECUTE FUNCTION public.t() (disabled) on the target"),
        ("create or replace view v as select id, x from child where x > 1",
         "view public.v: defined differently"),
        ("create or replace function f(int) returns int language sql as 'select $1 + 1'",
         "function public.f(integer): defined differently"),
        ("drop procedure p()", "procedure public.p(): missing on the target"),
        ("drop aggregate a(int)", "aggregate public.a(integer): missing on the target"),
        ("drop sequence standalone", "sequence public.standalone: missing on the target"),
        ("alter table cache set logged",
         "public.cache: unlogged table on the source, table on the target"),
        ("drop table parts", "partitioned table public.parts: missing on the target"),
        ("alter domain positive drop constraint positive_check",
         "domain public.positive: integer not null CHECK ((VALUE > 0)) on the source, "
         "integer not null on the target"),
        ("alter type pair add attribute c int",
         "composite type public.pair: a integer, b text on the source, "
         "a integer, b text, c integer on the target"),
    ],
)  # fmt: skip
def test_a_difference_is_named(fresh_databases: Pair, change: str, words: str) -> None:
    for endpoint in fresh_databases:
        execute(endpoint, SCHEMA)
    execute(fresh_databases[1], change)
    assert words in inventory_differences(*fresh_databases)


def test_parts_of_a_missing_table_go_without_saying() -> None:
    table = Item("table", "public.t", "public.t", "")
    column = Item("column", "public.t.a", "public.t", "integer")
    index = Item("index", "public.i", "public.t", "")
    side = {("relation", table.name): table, ("column", column.name): column}
    assert in_words({**side, ("index", "public.i"): index}, {}) == (
        "table public.t: missing on the target",
    )
    assert in_words({}, side) == ("table public.t: only on the target",)


def test_long_definitions_are_only_said_to_differ() -> None:
    ours, theirs = (Item("index", "public.i", "public.t", text * 200) for text in "xy")
    key = ("index", "public.i")
    assert in_words({key: ours}, {key: theirs}) == ("index public.i: defined differently",)


@pytest.mark.postgres
def test_rows_that_an_extension_keeps_are_counted_by_name(fresh_databases: Pair) -> None:
    """As those of pg_cron: its jobs are a table of its own, which is dumped with its rows."""
    for endpoint in fresh_databases:
        execute(endpoint, "create extension citext schema public")
        execute(endpoint, "create schema cron")
        execute(endpoint, "create table cron.job (id int, own boolean)")
        execute(endpoint, "alter extension citext add table cron.job")
        execute(
            endpoint,
            "update pg_extension set extconfig = array['cron.job'::regclass::oid],"
            " extcondition = array['where not own'] where extname = 'citext'",
        )
    execute(fresh_databases[0], "insert into cron.job values (1, false), (2, false), (3, true)")
    assert inventory_differences(*fresh_databases) == (
        "rows of cron.job (extension citext): 2 on the source, 0 on the target",
    )
    execute(fresh_databases[1], "drop extension citext cascade")
    assert "rows of cron.job (extension citext): missing on the target" in inventory_differences(
        *fresh_databases
    )


def test_a_job_that_is_paused_though_it_was_not_is_named() -> None:
    def side(told: str) -> dict[tuple[str, str], Item]:
        job = Item("schedule", "of job 1000 (policy_retention)", "", told)
        return {(job.kind, job.name): job}

    assert in_words(side("active"), side("active")) == ()
    assert in_words(side("active"), side("paused")) == (
        "schedule of job 1000 (policy_retention): active on the source, paused on the target",
    )


def test_what_makes_a_hypertable_of_a_plain_table_is_expected_where_it_was_wanted() -> None:
    name = '"S".t'
    source = (
        Item("table", name, name, ""),
        Item("column", f"{name}.at", name, "timestamp with time zone"),
        Item("column", f"{name}.v", name, "integer"),
        Item("index", '"S".i', name, "one"),
    )
    target = (
        Item("hypertable", name, name, ""),
        Item("column", f"{name}.at", name, "timestamp with time zone not null"),
        Item("column", f"{name}.v", name, "bigint not null"),
        Item("index", '"S".i', name, "other"),
        Item("dimension", f"1 of {name}", name, "at"),
    )
    sides = [
        {("relation" if one is side[0] else one.kind, one.name): one for one in side}
        for side in (source, target)
    ]
    made = in_words(*sides, [("S", "t")])
    assert [words.endswith("(expected: it was to become a hypertable)") for words in made] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert not any("expected" in words for words in in_words(*sides, [("public", "t")]))
