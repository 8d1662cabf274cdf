"""What is awkward about the servers, the target and TimescaleDB."""

from awkward_case import Case

SERVER_CASES = (
    Case(
        "source.leftovers",
        "warning",
        ("select pg_create_logical_replication_slot('lmtui_old', 'test_decoding')",),
        "lmtui_old",
    ),
    Case(
        "source.stale_slots",
        "info",
        ("select pg_create_physical_replication_slot('forgotten')",),
        "forgotten",
    ),
    Case(
        "source.timeouts",
        "warning",
        ("alter database shop set lock_timeout = '90s'",),
        "lock_timeout is 90000 ms",
        where="+source",
    ),
    Case(
        "target.timeouts",
        "warning",
        ("alter database shop set idle_session_timeout = '1h'",),
        "idle_session_timeout is 1h",
        where="+target",
    ),
    Case(
        "source.slot_retention",
        "warning",
        ("alter system set max_slot_wal_keep_size = '64MB'", "select pg_reload_conf()"),
        "max_slot_wal_keep_size is 64MB",
        where="+source",
    ),
    Case(
        "source.wal_sender_timeout",
        "warning",
        ("alter system set wal_sender_timeout = '10s'", "select pg_reload_conf()"),
        "wal_sender_timeout is 10s",
        where="+source",
    ),
    Case(
        "source.decoding_memory",
        "info",
        ("alter system set logical_decoding_work_mem = '1MB'", "select pg_reload_conf()"),
        "logical_decoding_work_mem is 1MB",
        where="+source",
    ),
    Case("target.settings", "info", (), "max_wal_size"),
    Case(
        "target.read_only",
        "warning",
        ("alter database shop set default_transaction_read_only = on",),
        where="+target",
    ),
    Case(
        "target.event_triggers",
        "warning",
        (
            "create schema watch",
            "create function watch.noticed() returns event_trigger language plpgsql as"
            " $$ begin end $$",
            "create event trigger notice_all on ddl_command_end execute function watch.noticed()",
        ),
        "notice_all",
        where="+target",
    ),
    Case("target.empty", "blocker", (), "function watch.noticed"),
    Case("database.locale", "warning", (), "the target has C, C"),
    Case(
        "extensions.versions",
        "info",
        (
            "create extension hstore version '1.7'",
            "create table bags (id int primary key, bag hstore)",
        ),
        "hstore 1.7 here, 1.8 there",
    ),
    Case(
        "extensions.rights",
        "ok",
        ("create extension pageinspect",),
        plain="blocker",
        where="+source",
    ),
    Case(
        "timescaledb.custom_names",
        "info",
        (
            "create schema pieces",
            "create table apart (at timestamptz primary key)",
            "select create_hypertable('apart', 'at', associated_schema_name => 'pieces')",
            "insert into apart values (now())",
        ),
        "public.apart",
    ),
    Case(
        "timescaledb.user_objects",
        "warning",
        ("create table _timescaledb_internal.mine (id int primary key)",),
        "_timescaledb_internal.mine",
        where="+source",
    ),
    Case("target.replication_role", "ok", (), plain="blocker"),
    Case("target.timescaledb_restore", "ok", (), plain="blocker"),
    Case("scope.left_out", "info", ()),
    Case("scope.migrated", "ok", (), "in tables"),
    Case("source.size", "info", ()),
)
