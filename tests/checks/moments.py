"""What is awkward for a moment: how each comes about, and what the check must say meanwhile."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import psycopg
import pytest
from awkward import SECRET
from pooling import pooler
from preflight import elsewhere, execute

from lmtui.checks.facts import Facts, Position, Setting
from lmtui.checks.host import Program
from lmtui.endpoint import Endpoint
from lmtui.hypertables.wanted import Wanted
from lmtui.plan import Plan

NOBODY = "nobody"


@dataclass(frozen=True)
class Stage:
    """Both sides, as somebody and as the superuser; `facts` changes what was read."""

    source: Endpoint
    target: Endpoint
    superuser: tuple[Endpoint, Endpoint]
    plan: Plan = field(default_factory=Plan)
    facts: Callable[[Facts], Facts] | None = None

    def other(self, side: str, **parameters: str) -> "Stage":
        """The same with other parameters of one side's endpoint."""
        return replace(self, **{side: elsewhere(getattr(self, side), **parameters)})


Happening = Callable[[Stage, pytest.MonkeyPatch], AbstractContextManager[Stage]]


class Moment(NamedTuple):
    """One awkward thing for a moment: the check that finds it, and how grave it is."""

    id: str
    severity: str
    happens: Happening
    evidence: str = ""


def _plan(**choices: Any) -> Happening:
    return lambda stage, _: nullcontext(replace(stage, plan=Plan(**choices)))


def _other(side: str, **parameters: str) -> Happening:
    return lambda stage, _: nullcontext(stage.other(side, **parameters))


def _nobody(side: str) -> Happening:
    return _other(side, user=NOBODY, password=SECRET)


def _limit(constant: str, value: object) -> Happening:
    def happen(stage: Stage, patch: pytest.MonkeyPatch) -> AbstractContextManager[Stage]:
        patch.setattr(f"lmtui.checks.{constant}", value)
        return nullcontext(stage)

    return happen


def _facts(change: Callable[[Facts], Facts], **parameters: str) -> Happening:
    return lambda stage, _: nullcontext(replace(stage.other("source", **parameters), facts=change))


def _server(side: str, **values: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, **{side: replace(facts.server(side), **values)})


def _set(side: str, **settings: str) -> Callable[[Facts], Facts]:
    """Settings as if the server had them; __ stands for a dot."""

    def change(facts: Facts) -> Facts:
        server = facts.server(side)
        told = {
            name.replace("__", "."): Setting(value, value, "postmaster", "default", "", False)
            for name, value in settings.items()
        }
        return replace(facts, **{side: replace(server, details={**server.details, **told})})

    return change


def extension(version: str) -> Callable[[Facts], Facts]:
    """As if the source had this version of TimescaleDB."""

    def change(facts: Facts) -> Facts:
        extensions = {**facts.source.extensions, "timescaledb": version}
        return replace(facts, source=replace(facts.source, extensions=extensions))

    return change


def _both(*changes: Callable[[Facts], Facts]) -> Callable[[Facts], Facts]:
    def change(facts: Facts) -> Facts:
        for one in changes:
            facts = one(facts)
        return facts

    return change


def _host(**values: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, host=replace(facts.host, **values))


def _after(side: int, *statements: str, undo: tuple[str, ...]) -> Happening:
    """Statements of the superuser, and those that take it back."""

    @contextmanager
    def happen(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
        execute(stage.superuser[side], *statements)
        try:
            yield stage
        finally:
            execute(stage.superuser[side], *undo)

    return happen


def _open(*statements: str, **patched: object) -> Happening:
    """A transaction of the same role that stays open."""

    @contextmanager
    def happen(stage: Stage, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
        for constant, value in patched.items():
            patch.setattr(f"lmtui.checks.{constant.replace('__', '.')}", value)
        with closing(psycopg.connect(stage.source.conninfo())) as session:
            for statement in statements:
                session.execute(statement)
            yield stage
            session.rollback()

    return happen


@contextmanager
def _pooled(stage: Stage, side: str) -> Iterator[Stage]:
    with pooler(getattr(stage, side)) as way:
        yield replace(stage, **{side: way})


@contextmanager
def _prepared(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with closing(psycopg.connect(stage.source.conninfo())) as session:
        session.execute("create table waits (id int)")
        session.execute("prepare transaction 'waits'")
    try:
        yield stage
    finally:
        execute(stage.source, "rollback prepared 'waits'")


@contextmanager
def _follower(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    source = stage.superuser[0]
    with closing(psycopg.connect(source.conninfo(replication="true"), autocommit=True)) as standby:
        [(_, _, lsn, _)] = standby.execute("IDENTIFY_SYSTEM").fetchall()
        standby.pgconn.send_query(f"START_REPLICATION PHYSICAL {lsn.decode()}".encode())
        while not execute(source, "select pid from pg_stat_replication where state = 'streaming'"):
            pass
        yield stage


@contextmanager
def _worker(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A process that is no client's, named as a job's worker is."""
    with closing(
        psycopg.connect(
            stage.source.conninfo(application="Tidy [1001]", replication="database"),
            autocommit=True,
        )
    ) as worker:
        worker.execute("IDENTIFY_SYSTEM")
        yield stage


@contextmanager
def _series(stage: Stage, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A table of events in a database without TimescaleDB; the limit is lowered to its size."""
    patch.setattr("lmtui.checks.hypertables.LARGE_BYTES", 1)
    plain = stage.other("source", dbname="latin")
    execute(
        plain.source,
        "create table series (at timestamptz not null)",
        "insert into series values (now())",
        "analyze series",
    )
    try:
        yield plain
    finally:
        execute(plain.source, "drop table series")


def _allowed(plugins: str) -> Happening:
    @contextmanager
    def happen(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
        reloaded(stage.superuser[0], f"alter system set output_plugin_libraries = {plugins}")
        try:
            yield stage
        finally:
            reloaded(stage.superuser[0], "alter system reset output_plugin_libraries")

    return happen


def reloaded(superuser: Endpoint, statement: str) -> None:
    """Run it, then wait until new sessions have what was reloaded."""
    before = execute(superuser, "select pg_conf_load_time()")
    execute(superuser, statement, "select pg_reload_conf()")
    while execute(superuser, "select pg_conf_load_time()") == before:
        pass


def _written(facts: Facts) -> Facts:
    """As if all of the log had been written within a second."""
    position = Position(time.monotonic() - 1, 0)
    return replace(facts, source=replace(facts.source, position=position))


def _absent(name: str) -> Program:
    return Program(name)


SERIES = Wanted(schema="public", name="series", column="at", interval="7 days")
COMMUNITY: Mapping[str, str] = {"dbname": "community"}
MOMENTS = (
    Moment("endpoints.same", "blocker",
           lambda stage, _: nullcontext(
               replace(stage, target=elsewhere(stage.source, side="target")))),
    Moment("source.primary", "blocker", _facts(_server("source", standby=True))),
    Moment("target.primary", "blocker", _facts(_server("target", standby=True))),
    Moment("source.connections", "warning", _plan(table_jobs=99), "103"),
    Moment("target.connections", "warning", _plan(table_jobs=99)),
    Moment("source.address", "warning",
           _other("source", host="ep-pooler.example", hostaddr="127.0.0.1")),
    Moment("target.address", "warning",
           _other("target", host="ep-pooler.example", hostaddr="127.0.0.1")),
    Moment("source.pooler", "blocker", lambda stage, _: _pooled(stage, "source")),
    Moment("target.pooler", "blocker", lambda stage, _: _pooled(stage, "target")),
    Moment("source.tls", "warning", _facts(_server("source", address="8.8.8.8:5432"))),
    Moment("target.tls", "warning", _facts(_server("target", address="8.8.8.8:5432"))),
    Moment("source.latency", "warning",
           _limit("address.SLOW_SECONDS", {"source": 0.0, "target": 0.0})),
    Moment("target.latency", "warning",
           _limit("address.SLOW_SECONDS", {"source": 0.0, "target": 0.0})),
    Moment("source.provider", "warning", _plan(source_provider="tiger")),
    Moment("source.version", "blocker", _facts(_server("source", version=110022))),
    Moment("target.version", "warning", _facts(_server("target", version=160000))),
    Moment("source.encoding", "blocker", _other("source", dbname="latin"), "LATIN1"),
    Moment("target.encoding", "blocker", _other("target", dbname="latin"), "LATIN1"),
    Moment("target.extensions", "blocker", _facts(
        lambda facts: replace(facts, source=replace(facts.source, extensions={"rare": "1"}))),
        "rare 1"),
    Moment("extensions.skipped", "blocker", _plan(skip_extensions=("hstore",)), "table public.bag"),
    Moment("extensions.timescaledb_version", "blocker", _facts(extension("2.18.0")), "2.18.0"),
    Moment("extensions.timescaledb_version", "blocker", _facts(extension("3.0.0")), "3.0.0"),
    Moment("target.timescaledb_preload", "blocker",
           _facts(_server("target", timescaledb_loaded=False))),
    Moment("tools.pgcopydb", "blocker", _facts(_host(pgcopydb=_absent("pgcopydb")))),
    Moment("tools.pg_dump", "blocker", _facts(_host(pg_dump=_absent("pg_dump")))),
    Moment("tools.pg_restore", "blocker", _facts(_host(pg_restore=_absent("pg_restore")))),
    Moment("tools.disk", "blocker", _facts(_host(free=0))),
    Moment("tools.memory", "warning", _facts(_host(memory=1))),
    Moment("source.replication_right", "blocker", _nobody("source")),
    Moment("source.replication_connection", "blocker",
           lambda stage, _: _pooled(stage, "source"), "unsupported startup parameter"),
    Moment("target.rights", "blocker", _nobody("target")),
    Moment("source.wal_level", "blocker", _facts(_set("source", wal_level="replica"))),
    Moment("source.slots", "blocker", _facts(_set("source", max_replication_slots="0"))),
    Moment("source.senders", "blocker", _facts(_set("source", max_wal_senders="1"))),
    Moment("source.old_snapshot_threshold", "warning",
           _facts(_set("source", old_snapshot_threshold="60"))),
    Moment("source.plugin", "blocker", _allowed("'pgoutput'"), "may not be used"),
    Moment("source.plugin.test_decoding", "info", _allowed("'pgoutput', 'wal2json'")),
    Moment("source.plugin.wal2json", "info", _allowed("'pgoutput', 'test_decoding'")),
    Moment("source.slot_creation", "warning",
           _open("create table made (id int)", probe__PATIENCE_SECONDS=0.8)),
    Moment("source.failover", "warning", _follower),
    Moment("source.wal_rate", "warning",
           _facts(_both(_set("source", max_slot_wal_keep_size="0"), _written))),
    Moment("source.locks", "warning", _facts(_server("source", tables=10**9))),
    Moment("target.locks", "warning", _facts(_server("source", indexes=10**9))),
    Moment("source.open_transactions", "warning",
           _open("create table made (id int)", activity__LONG_SECONDS=0)),
    Moment("source.prepared_transactions", "warning", _prepared, "waits"),
    Moment("source.ddl", "warning", _open("create table made (id int)")),
    Moment("source.xid_age", "warning", _limit("activity.OLD_XIDS", -1)),
    Moment("target.leftovers", "blocker",
           _after(1, "create schema lmtui", undo=("drop schema lmtui",))),
    Moment("identity.timescaledb", "warning", _facts(extension("2.11.0"))),
    Moment("timescaledb.version", "blocker", _facts(extension("2.8.1"))),
    Moment("timescaledb.license", "blocker", _facts(_both(
        _set("source", timescaledb__license="timescale"),
        _set("target", timescaledb__license="apache")), **COMMUNITY)),
    Moment("source.restoring", "blocker",
           _after(0, "select timescaledb_pre_restore()",
                  undo=("select timescaledb_post_restore()",))),
    Moment("target.restoring", "blocker",
           _after(1, "select timescaledb_pre_restore()",
                  undo=("select timescaledb_post_restore()",))),
    Moment("timescaledb.jobs", "warning", _other("source", **COMMUNITY), "1001 tidy"),
    Moment("timescaledb.jobs_running", "warning", _worker),
    Moment("timescaledb.aggregates", "blocker", _other("source", **COMMUNITY), "public.hourly"),
    Moment("timescaledb.schema", "info", _other("source", dbname="moved"), "timescaledb in ext"),
    Moment("target.timescaledb_restore", "blocker", _nobody("target")),
    Moment("target.workers", "info",
           _facts(_set("target", max_worker_processes="1"), **COMMUNITY)),
    Moment("timescaledb.compressed", "info", _other("source", **COMMUNITY), "public.metric"),
    Moment("timescaledb.compressed", "blocker", _facts(extension("2.15.0"), **COMMUNITY)),
    Moment("timescaledb.wal_markers", "blocker", _facts(
        _set("source", timescaledb__enable_compression_wal_markers="off"), **COMMUNITY)),
    Moment("timescaledb.batch_delete", "blocker", _facts(
        _set("source", timescaledb__enable_compressed_direct_batch_delete="on"), **COMMUNITY)),
    Moment("timescaledb.direct_compress", "blocker", _facts(
        _set("source", timescaledb__enable_direct_compress_copy="on"), **COMMUNITY)),
    Moment("timescaledb.chunk_status", "info", _other("source", **COMMUNITY)),
    Moment("timescaledb.removed", "blocker", _other("source", **COMMUNITY), "columnar"),
    Moment("timescaledb.tiered", "warning", _other("source", **COMMUNITY), "cold"),
    Moment("hypertables.candidates", "info", _series, "public.series"),
    Moment("hypertables.planned", "blocker", _plan(hypertables=(SERIES,)), "does not exist"),
    Moment("hypertables.target", "blocker", lambda stage, _: nullcontext(
        replace(stage, plan=Plan(hypertables=(SERIES,))).other("source", dbname="latin")
        .other("target", dbname="latin")), "has no TimescaleDB yet"),
)  # fmt: skip

# Whose remedies a test applies and checks again, beside those of the awkward database: what needs a
# restart, what is final or for a moment, settings, and what only the community edition has.
APPLIED = frozenset({
    "source.wal_level", "source.slots", "source.senders", "source.locks", "target.locks",
    "source.open_transactions", "source.slot_creation", "source.restoring", "target.restoring",
    "source.plugin", "timescaledb.wal_markers", "timescaledb.batch_delete",
    "timescaledb.direct_compress", "timescaledb.jobs", "extensions.timescaledb_version",
    "hypertables.target",
})  # fmt: skip
# Only servers older than those of the tests have the setting.
NEVER_APPLIED = frozenset({"source.old_snapshot_threshold"})

# What is never more than told: there is nothing in it that could be wrong.
TOLD = frozenset({"target.provider", "timescaledb.hypertables", "scope.migrated"})
