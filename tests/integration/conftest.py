"""Two servers for whole migrations, a database of the demonstration on each, and their user."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import PASSWORD, SECRET, CommandLine, execute, one, soon
from psycopg import sql

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database, seed
from lmtui.demo.writer import Writer
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError

SIZE = 0.05
RATE = 1000.0
TEMPLATE = "shop_template"
SETTINGS = {"max_prepared_transactions": "5", "max_replication_slots": "20"}


@dataclass(frozen=True)
class Servers:
    """Both clusters; `application` is the ordinary role that writes to the source."""

    source: Cluster
    target: Cluster
    application: Endpoint


def operator(cluster: Cluster, database: str, side: str) -> Endpoint:
    """The operator's connection."""
    return Endpoint(
        side,
        {**cluster.endpoint(database, side).parameters, "user": "operator", "password": PASSWORD},
    )


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """A source with a database to be copied for each test, and a target."""
    with ExitStack() as until_end:
        # Not below pytest's own directory: the path of a socket must be short.
        root = Path(until_end.enter_context(tempfile.TemporaryDirectory(prefix="lmtui-it-")))
        try:
            source = until_end.enter_context(Cluster(root / "source", settings=SETTINGS))
            target = until_end.enter_context(Cluster(root / "target", settings=SETTINGS))
        except LmtuiError as error:
            if os.environ.get("LMTUI_LAB") == "1":
                raise
            pytest.skip(str(error))
        for cluster in (source, target):
            with connect(cluster.endpoint("postgres")) as connection:
                connection.execute(
                    sql.SQL("create role operator superuser login password {}").format(
                        sql.Literal(PASSWORD)
                    )
                )
        template = create_database(source.endpoint("postgres"), TEMPLATE, timescaledb=True)
        application = seed(template, SIZE)
        # A database is a template only where nobody is in it, TimescaleDB's own workers included.
        execute(
            source.endpoint("postgres"),
            f"alter database {TEMPLATE} allow_connections false",
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            f" where datname = '{TEMPLATE}'",
        )
        yield Servers(source, target, application)


@pytest.fixture
def shop(servers: Servers, tmp_path: Path) -> Iterator[CommandLine]:
    """A migration that may begin: a filled source, an empty target. No secret is ever told."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    # Copied by way of the log, a sequence would fall back behind its own values at a crash.
    execute(
        servers.source.endpoint("postgres"),
        f"create database {name} template {TEMPLATE} strategy file_copy",
    )
    yield from _migration(servers, tmp_path, name)


@pytest.fixture
def bare(servers: Servers, tmp_path: Path) -> Iterator[CommandLine]:
    """The same with an empty source."""
    name = f"bare_{uuid.uuid4().hex[:8]}"
    create_database(servers.source.endpoint("postgres"), name, timescaledb=True)
    yield from _migration(servers, tmp_path, name)


def _migration(servers: Servers, tmp_path: Path, name: str) -> Iterator[CommandLine]:
    create_database(servers.target.endpoint("postgres"), name, timescaledb=True)
    command_line = CommandLine(
        tmp_path / "work",
        operator(servers.source, name, "source"),
        operator(servers.target, name, "target"),
    )
    try:
        yield command_line
        told = [path.name for path in command_line.files() if SECRET.encode() in path.read_bytes()]
        assert not told
        assert SECRET not in "".join(command_line.said)
    finally:
        command_line.leave()
        drop(servers, name)


def drop(servers: Servers, name: str) -> None:
    """Drop a database on both servers, and its slots."""
    # What was killed last may still recover.
    for cluster in (servers.source, servers.target):
        soon(lambda cluster=cluster: one(cluster.endpoint("postgres"), "select true"))
    with connect(servers.source.endpoint(name)) as connection:
        for (gid,) in connection.execute(
            "select gid from pg_prepared_xacts where database = current_database()"
        ).fetchall():
            connection.execute(sql.SQL("rollback prepared {}").format(sql.Literal(gid)))
    with connect(servers.source.endpoint("postgres"), statement_timeout=0) as connection:
        connection.execute(
            "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots"
            " where database = %s and active",
            (name,),
        )
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
            " where database = %s",
            (name,),
        )
    for cluster in (servers.source, servers.target):
        execute(cluster.endpoint("postgres"), f"drop database {name} with (force)")


@pytest.fixture
def writer(servers: Servers, shop: CommandLine, tmp_path: Path) -> Iterator[Writer]:
    """A writer on the source, until it is fenced or stopped."""
    application = Endpoint(
        "source", {**servers.application.parameters, "dbname": shop.source.database}
    )
    directory = tmp_path / "writer"
    directory.mkdir()
    started = Writer.start(application, directory, source=shop.source, rate=RATE)
    yield started
    if started.running:
        started.stop()
