"""A database with one of every awkward thing, and what each check must say of it."""

from awkward_case import Case
from awkward_servers import SERVER_CASES

KEEPER = "keeper"
SECRET = "keeper-secret"  # noqa: S105


CASES = (
    Case(
        "identity.missing",
        "blocker",
        (
            "create table keyless (line text)",
            "insert into keyless values ('a')",
            "update keyless set line = 'b'",
            "create table late (id int primary key deferrable)",
            "create table two_keys (a int not null, b bigint not null, unique (b), unique (a))",
            'create table "no one" (id int primary key)',
            'alter table "no one" replica identity nothing',
            "select pg_stat_force_next_flush()",
        ),
        "public.keyless (it has no primary key; 1 update or delete)",
    ),
    Case(
        "identity.full",
        "info",
        (
            "create table large (n int)",
            "alter table large replica identity full",
            "insert into large select generate_series(1, 100000)",
            "analyze large",
        ),
        "public.large (about 100000 rows)",
    ),
    Case(
        "identity.no_equality",
        "warning",
        ("create table papers (doc json, place point, tag text)",),
        "public.papers (doc json, place point)",
    ),
    Case(
        "identity.chunks",
        "warning",
        (
            "create table metric (at timestamptz primary key, value int)",
            "select create_hypertable('metric', 'at')",
            "insert into metric values (now(), 1)",
            # As an older TimescaleDB left it; a newer one refuses that.
            "update pg_class set relreplident = 'f' where oid in (select show_chunks('metric'))",
        ),
        "1 chunk of public.metric",
        where="+source",
    ),
    Case("source.unlogged", "warning", ("create unlogged table cache (id int primary key)",)),
    Case("source.large_objects", "warning", ("select lo_create(0)",)),
    Case(
        "source.foreign_tables",
        "warning",
        (
            "create foreign data wrapper nowhere",
            "create server far foreign data wrapper nowhere",
            "create foreign table away (id int) server far",
        ),
        "public.away",
        where="+source",
    ),
    Case(
        "source.materialized_views",
        "info",
        ("create materialized view sums as select 1 as one",),
        "public.sums",
    ),
    Case(
        "source.tablespaces",
        "info",
        (
            "set allow_in_place_tablespaces = on",
            "create tablespace elsewhere location ''",
            "create table there (id int primary key) tablespace elsewhere",
        ),
        "elsewhere (1 relation)",
        where="+source",
    ),
    Case(
        "source.partitioned",
        "info",
        (
            "create table parts (id int primary key) partition by range (id)",
            "create table part_1 partition of parts for values from (0) to (10)",
        ),
        "public.parts by RANGE (id) (1 partition)",
    ),
    Case(
        "source.inheritance",
        "info",
        (
            "create table parent (id int primary key)",
            "create table child (primary key (id)) inherits (parent)",
        ),
        "public.parent (1 child)",
    ),
    Case(
        "source.foreign_keys",
        "info",
        ("create table tree (id int primary key, above int references tree)",),
        "from public.tree to public.tree",
    ),
    Case("source.publications", "info", ("create publication readers",), "publication readers"),
    Case(
        "source.invalid",
        "warning",
        (
            "create table loose (id int primary key, n int)",
            "insert into loose values (1, 0)",
            "alter table loose add constraint positive check (n > 0) not valid",
        ),
        "positive of public.loose",
    ),
    Case(
        "source.statistics",
        "info",
        (
            "create table unknown (id int primary key)",
            "insert into unknown values (1)",
            "select pg_stat_force_next_flush()",
        ),
        "public.unknown",
    ),
    Case(
        "source.event_triggers",
        "info",
        (
            "create function noticed() returns event_trigger language plpgsql as $$ begin end $$",
            "create event trigger notice_all on ddl_command_end execute function noticed()",
        ),
        "notice_all",
        plain="warning",
        where="+source",
    ),
    Case(
        "source.generated",
        "info",
        (
            "create table squares (id int primary key,"
            " area int generated always as (id * id) stored)",
        ),
        "public.squares (area)",
    ),
    Case(
        "source.identity_columns",
        "info",
        ("create table numbered (id int generated always as identity primary key)",),
        "public.numbered (id)",
    ),
    Case(
        "source.triggers",
        "info",
        (
            "create table watched (id int primary key)",
            "create function seen() returns trigger language plpgsql as"
            " $$ begin return new; end $$",
            "create trigger ordinary before insert on watched for each row execute function seen()",
            'create trigger "Always on" before insert on watched for each row'
            " execute function seen()",
            'alter table watched enable always trigger "Always on"',
            "create trigger copies before insert on watched for each row execute function seen()",
            "alter table watched enable replica trigger copies",
        ),
        'trigger "Always on" of public.watched (ALWAYS)',
    ),
    Case(
        "source.sequences",
        "warning",
        ("create sequence short maxvalue 10", "select setval('short', 9)"),
        "public.short (90.0 %)",
    ),
    Case(
        "source.narrow_keys",
        "warning",
        (
            "create table narrow (id serial primary key)",
            "select setval('narrow_id_seq', 2000000000)",
        ),
        "public.narrow.id integer (93.1 %)",
    ),
    Case("source.collations", "info", ('create collation own (locale = "C")',), "public.own"),
    Case(
        "source.row_security",
        "ok",
        (
            "create table private (id int primary key)",
            "alter table private enable row level security",
            "alter table private force row level security",
        ),
        plain="blocker",
    ),
    Case(
        "source.read",
        "ok",
        ("create table boss_only (id int primary key)",),
        plain="blocker",
        where="+source",
    ),
    Case("source.ownership", "ok", (), plain="warning"),
    Case(
        "roles.missing",
        "info",
        ("create role seller", "grant select on boss_only to seller"),
        "seller",
        plain="warning",
        where="+source",
    ),
    Case(
        "source.database_settings",
        "info",
        ("alter database shop set work_mem = '8MB'",),
        "work_mem of the database",
    ),
    Case(
        "source.schedulers",
        "warning",
        (
            "create schema partman",
            "create table partman.part_config (parent_table text primary key)",
        ),
        "pg_partman",
    ),
    Case("source.other_tools", "warning", ("create schema pgcopydb",), "schema pgcopydb"),
    Case(
        "target.other_tools",
        "warning",
        ("create schema pgcopydb",),
        "schema pgcopydb",
        where="target",
    ),
    *SERVER_CASES,
)

# What cannot be put back, or changes nothing that a catalog shows, or is put back by other means.
FINAL = frozenset(
    {
        "identity.chunks",
        "source.leftovers",
        "source.stale_slots",
        "source.statistics",
        "source.invalid",
    }
)
