"""Applying remedies: the ledger first, then the statement, again where a table is busy."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing

import psycopg

from lmtui.database import Connection, connect, connection_failed, server_error
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError
from lmtui.ledger import Entry, Ledger
from lmtui.remedies.remedy import Remedy, Step
from lmtui.workdir import Lock, WorkDirectory

# A statement that waits for a table's lock makes everybody queue behind it: wait briefly, often.
LOCK_SECONDS = 2.0
ATTEMPTS = 10
PAUSE_SECONDS = 0.5
RELOAD_SECONDS = 5.0

# A session that must not say SET can be told at its start.
_WRITE = "-c default_transaction_read_only=off"
_BUSY = ("55P03", "40P01")
_RELOAD = "SELECT pg_reload_conf();"

Tell = Callable[[str], None]


def _silent(_words: str) -> None:
    return


def apply_remedies(
    directory: WorkDirectory,
    endpoints: Iterable[Endpoint],
    remedies: Iterable[Remedy],
    *,
    tell: Tell = _silent,
) -> int:
    """Apply the remedies in order, and return how many; `tell` hears each statement.

    The work directory is made where there is none. Raises AlreadyRunningError while a supervisor
    works on it, and ServerError at the first remedy that a server refuses: those before it are
    applied and in the ledger, and it is not.
    """
    by_side = {endpoint.side: endpoint for endpoint in endpoints}
    directory.create()
    lock = Lock(directory)
    number = 0
    try:
        ledger = Ledger(directory)
        for remedy in remedies:
            _apply(remedy, by_side, ledger, tell)
            number += 1
    finally:
        lock.release()
    return number


def _apply(remedy: Remedy, by_side: Mapping[str, Endpoint], ledger: Ledger, tell: Tell) -> None:
    endpoint = by_side[remedy.side]
    if remedy.fresh:
        for step in remedy.steps:
            _step(None, remedy, step, endpoint, ledger, tell)
        return
    with closing(_connect(endpoint)) as session:
        for step in remedy.steps:
            _step(session, remedy, step, endpoint, ledger, tell)


def _connect(endpoint: Endpoint) -> Connection:
    return connect(
        endpoint, statement_timeout=0, lock_timeout=LOCK_SECONDS, application="lmtui remedy"
    )


def _lock_timeout() -> str:
    return f"-c lock_timeout={round(LOCK_SECONDS * 1000)}"


def _bare(endpoint: Endpoint) -> Connection:
    """A session that has run no statement yet: any would load the extension's present version."""
    options = f"{endpoint.parameters.get('options', '')} {_WRITE} {_lock_timeout()}".strip()
    try:
        return psycopg.connect(
            endpoint.conninfo(application="lmtui remedy", options=options), autocommit=True
        )
    except psycopg.Error as error:
        raise connection_failed(endpoint, error) from None


def _step(
    session: Connection | None,
    remedy: Remedy,
    step: Step,
    endpoint: Endpoint,
    ledger: Ledger,
    tell: Tell,
) -> None:
    """Take a step: in this session, or without one in a fresh one."""
    entry = None
    if step.undo or not remedy.undo:
        entry = ledger.record(
            side=endpoint.side,
            what=step.statement or remedy.consent,
            undo=step.undo,
            until="clean" if step.undo else "told",
            where=endpoint.label,
            fresh=remedy.fresh,
        )
    if not step.statement:
        return
    tell(step.statement)
    try:
        _run(session, endpoint, step.statement, tell)
    except psycopg.Error as error:
        _give_up(session, step, entry, ledger)
        raise _refused(remedy, step, error) from error


def _run(session: Connection | None, endpoint: Endpoint, statement: str, tell: Tell) -> None:
    if statement == _RELOAD and session is not None:
        _reload(session)
        return
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if session is None:
                # What was tried has loaded the other version: each attempt begins anew.
                with closing(_bare(endpoint)) as first:
                    first.execute(statement)
            else:
                session.execute(statement)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if attempt == ATTEMPTS:
                raise
            tell(f"busy; attempt {attempt + 1} of {ATTEMPTS}")
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _reload(session: Connection) -> None:
    """Reload, and wait until sessions have what was reloaded, so that a check sees it."""
    before = session.execute("select pg_conf_load_time()").fetchone()
    session.execute(_RELOAD)
    deadline = time.monotonic() + RELOAD_SECONDS
    while session.execute("select pg_conf_load_time()").fetchone() == before:
        if time.monotonic() > deadline:
            return
        time.sleep(0.01)


def _give_up(session: Connection | None, step: Step, entry: Entry | None, ledger: Ledger) -> None:
    """A statement that failed changed nothing, but for one that works concurrently."""
    if entry is None or (session is not None and session.closed):
        return
    if session is not None and "CONCURRENTLY" in step.statement:
        try:
            session.execute(step.undo)
        except psycopg.Error:
            # The entry stays open: clean tries again, and says what refuses.
            return
    ledger.mark_undone(entry)


def _refused(remedy: Remedy, step: Step, error: psycopg.Error) -> ServerError:
    busy = error.sqlstate in _BUSY
    hint = (
        "The table is in use; end what holds it, or try again at a quieter moment."
        if busy
        else "Nothing of this statement was kept. lmtui check says what else would help."
    )
    return server_error(f"The {remedy.side} refused: {step.statement}", error, hint)
