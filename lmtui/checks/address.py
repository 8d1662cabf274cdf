"""The way to each server: pooler, encryption, distance, and what ends a quiet session."""

import ipaddress
import secrets
import time
from contextlib import closing

import psycopg

from lmtui.checks.check import Outcome, blocker, both_sides, failed, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.settings import change_own_role
from lmtui.checks.wording import server_words
from lmtui.database import Connection, run
from lmtui.humane import duration_text

_ROUNDS = 5
_POOLER_PORTS = ("6432", "6543")
SLOW_SECONDS = {"source": 0.05, "target": 0.1}
SKEW_SECONDS = 5.0
# lmtui sets the first two itself, in its own sessions and in pgcopydb's.
_TIMEOUTS = ("transaction_timeout", "idle_session_timeout", "lock_timeout")


def _address(facts: Facts, side: str, _session: Connection) -> Outcome:
    parameters = facts.server(side).endpoint.parameters
    host, port = parameters.get("host", ""), parameters.get("port", "")
    if "-pooler." in host or ".pooler." in host or "pgbouncer" in host or port in _POOLER_PORTS:
        return warning(
            f"The {side}'s address looks like a pooler's",
            f"It is {host}, port {port or '5432'}.",
            "Give the server's own address: on Neon the host without -pooler, on Supabase"
            " db.REF.supabase.co and port 5432, on Tiger Cloud and Aiven the service's own port.",
        )
    return ok(f"The {side}'s address is a server's own")


def _pooler(facts: Facts, side: str, _session: Connection) -> Outcome:
    """Tried in a session of its own, whose settings may be lost."""
    server = facts.server(side)
    mark = f"lmtui check {secrets.token_hex(4)}"
    try:
        with closing(
            psycopg.connect(server.endpoint.conninfo(application="lmtui check"), autocommit=True)
        ) as session:
            session.execute("select set_config('application_name', %s, false)", (mark,))
            seen = {run(session, "check_session")[0] for _ in range(_ROUNDS)}
            own = session.info.backend_pid
            session.execute("set application_name = 'lmtui check'")
    except psycopg.Error as error:
        return failed(
            f"Not checked: whether a pooler is before the {side}",
            server_words(error),
            "Free a connection, and check again.",
        )
    if seen == {(own, mark)}:
        return ok(f"The {side} is connected to directly")
    return blocker(
        f"A pooler is between here and the {side}",
        f"{_ROUNDS} statements of one session were run by {len({pid for pid, _ in seen})} server"
        f" processes, or lost the session's settings.",
        "Give the server's own host and port. A snapshot and a session's settings need one server"
        " process for the whole session.",
    )


def _tls(facts: Facts, side: str, session: Connection) -> Outcome:
    [(encrypted, version)] = run(session, "check_tls")
    if encrypted:
        return ok(f"The connection to the {side} is encrypted", version)
    if _near(facts.server(side).host, facts.server(side).address):
        return ok(f"The connection to the {side} stays on a private network")
    return warning(
        f"The connection to the {side} is not encrypted",
        f"{facts.server(side).host} is not on a private network; data and password hashes can be"
        " read on the way.",
        "Add sslmode=require to the connection string, or verify-full with the server's CA.",
    )


def _near(host: str, address: str) -> bool:
    if not host or host.startswith("/") or not address:
        return True
    try:
        return ipaddress.ip_address(address.rpartition(":")[0]).is_private
    except ValueError:
        return False


def clock_skew(session: Connection) -> tuple[float, float]:
    """The shortest round trip of several, and how far the server's clock is ahead, in seconds."""
    found = []
    for _ in range(_ROUNDS):
        before, wall = time.monotonic(), time.time()
        [(clock,)] = run(session, "check_clock")
        took = time.monotonic() - before
        found.append((took, float(clock) - (wall + took / 2)))
    return min(found)


def _latency(_facts: Facts, side: str, session: Connection) -> Outcome:
    trip, skew = clock_skew(session)
    words = f"A round trip takes {duration_text(trip)}."
    if abs(skew) > SKEW_SECONDS:
        words += f" Its clock differs from ours by {duration_text(abs(skew))}."
    if trip > SLOW_SECONDS[side]:
        return warning(
            f"The {side} is far away",
            words,
            "Run lmtui near the target, in the same region.",
        )
    if abs(skew) > SKEW_SECONDS:
        return info(
            f"The {side}'s clock differs from this host's",
            f"{words} Lag is reckoned by the source's clock alone.",
            "Let both keep time by NTP.",
        )
    return ok(f"The {side} is near", words)


def _timeouts(facts: Facts, side: str, session: Connection) -> Outcome:
    server = facts.server(side)
    found = [
        (name, server.details[name])
        for name in _TIMEOUTS
        if name in server.details and server.details[name].value != "0"
    ]
    if not found:
        return ok(f"Nothing on the {side} ends a session that takes long")
    former = dict(run(session, "check_own_role_settings"))
    advices = [change_own_role(server, name, "0", former.get(name)) for name, _ in found]
    return warning(
        f"The {side} ends sessions that take long",
        ", ".join(f"{name} is {setting.shown}" for name, setting in found)
        + ". The initial copy, and sessions that wait, take longer.",
        "\n".join(dict.fromkeys(line for a in advices for line in a.words.splitlines())),
        tuple(fix for advice in advices for fix in advice.fixes),
    )


CHECKS = (
    *both_sides(
        "address", "the {side}'s address", _address,
        why="Services offer a pooler under a name or port of its own. A warning, since the probe"
        " for poolers decides.",
    ),
    *both_sides(
        "pooler", "whether a pooler is before the {side}", _pooler,
        why="A transaction pooler gives each statement another server process: snapshots, settings"
        " and replication are lost. Tried with five statements of one session. Blocks.",
    ),
    *both_sides(
        "tls", "whether the connection to the {side} is encrypted", _tls,
        why="Data and password hashes cross the network. A warning where it is not a private one.",
    ),
    *both_sides(
        "latency", "how far the {side} is", _latency,
        why="Replay waits for the target at the end of each batch. A warning above 50 ms (source)"
        " or 100 ms (target).",
    ),
    *both_sides(
        "timeouts", "what ends sessions on the {side}", _timeouts,
        why="A role's or a database's timeouts end the copy half way. lmtui sets the common ones"
        " to 0 in its own sessions; transaction_timeout (PostgreSQL 17), idle_session_timeout and"
        " lock_timeout are a warning.",
    ),
)  # fmt: skip
