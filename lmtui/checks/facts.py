"""What the checks are asked of: both servers' words about themselves, and this host's tools."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from lmtui.checks.host import Host
from lmtui.checks.probe import Replication
from lmtui.database import Connection, run, said_plainly
from lmtui.plan import Plan
from lmtui.queries import sql


@dataclass(frozen=True)
class Server:
    """One side, read once.

    `system` is the cluster's identifier, None where the role may not read it. `available` maps
    extensions that can be created to their default version; `timescaledb_versions` are all of one.
    """

    version: int
    version_text: str
    database: str
    database_oid: int
    role: str
    superuser: bool
    may_replicate: bool
    standby: bool
    encoding: str
    started: datetime
    address: str
    system: int | None
    settings: Mapping[str, str]
    pending_restart: frozenset[str]
    extensions: Mapping[str, str]
    available: Mapping[str, str]
    timescaledb_versions: tuple[str, ...]
    timescaledb_loaded: bool

    @property
    def major(self) -> int:
        """The major version."""
        return self.version // 10000


@dataclass(frozen=True)
class Facts:
    """Everything that was read before the first check."""

    source: Server
    target: Server
    replication: Replication
    host: Host
    plan: Plan


def read_server(session: Connection, side: str) -> Server:
    """Read one side's facts. Raises ServerError where the server refuses."""
    with said_plainly(f"The {side} could not be looked at"):
        [row] = session.cursor(row_factory=dict_row).execute(sql("check_server")).fetchall()
        settings = run(session, "check_settings")
        return Server(
            **row,
            system=_system_identifier(session),
            settings={name: setting for name, setting, _ in settings},
            pending_restart=frozenset(name for name, _, pending in settings if pending),
            extensions=dict(run(session, "check_extensions")),
            available=dict(run(session, "check_available_extensions")),
            timescaledb_versions=tuple(v for (v,) in run(session, "check_timescaledb_versions")),
            timescaledb_loaded=run(session, "check_timescaledb_loaded")[0][0],
        )


def _system_identifier(session: Connection) -> int | None:
    try:
        [(system,)] = run(session, "check_system_identifier")
    except psycopg.errors.InsufficientPrivilege:
        # Some managed services revoke it; servers are then told apart by their start time.
        return None
    return int(system)
