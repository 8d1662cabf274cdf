"""What replication is really given: tried with temporary slots, which end with their connection."""

import secrets
import select
import time
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg import pq

from lmtui.checks.wording import duration, server_words
from lmtui.database import Connection, run
from lmtui.endpoint import Endpoint, redact

# How long a slot may wait for open transactions before that is a finding.
PATIENCE_SECONDS = 4.0
# A refused plugin is refused at once: once a slot has waited, the next need not wait as long.
IMPATIENCE_SECONDS = 2.0

WORKS = "works"
REFUSED = "refused"
UNKNOWN = "unknown"

# Errors about the plugin: 42501 not allowed, 58P01 not installed, 42883 and XX000 a library
# that is no output plugin. Others (no free slot, wal_level, a timeout) leave it unknown.
_REFUSALS = ("42501", "58P01", "42883", "XX000")


class Plugin(NamedTuple):
    """An output plugin tried: works, refused or unknown, in the server's words."""

    name: str
    verdict: str
    words: str = ""


class Holder(NamedTuple):
    """A transaction that a slot's creation waits for, and for how many seconds it is open.

    `pid` is 0 for a prepared one.
    """

    pid: int
    description: str
    seconds: float | None


@dataclass(frozen=True)
class Replication:
    """What the source gives over the replication protocol.

    `problem` is why it gives nothing. `holders` are what the creation of a slot waited for in vain.
    """

    problem: str = ""
    plugins: tuple[Plugin, ...] = ()
    holders: tuple[Holder, ...] = ()

    def plugin(self, name: str) -> Plugin:
        """How a plugin fared; unknown where it was not tried."""
        tried = {plugin.name: plugin for plugin in self.plugins}
        return tried.get(name, Plugin(name, UNKNOWN, self.problem))


def probe_replication(
    source: Endpoint, session: Connection, version: int, plugins: tuple[str, ...]
) -> Replication:
    """Open a replication connection and try each plugin with a temporary slot.

    `session` is an ordinary one, to see what a slot waits for. `version` is server_version_num.
    """
    try:
        connection = psycopg.connect(
            source.conninfo(application="lmtui check", replication="database"), autocommit=True
        )
    except psycopg.Error as error:
        return Replication(problem=server_words(error))
    with closing(connection):
        try:
            connection.execute("IDENTIFY_SYSTEM")
            # Should this process be killed meanwhile, the walsender would notice only after the
            # transactions that it waits for; the lock on them is what it gives up itself.
            connection.execute(f"set lock_timeout = '{PATIENCE_SECONDS + 2:.0f}s'")
        except psycopg.Error as error:
            return Replication(problem=server_words(error))
        tried: list[Plugin] = []
        holders: tuple[Holder, ...] = ()
        for name in plugins:
            patience = IMPATIENCE_SECONDS if holders else PATIENCE_SECONDS
            try:
                plugin, waited_for = _try_plugin(connection, session, name, version, patience)
            except psycopg.OperationalError as error:
                return Replication(server_words(error), tuple(tried), holders)
            tried.append(plugin)
            holders = holders or waited_for
    return Replication(plugins=tuple(tried), holders=holders)


def _try_plugin(
    connection: Connection, session: Connection, name: str, version: int, patience: float
) -> tuple[Plugin, tuple[Holder, ...]]:
    slot = f"lmtui_probe_{secrets.token_hex(4)}"
    # Before PostgreSQL 15 the options have no parentheses.
    option = "(SNAPSHOT 'nothing')" if version >= 150000 else "NOEXPORT_SNAPSHOT"
    command = f'CREATE_REPLICATION_SLOT "{slot}" TEMPORARY LOGICAL "{name}" {option}'
    result = _ask(connection, command, patience)
    if result is None:
        holders = _holders(session, connection.info.backend_pid)
        connection.cancel_safe(timeout=5)
        if _answer(connection, 5) is None:
            raise psycopg.OperationalError("The cancelled creation of a slot gave no answer")
        if holders:
            # The plugin is loaded before the wait: what waits was not refused.
            return Plugin(name, WORKS), holders
        return Plugin(name, UNKNOWN, f"No answer within {patience:.0f} s"), ()
    if result.status == pq.ExecStatus.TUPLES_OK:
        _ask(connection, f'DROP_REPLICATION_SLOT "{slot}"', patience)
        return Plugin(name, WORKS), ()
    sqlstate = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    words = f"{sqlstate}: {redact(result.get_error_message().strip())}"
    return Plugin(name, REFUSED if sqlstate in _REFUSALS else UNKNOWN, words), ()


def _ask(connection: Connection, command: str, seconds: float) -> pq.abc.PGresult | None:
    connection.pgconn.send_query(command.encode())
    return _answer(connection, seconds)


def _answer(connection: Connection, seconds: float) -> pq.abc.PGresult | None:
    """The result of what was sent, or None where it takes longer. A walsender has no timeout."""
    pgconn = connection.pgconn
    deadline = time.monotonic() + seconds
    last = None
    while True:
        while pgconn.is_busy():
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            select.select([pgconn.socket], [], [], left)
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            return last
        last = result


def _holders(session: Connection, pid: int) -> tuple[Holder, ...]:
    return tuple(
        Holder(
            holder,
            f"process {holder} (role {role}, database {database}, application "
            f"{application or 'unnamed'}), open for {duration(seconds)}"
            if holder
            else "a prepared transaction",
            seconds,
        )
        for holder, role, database, application, seconds in run(
            session, "check_slot_waits", {"pid": pid}
        )
    )
