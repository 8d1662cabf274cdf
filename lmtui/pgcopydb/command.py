"""pgcopydb's arguments and environment. Pure."""

import re
from collections.abc import Mapping
from pathlib import Path

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.plan import Plan

MINIMUM = (0, 18)
# Large tables are copied in parts so that one of them does not keep all others waiting.
SPLIT_BYTES = "10GB"
MIGRATION_VARIABLE = "LMTUI_MIGRATION"

_VERSION = re.compile(r"pgcopydb(?: version)? (\d+)\.(\d+)")


def parse_version(output: str) -> tuple[int, int] | None:
    """The version that `pgcopydb --version` prints."""
    found = _VERSION.search(output)
    return (int(found[1]), int(found[2])) if found else None


def clone(
    plan: Plan, directory: Path, snapshot: str, *, as_owner: bool, filters: Path | None,
    resume: bool,
) -> list[str]:  # fmt: skip
    """The arguments of the initial copy.

    `as_owner` keeps owners and privileges, which takes a role that may become any other. The
    TimescaleDB extension is never skipped: its catalog is what makes hypertables (measured).
    """
    arguments = [
        "pgcopydb", "clone",
        "--dir", str(directory),
        "--snapshot", snapshot,
        "--table-jobs", str(plan.table_jobs),
        "--index-jobs", str(plan.index_jobs),
        "--split-tables-larger-than", SPLIT_BYTES,
        "--skip-db-properties",
        "--fail-fast",
        "--notice",
    ]  # fmt: skip
    if not as_owner:
        arguments += ["--no-owner", "--no-acl", "--skip-ext-comments"]
    if plan.drop_if_exists:
        arguments.append("--drop-if-exists")
    if filters is not None:
        arguments += ["--filters", str(filters)]
    if resume:
        arguments += ["--resume"]
    return arguments


def environment(
    base: Mapping[str, str], source: Endpoint, target: Endpoint, migration: str
) -> dict[str, str]:
    """The environment of the copy: connection strings go here, never into arguments."""
    unlimited = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
    return {
        **base,
        SOURCE_VARIABLE: source.uri(options=_with_options(source, unlimited)),
        TARGET_VARIABLE: target.uri(options=_with_options(target, unlimited)),
        "PGCOPYDB_LOG_JSON": "on",
        MIGRATION_VARIABLE: migration,
    }


def _with_options(endpoint: Endpoint, more: str) -> str:
    return f"{endpoint.parameters.get('options', '')} {more}".strip()


def filters(plan: Plan) -> str:
    """The filter file's text (pgcopydb, "Filtering"), empty where nothing is filtered."""
    sections = []
    if plan.skip_extensions:
        sections.append("[exclude-extension]\n" + "\n".join(plan.skip_extensions))
    if plan.skip_table_data:
        sections.append("[exclude-table-data]\n" + "\n".join(plan.skip_table_data))
    return "\n\n".join(sections) + ("\n" if sections else "")
