"""What the tests of the checks share."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from lmtui.checks import run_checks
from lmtui.checks.facts import Facts, read_server
from lmtui.checks.host import read_host
from lmtui.checks.probe import Replication
from lmtui.checks.render import findings_json, render
from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.events import Finding
from lmtui.plan import Plan

_LEFT_BEHIND = """
select (select array_agg(slot_name::text order by 1) from pg_replication_slots
         where not temporary),
       (select array_agg(nspname::text order by 1) from pg_namespace where nspname !~ '^pg_'),
       (select array_agg(oid::text order by 1) from pg_class where oid >= 16384)
"""


def execute(endpoint: Endpoint, *statements: str) -> list[Any]:
    """Run statements, each on its own, and return the rows of the last."""
    rows: list[Any] = []
    with closing(psycopg.connect(endpoint.conninfo(), autocommit=True)) as session:
        for statement in statements:
            cursor = session.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    return rows


def identity_form(source: Endpoint) -> str:
    """The replica identity of the table `log`, by its letter."""
    [(form,)] = execute(source, "select relreplident from pg_class where relname = 'log'")
    return str(form)


def elsewhere(endpoint: Endpoint, **parameters: str) -> Endpoint:
    """The same endpoint with other parameters; `side` may be one."""
    side = parameters.pop("side", endpoint.side)
    return Endpoint(side, {**endpoint.parameters, **parameters})


def checked(
    source: Endpoint,
    target: Endpoint,
    *,
    plugin: str = "auto",
    plan: Plan | None = None,
    only: str = "",
) -> Mapping[str, Finding]:
    """Run the checks, or one. Every run proves that nothing is left behind, no password told."""
    before = [execute(side, _LEFT_BEHIND) for side in (source, target)]
    findings = run_checks(source, target, plugin=plugin, plan=plan, only=[only] if only else ())
    assert [execute(side, _LEFT_BEHIND) for side in (source, target)] == before
    told = findings_json(findings).decode() + render(findings)
    for side in (source, target):
        assert side.parameters["password"] not in told
    return {finding.id: finding for finding in findings}


def severities(findings: Mapping[str, Finding], *severity: str) -> set[str]:
    """The ids of the findings with one of these severities."""
    return {finding.id for finding in findings.values() if finding.severity in severity}


def statements(remedy: str) -> list[str]:
    """The SQL of a remedy."""
    return [line for line in remedy.splitlines() if line.endswith(";")]


def facts_of(source: Endpoint, target: Endpoint, plan: Plan) -> Facts:
    """What both servers and this host say, without the probe of replication."""
    with (
        closing(connect(source, read_only=True)) as ours,
        closing(connect(target, read_only=True)) as theirs,
    ):
        return Facts(
            read_server(ours, source, plan.source_provider),
            read_server(theirs, target, plan.target_provider),
            Replication(),
            read_host(Path("/")),
            plan,
        )
