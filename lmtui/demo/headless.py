"""The demonstration without keys: a migration under load to its end, proven from outside too."""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from psycopg import sql

from lmtui.clean import clean
from lmtui.cli.check import print_text
from lmtui.cli.following import Follower, exit_code, follow, pause
from lmtui.client import DetachedClient
from lmtui.control import Cutover, GoOn
from lmtui.database import Connection, connect
from lmtui.demo.scenario import DemoServers, find_scenario
from lmtui.demo.writer import Tally, Writer
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, ExitCode, LmtuiError
from lmtui.phases import Phase, Status
from lmtui.plan import Plan
from lmtui.state import State
from lmtui.workdir import WorkDirectory

CHUNK_SECONDS = 60.0


def headless(options: argparse.Namespace) -> int:
    """Run the demonstration; 0 only where every table and the writer's own count are proven."""
    scenario = find_scenario(options.scenario)
    with ExitStack() as until_done:
        work = getattr(options, "dir", None) or Path(
            until_done.enter_context(tempfile.TemporaryDirectory(prefix="lmtui-demo-work-"))
        )
        directory = WorkDirectory(work.absolute())
        if directory.exists:
            raise BlockedError(
                f"There is a migration in {directory.root}", hint="Give an empty --dir."
            )
        directory.create()
        print_text("Starting two PostgreSQL servers and filling the source ...")
        servers = until_done.enter_context(DemoServers(scenario, size=options.size))
        writer_place = until_done.enter_context(
            tempfile.TemporaryDirectory(prefix="lmtui-demo-writer-")
        )
        writer = servers.start_writer(Path(writer_place), options.rate)
        until_done.callback(writer.stop)
        print_text(f"A writer changes {options.rate:g} rows a second until it is fenced.")
        return _migrate(directory, servers, writer, options.plugin)


def _migrate(directory: WorkDirectory, servers: DemoServers, writer: Writer, plugin: str) -> int:
    source, target = servers.source, servers.target
    client = DetachedClient(directory)
    follower = Follower(0)
    client.start(source, target, Plan(plugin=plugin, snapshot_only=True))
    with connect(source, read_only=True) as watching:
        state = follow(client, follower, until=_is_held, meanwhile=pause)
        if not _is_held(state):
            return exit_code(state)
        _await_chunk(watching, "between the snapshot and the copy of its table")
        Plan(plugin=plugin).save(directory)
        client.request(GoOn())
        state = follow(client, follower, until=lambda now: now.caught_up, meanwhile=pause)
        if not state.caught_up:
            return exit_code(state)
        _await_chunk(watching, "during the replay")
    state = _cut_over(client, follower, servers)
    if not state.proven:
        return exit_code(state) or ExitCode.FAILED
    differences = _against_tally(target, writer.tally())
    for line in clean(directory, source, target):
        print_text(line)
    if differences:
        print_text("\n".join(differences))
        return ExitCode.NOT_PROVEN
    return ExitCode.DONE


def _is_held(state: State) -> bool:
    return state.phase is Phase.COPY and state.status is Status.WAITING


def _cut_over(client: DetachedClient, follower: Follower, servers: DemoServers) -> State:
    """Cut over as soon as the gates allow it."""

    def ask(state: State) -> None:
        ready = state.sample is not None and state.sample.readiness.ready
        if ready and not state.cutover.requested:
            client.request(Cutover(confirm=servers.source.database))
        pause(state)

    return follow(client, follower, until=lambda state: bool(state.cutover.given_up), meanwhile=ask)


def _await_chunk(source: Connection, when: str) -> None:
    """Wait until the writer's rows have made a chunk that was not there before."""
    before, deadline = _chunks(source), time.monotonic() + CHUNK_SECONDS
    while not (made := _chunks(source) - before):
        if time.monotonic() > deadline:
            raise LmtuiError(f"No chunk was made {when}", hint="Give a higher --rate.")
        time.sleep(0.1)
    print_text(f"New chunks {when}: {', '.join(sorted(made))}")


def _chunks(source: Connection) -> set[str]:
    rows = source.execute(
        "select chunk_schema::text || '.' || chunk_name::text from timescaledb_information.chunks"
    )
    return {name for (name,) in rows}


def _against_tally(target: Endpoint, tally: Tally) -> list[str]:
    """Compare the target's rows with what the writer says it committed; says so, too."""
    differences = []
    with connect(target, read_only=True, statement_timeout=0) as connection:
        for name, expected in sorted(tally.expected.items()):
            schema, _, table = name.partition(".")
            (count,) = connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
            ).fetchall()[0]
            if count != expected:
                differences.append(f"{name}: {count} rows, but the writer committed {expected}")
    total = sum(tally.expected.values())
    print_text(
        f"The writer ended ({tally.ended}) after {tally.transactions} transactions; "
        f"its count of {total} rows in {len(tally.expected)} tables "
        + ("is not the target's:" if differences else "is the target's.")
    )
    return differences
