"""Where a command works: its directory and its two servers."""

import argparse
import os
from pathlib import Path

from msgspec.structs import replace

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import NoMigrationError, UsageError
from lmtui.hypertables.wanted import Wanted
from lmtui.journal import Reader
from lmtui.plan import Plan
from lmtui.same_servers import refuse_other_servers
from lmtui.state import State
from lmtui.workdir import WorkDirectory, default_directory


def directory_of(options: argparse.Namespace) -> WorkDirectory:
    """The work directory, which need not exist. Raises UsageError where it is of no use."""
    given = getattr(options, "dir", None)
    root = (given or default_directory(os.environ)).absolute()
    if os.access(root, os.F_OK) and not (root.is_dir() and os.access(root, os.R_OK | os.X_OK)):
        raise UsageError(
            f"The work directory {root} cannot be used",
            detail="Permission denied" if root.is_dir() else "It is not a directory",
            hint="Give another one with --dir, or set PGCOPYDB_DIR.",
        )
    return WorkDirectory(root)


def existing(options: argparse.Namespace) -> tuple[WorkDirectory, State]:
    """The work directory of a migration, and its state. Raises NoMigrationError."""
    directory = directory_of(options)
    if not directory.exists:
        raise NoMigrationError(
            f"There is no migration in {directory.root}",
            hint="Give its directory with --dir, or begin one with lmtui migrate.",
        )
    return directory, Reader(directory).poll()


def endpoints_of(options: argparse.Namespace) -> tuple[Endpoint, Endpoint]:
    """Source and target. Raises UsageError where one is missing or cannot be read."""
    source = getattr(options, "source", None) or os.environ.get(SOURCE_VARIABLE, "")
    target = getattr(options, "target", None) or os.environ.get(TARGET_VARIABLE, "")
    return Endpoint.parse("source", source), Endpoint.parse("target", target)


def plan_of(options: argparse.Namespace) -> Plan:
    """What the flags that preflight judges a migration by say.

    Raises UsageError where the file of --hypertables cannot be taken.
    """
    plan = Plan(
        plugin=options.plugin,
        table_jobs=options.table_jobs,
        index_jobs=options.index_jobs,
        skip_roles=options.skip_roles,
        skip_extensions=tuple(options.skip_extensions),
        skip_table_data=tuple(options.skip_table_data),
        inserts_only=tuple(options.inserts_only),
        drop_if_exists=options.drop_if_exists,
        hypertables=_hypertables_of(options.hypertables),
    )
    return replace(plan, **providers_of(options))


def _hypertables_of(file: Path | None) -> tuple[Wanted, ...]:
    if file is None:
        return ()
    # Imported here: the wizard needs none of it, and is to be on the screen at once.
    from lmtui.hypertables.plan_file import read

    return read(file)


def providers_of(options: argparse.Namespace) -> dict[str, str]:
    """The services that the operator says the servers are of; empty to recognise them."""
    names = ("source_provider", "target_provider")
    return {name: getattr(options, name, "") for name in names}


def same_endpoints(options: argparse.Namespace, state: State) -> tuple[Endpoint, Endpoint]:
    """Source and target, refused where they are not those of the migration."""
    source, target = endpoints_of(options)
    refuse_other_servers(state.endpoints, source, target)
    return source, target
