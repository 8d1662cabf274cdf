"""Preflight: what must hold before anything is touched.

`run_checks` reads both servers in read-only sessions, tries replication with temporary slots, and
leaves nothing behind. A check is one `Check` in the module of its topic, listed by the registry.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from msgspec.structs import replace

from lmtui.checks.check import SOURCE, TARGET
from lmtui.checks.facts import Facts, Server, read_server
from lmtui.checks.host import read_host
from lmtui.checks.plugins import AUTO, PREFERENCE, candidates
from lmtui.checks.probe import Replication, probe_replication
from lmtui.checks.registry import CHECKS
from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, UsageError
from lmtui.events import Finding
from lmtui.plan import Plan

__all__ = ["PREFERENCE", "blocking", "choose_plugin", "run_checks"]

STATEMENT_SECONDS = 30.0
LOCK_SECONDS = 2.0


def run_checks(
    source: Endpoint, target: Endpoint, *, plugin: str = AUTO, plan: Plan | None = None
) -> tuple[Finding, ...]:
    """Run every check and return the findings, in the registry's order.

    `plan` gives the other choices (jobs, extensions left out, objects dropped); `plugin` other
    than auto goes before the plan's. Raises ConnectionFailedError where a side is not reached,
    ServerError where it refuses to be looked at, UsageError for an unknown plugin.
    """
    plan = plan or Plan()
    if plugin != AUTO:
        plan = replace(plan, plugin=plugin)
    if plan.plugin not in (AUTO, *PREFERENCE):
        raise UsageError(
            f"There is no output plugin {plan.plugin}",
            hint=f"Choose {', '.join((AUTO, *PREFERENCE))}.",
        )
    # The threads end before the sessions that they use.
    with ExitStack() as sessions, ThreadPoolExecutor(2) as threads:
        connecting = [threads.submit(_connect, endpoint) for endpoint in (source, target)]
        source_session, target_session = _both(connecting, sessions)
        looking = threads.submit(_look_at_source, source, source_session, plan)
        looking_at_target = threads.submit(read_server, target_session, TARGET)
        host = read_host()
        source_server, replication = looking.result()
        facts = Facts(source_server, looking_at_target.result(), replication, host, plan)
        asking = [
            threads.submit(_ask, facts, source_session, on_target=False),
            threads.submit(_ask, facts, target_session, on_target=True),
        ]
        found = {finding.id: finding for future in asking for finding in future.result()}
    return tuple(found[check.id] for check in CHECKS if check.id in found)


def choose_plugin(findings: Iterable[Finding]) -> str:
    """The plugin to use: the first by preference that the probe found to work.

    Raises BlockedError, with the finding's words, where none does.
    """
    by_id = {finding.id: finding for finding in findings}
    for name in PREFERENCE:
        finding = by_id.get(f"source.plugin.{name}")
        if finding is not None and finding.severity == "ok":
            return name
    why = by_id.get("source.plugin")
    if why is None:
        raise BlockedError("No output plugin could be tried on the source")
    raise BlockedError(why.title, why.detail, why.remedy)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What a migration must not begin with: blockers, and checks that could not run."""
    return tuple(f for f in findings if f.severity in ("blocker", "failed"))


def _connect(endpoint: Endpoint) -> Connection:
    return connect(
        endpoint,
        read_only=True,
        statement_timeout=STATEMENT_SECONDS,
        lock_timeout=LOCK_SECONDS,
        application="lmtui check",
    )


def _both(connecting: list[Future[Connection]], sessions: ExitStack) -> list[Connection]:
    """Both sessions; where one side fails, the other is closed before that is raised."""
    opened = [future.result() for future in connecting if future.exception() is None]
    for session in opened:
        sessions.callback(session.close)
    return [future.result() for future in connecting]


def _look_at_source(
    source: Endpoint, session: Connection, plan: Plan
) -> tuple[Server, Replication]:
    server = read_server(session, SOURCE)
    if server.standby:
        return server, Replication(problem="The source is a standby.")
    return server, probe_replication(source, session, server.version, candidates(plan.plugin))


def _ask(facts: Facts, session: Connection, *, on_target: bool) -> list[Finding]:
    return [
        check(facts, session)
        for check in CHECKS
        if (check.side == TARGET) == on_target and check.applies(facts)
    ]
