"""One look at one server: who it is and how it is reached, for the wizard to show."""

import time
from collections.abc import Mapping

import msgspec

from lmtui.checks.facts import Server, read_server
from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint

ROUND_TRIPS = 3
# What poolers listen on by default: PgBouncer, Odyssey and Supabase's.
_POOLER_PORTS = ("6432", "6543")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says of itself.

    `tls` is the protocol and cipher, empty where the connection is in the clear. `latency` is the
    shortest of a few round trips in seconds, `bytes` the database's size. `system` tells clusters
    apart, None where the role may not read it. `warnings` are sentences for the operator.
    """

    side: str
    label: str
    version: str
    provider: str
    tls: str
    latency: float
    role: str
    superuser: bool
    may_replicate: bool
    database: str
    bytes: int
    tables: int
    indexes: int
    standby: bool
    system: int | None
    extensions: Mapping[str, str]
    available: Mapping[str, str]
    timescaledb: str
    free_connections: int
    processes: int
    warnings: tuple[str, ...] = ()


def look_at(endpoint: Endpoint) -> Seen:
    """Look at one server, read-only.

    Raises ConnectionFailedError where it is not reached, ServerError where it refuses.
    """
    with connect(endpoint, read_only=True, application="lmtui check") as session:
        latency = min(_round_trip(session) for _ in range(ROUND_TRIPS))
        server = read_server(session, endpoint)
        with said_plainly(f"The {endpoint.side} could not be looked at"):
            [(encrypted, cipher)] = run(session, "check_tls")
            [(free,)] = run(session, "check_connections")
    return Seen(
        side=endpoint.side,
        label=endpoint.label,
        version=server.version_text,
        provider=server.provider.label,
        tls=cipher if encrypted else "",
        latency=latency,
        role=server.role,
        superuser=server.superuser,
        may_replicate=server.may_replicate,
        database=server.database,
        bytes=server.bytes,
        tables=server.tables,
        indexes=server.indexes,
        standby=server.standby,
        system=server.system,
        extensions=server.extensions,
        available=server.available,
        timescaledb=server.timescaledb,
        free_connections=free,
        processes=int(server.settings.get("max_worker_processes", "8")),
        warnings=tuple(warnings(server, endpoint, encrypted=encrypted)),
    )


def _round_trip(session: Connection) -> float:
    began = time.perf_counter()
    session.execute("select 1")
    return time.perf_counter() - began


def local(host: str) -> bool:
    """Whether the way to a host stays on this machine."""
    return not host or host.startswith(("/", "127.", "@")) or host in ("localhost", "::1")


def warnings(server: Server, endpoint: Endpoint, *, encrypted: bool) -> list[str]:
    """What an operator should know before anything else is asked."""
    host, port = endpoint.parameters.get("host", ""), endpoint.parameters.get("port", "")
    said = []
    if not encrypted and not local(host):
        said.append("The connection is not encrypted; add sslmode=require")
    if "pooler" in host or "pgbouncer" in host or port in _POOLER_PORTS:
        said.append("This looks like a pooler's address; give the server's own")
    if server.standby:
        said.append("It is a standby; give the primary's address")
    return said
