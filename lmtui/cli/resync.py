"""lmtui resync: tables copied anew, while replay goes on for the others."""

import argparse
from contextlib import closing
from difflib import get_close_matches

from lmtui.cli.check import print_text
from lmtui.cli.cutover import accepted
from lmtui.cli.following import pause
from lmtui.cli.migrate import resume
from lmtui.cli.place import existing, same_endpoints
from lmtui.client import DetachedClient
from lmtui.control import Resync
from lmtui.database import connect, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, ExitCode, LmtuiError, UsageError
from lmtui.events import Noted, ResyncFailed, TablesSynchronised
from lmtui.narration import event_line
from lmtui.phases import Phase
from lmtui.plan import Plan
from lmtui.replay.change import Relation
from lmtui.replay.facts import read_facts
from lmtui.replay.point_rows import write_points
from lmtui.tablesync.asked import read_children
from lmtui.tablesync.units import leaves

_REPLAYING = (Phase.CATCH_UP, Phase.REPLICATE)


def resync(options: argparse.Namespace) -> int:
    """Copy tables anew, and wait until replay has them back."""
    directory, state = existing(options)
    source, target = same_endpoints(options, state)
    if state.phase not in _REPLAYING:
        raise BlockedError(
            "Tables cannot be copied anew now",
            detail=f"The migration is in the phase {state.phase.value}.",
            hint="That is possible while replay runs, and where it has stopped at a change.",
        )
    skipped = Plan.load(directory).skip_table_data
    tables = named_tables(source, options.tables, skipped)
    client = DetachedClient(directory)
    before = client.poll()
    if not client.alive():
        with (
            closing(connect(target, autocommit=False, lock_timeout=30)) as connection,
            said_plainly("The target refused the synchronisation points"),
        ):
            # The supervisor finds them, and replay passes over what it has stopped at.
            write_points(connection, state.slot, tables, "copying")
            connection.commit()
        options.detach = True
        resume(options)
    else:
        accepted(client.request(Resync(tables=tables)))
    if options.no_wait:
        print_text("The copy runs in the background; lmtui status shows it.")
        return ExitCode.DONE
    return _await(client, before.seq, frozenset(tables))


def _await(client: DetachedClient, seq: int, tables: frozenset[Relation]) -> int:
    """Wait until all of them are whole again. Raises LmtuiError with the reason where not."""
    left = set(tables)
    while True:
        state = client.poll()
        for record in (one for one in state.recent if one.seq > seq):
            seq, event = record.seq, record.event
            if isinstance(event, Noted):
                print_text(event.text)
            if isinstance(event, TablesSynchronised):
                print_text(event_line(event))
                left -= {*event.tables}
            if isinstance(event, ResyncFailed):
                problem = event.problem
                raise LmtuiError(problem.title, problem.detail, problem.hint)
        if not left:
            return ExitCode.DONE
        if not client.alive():
            problem_ = state.problem
            raise LmtuiError(
                problem_.title if problem_ else "The supervisor has ended",
                problem_.detail if problem_ else "",
                "The copy goes on with the migration: lmtui resume.",
            )
        pause(state)


def named_tables(
    source: Endpoint, names: list[str], skipped: tuple[str, ...] = ()
) -> tuple[Relation, ...]:
    """The tables by these names, a partitioned one as its partitions.

    Raises UsageError for one that is not there, or a chunk; ConnectionFailedError.
    """
    with (
        closing(connect(source, read_only=True, statement_timeout=0)) as connection,
        said_plainly("The source's tables cannot be read"),
    ):
        facts = read_facts(connection)
        children = read_children(connection)
    chunks = {(one.schema, one.name): one.hypertable for one in facts.chunks}
    roots = {one.id: f"{one.schema}.{one.name}" for one in facts.hypertables}
    known = {(one.schema, one.name) for one in facts.tables} - chunks.keys()
    found: list[Relation] = []
    for name in names:
        schema, _, table = name.rpartition(".")
        relation = (schema or "public", table)
        if relation in chunks:
            raise UsageError(
                f"{name} is a chunk of {roots.get(chunks[relation], 'a hypertable')}",
                hint="Name the hypertable: all of it is copied.",
            )
        if ".".join(relation) in skipped:
            raise UsageError(f"{name} is left out of the migration by choice")
        if relation not in known:
            near = get_close_matches(".".join(relation), [".".join(one) for one in known], 3, 0.6)
            raise UsageError(
                f"The source has no table {name}",
                hint=f"Is it {' or '.join(near)}?" if near else "Tables are named schema.table.",
            )
        found += [leaf for leaf in leaves(relation, children) if leaf not in found]
    return tuple(found)
