"""pgcopydb's arguments and environment. Pure."""

import re
from collections.abc import Mapping
from pathlib import Path

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import UsageError
from lmtui.hypertables.wanted import Wanted
from lmtui.plan import Plan

MINIMUM = (0, 18)
# Large tables are copied in parts so that one of them does not keep all others waiting.
SPLIT_BYTES = "10GB"
MIGRATION_VARIABLE = "LMTUI_MIGRATION"
_SECRETS = ("sslpassword", "oauth_client_secret")
_SERVICE = "lmtui_"
# What it takes as it is, split at the first dot, and hands on as an element of an array.
_FILTERED = re.compile(r"[\w$]+(?:[ -]+[\w$]+)*\.[\w$]+(?:[ .-]+[\w$]+)*")

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
        # Never --not-consistent, by which each table is read as it is when its turn comes (0.18).
        # A table that is vacuumed a second time makes a run that goes on fail.
        arguments += ["--resume", "--skip-vacuum"]
    return arguments


def environment(
    base: Mapping[str, str], source: Endpoint, target: Endpoint, migration: str
) -> dict[str, str]:
    """The environment of the copy: connection strings go here, never into arguments."""
    unlimited = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
    return {
        **base,
        SOURCE_VARIABLE: _uri(source, options=_with_options(source, unlimited)),
        TARGET_VARIABLE: _uri(target, options=_with_options(target, unlimited)),
        "PGCOPYDB_LOG_JSON": "on",
        MIGRATION_VARIABLE: migration,
    }


def _uri(endpoint: Endpoint, **more: str) -> str:
    """The URI that pgcopydb gets: without the secrets that it would put into pg_dump's arguments.

    Of these it takes out the password alone (measured, 0.18); the others come by `services`.
    """
    if not _secrets(endpoint):
        return endpoint.uri(**more)
    public = {n: v for n, v in endpoint.parameters.items() if n not in _SECRETS}
    return Endpoint(endpoint.side, public).uri(service=_SERVICE + endpoint.side, **more)


def _secrets(endpoint: Endpoint) -> dict[str, str]:
    return {name: endpoint.parameters[name] for name in _SECRETS if name in endpoint.parameters}


def services(source: Endpoint, target: Endpoint, own: str) -> str:
    """A connection service file (libpq) with the secrets; empty where there are none.

    `own` is the text of the operator's. Raises UsageError for secrets beside a service of theirs,
    since a connection has one service only.
    """
    sections = []
    for endpoint in (source, target):
        if secrets := _secrets(endpoint):
            if "service" in endpoint.parameters:
                raise UsageError(
                    f"The {endpoint.side} has {' and '.join(secrets)} beside a service",
                    hint="Write it into the section of the service file.",
                )
            lines = (f"{name}={value}" for name, value in secrets.items())
            sections.append("\n".join((f"[{_SERVICE}{endpoint.side}]", *lines)))
    return "\n".join((*sections, own)) if sections else ""


def _with_options(endpoint: Endpoint, more: str) -> str:
    return f"{endpoint.parameters.get('options', '')} {more}".strip()


def filters(plan: Plan) -> str:
    """The filter file's text (pgcopydb, "Filtering"), empty where nothing is filtered.

    The rows of what becomes a hypertable are not pgcopydb's to copy: see `lmtui.hypertables`.
    Raises UsageError for a name that it cannot be given.
    """
    sections = []
    if plan.skip_extensions:
        sections.append("[exclude-extension]\n" + "\n".join(plan.skip_extensions))
    left_out = [*plan.skip_table_data, *map(_left_out, plan.hypertables)]
    if left_out:
        sections.append("[exclude-table-data]\n" + "\n".join(left_out))
    return "\n\n".join(sections) + ("\n" if sections else "")


def _left_out(wanted: Wanted) -> str:
    """A table's name as the filter file takes it: never quoted, since a quote stays in it."""
    name = f"{wanted.schema}.{wanted.name}"
    if not _FILTERED.fullmatch(name) or "null" in name.lower().split("."):
        raise UsageError(
            f"{name} cannot be made a hypertable",
            detail="pgcopydb cannot be told to leave out the rows of a table of that name.",
            hint="Take it out of the tables that become hypertables, or rename it on the source.",
        )
    return name
