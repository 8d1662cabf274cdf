"""Preflight: what must hold before anything is touched.

`run_checks` reads both servers in read-only sessions, tries replication with temporary slots, and
leaves nothing behind. A check is one `Check` in the module of its topic, listed by the registry.
"""

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from msgspec.structs import replace

from lmtui.checks.check import HOST, TARGET, Check
from lmtui.checks.facts import Facts, Server, read_server
from lmtui.checks.host import read_host
from lmtui.checks.plugins import AUTO, PREFERENCE, candidates
from lmtui.checks.probe import Replication, probe_replication
from lmtui.checks.providers import PROVIDERS
from lmtui.checks.registry import chosen
from lmtui.database import Connection, connect
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, ConnectionFailedError, UsageError
from lmtui.events import Finding
from lmtui.ledger import Ledger
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory, default_directory

__all__ = ["PREFERENCE", "blocking", "brief", "choose_plugin", "run_checks"]

# No session of a check may hold a transaction on a busy source for longer.
STATEMENT_SECONDS = 5.0
LOCK_SECONDS = 2.0
# Sessions that ask at the same time, on each side; one does where there is no room for more.
SESSIONS = 2


def run_checks(
    source: Endpoint,
    target: Endpoint,
    *,
    plugin: str = AUTO,
    plan: Plan | None = None,
    only: Iterable[str] = (),
    directory: Path | None = None,
) -> tuple[Finding, ...]:
    """Run every check, or those of the ids and topics `only`; returns findings in their order.

    `plan` gives the other choices (jobs, extensions left out, objects dropped, providers); `plugin`
    other than auto goes before the plan's. `directory` is the work directory. Raises
    ConnectionFailedError
    where a side is not reached, ServerError where it refuses to be looked at, UsageError for an
    unknown name.
    """
    plan = plan or Plan()
    if plugin != AUTO:
        plan = replace(plan, plugin=plugin)
    if plan.plugin not in (AUTO, *PREFERENCE):
        raise UsageError(
            f"There is no output plugin {plan.plugin}",
            hint=f"Choose {', '.join((AUTO, *PREFERENCE))}.",
        )
    checks = chosen(only)
    _refuse_unknown_providers(plan)
    # The threads end before the sessions that they use.
    with ExitStack() as sessions, ThreadPoolExecutor(2 * SESSIONS) as threads:
        connecting = [threads.submit(_connect, endpoint) for endpoint in (source, target)]
        source_session, target_session = _both(connecting, sessions)
        probe = any(check.probe for check in checks)
        looking = threads.submit(_look_at_source, source, source_session, plan, probe=probe)
        looking_at_target = threads.submit(
            read_server, target_session, target, plan.target_provider
        )
        place = (directory or default_directory(os.environ)).absolute()
        host = read_host(place, programs=any(check.side == HOST for check in checks))
        changes = tuple(Ledger(WorkDirectory(place)).open_entries())
        source_server, replication = looking.result()
        facts = Facts(source_server, looking_at_target.result(), replication, host, plan, changes)
        asked = [check for check in checks if check.applies(facts)]
        of_target = sum(check.side == TARGET for check in asked)
        pools = {
            side: _pool(endpoint, session, sessions, number)
            for side, endpoint, session, number in (
                (False, source, source_session, len(asked) - of_target),
                (True, target, target_session, of_target),
            )
        }
        asking = [
            threads.submit(_ask, check, facts, pools[check.side == TARGET]) for check in asked
        ]
        return tuple(future.result() for future in asking)


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


def brief(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as a journal keeps them: without the remedies to apply, which may be many."""
    return tuple(replace(finding, fixes=()) for finding in findings)


def _refuse_unknown_providers(plan: Plan) -> None:
    for name in (plan.source_provider, plan.target_provider):
        if name and name not in PROVIDERS:
            raise UsageError(
                f"There is no provider {name}", hint=f"Choose one of {', '.join(PROVIDERS)}."
            )


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


def _pool(
    endpoint: Endpoint, session: Connection, sessions: ExitStack, checks: int
) -> "SimpleQueue[Connection]":
    """The side's sessions that are free to ask so many checks."""
    pool: SimpleQueue[Connection] = SimpleQueue()
    pool.put(session)
    for _ in range(min(SESSIONS, checks) - 1):
        try:
            more = _connect(endpoint)
        except ConnectionFailedError:
            # How much room there is, is a check of its own.
            break
        sessions.callback(more.close)
        pool.put(more)
    return pool


def _look_at_source(
    source: Endpoint, session: Connection, plan: Plan, *, probe: bool
) -> tuple[Server, Replication]:
    server = read_server(session, source, plan.source_provider)
    if server.standby:
        return server, Replication(problem="The source is a standby.")
    if not probe:
        return server, Replication()
    return server, probe_replication(source, session, server.version, candidates(plan.plugin))


def _ask(check: Check, facts: Facts, pool: "SimpleQueue[Connection]") -> Finding:
    session = pool.get()
    try:
        return check(facts, session)
    finally:
        pool.put(session)
