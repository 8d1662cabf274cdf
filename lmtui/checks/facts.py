"""What the checks are asked of: both servers' words about themselves, and this host's tools."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg.rows import dict_row

from lmtui.checks.host import Host
from lmtui.checks.probe import Replication
from lmtui.checks.providers import PROVIDERS, Provider, recognised
from lmtui.checks.wording import identifier
from lmtui.database import Connection, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.ledger import Entry
from lmtui.plan import Plan
from lmtui.queries import sql


class Setting(NamedTuple):
    """A setting as a new session has it; `value` in the setting's base unit, `shown` with one."""

    value: str
    shown: str
    context: str
    source: str
    file: str
    pending_restart: bool


class Position(NamedTuple):
    """Where a server's log stood: its LSN as bytes, at a moment of this host's clock in seconds."""

    at: float
    lsn: int


@dataclass(frozen=True)
class Server:
    """One side, read once.

    `system` is the cluster's identifier, None where the role may not read it. `available` maps
    extensions that can be created to their default version; `timescaledb_versions` are all of one;
    `timescaledb_schema` is where its functions are, quoted; `timescaledb_owner` is whether our role
    owns it, or there is none. `bytes` is the database's size.
    """

    side: str
    endpoint: Endpoint
    provider: Provider
    version: int
    version_text: str
    database: str
    database_oid: int
    database_owner: bool
    role: str
    superuser: bool
    may_replicate: bool
    standby: bool
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    started: datetime
    address: str
    bytes: int
    system: int | None
    position: Position
    details: Mapping[str, Setting]
    extensions: Mapping[str, str]
    available: Mapping[str, str]
    timescaledb_schema: str
    timescaledb_owner: bool
    timescaledb_versions: tuple[str, ...]
    timescaledb_loaded: bool
    tables: int
    indexes: int
    roles: frozenset[str]
    may_create_roles: bool

    @property
    def major(self) -> int:
        """The major version."""
        return self.version // 10000

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings' values, in their base units."""
        return {name: setting.value for name, setting in self.details.items()}

    @property
    def pending_restart(self) -> frozenset[str]:
        """The settings that were changed, and wait for a restart."""
        return frozenset(name for name, one in self.details.items() if one.pending_restart)

    @property
    def timescaledb(self) -> str:
        """TimescaleDB's version here; empty where it is not."""
        return self.extensions.get("timescaledb", "")

    @property
    def host(self) -> str:
        """The host's name, as given."""
        return self.endpoint.parameters.get("host", "")


@dataclass(frozen=True)
class Facts:
    """Everything that was read before the first check.

    `changes` are what lmtui changed from this work directory, and has not put back.
    """

    source: Server
    target: Server
    replication: Replication
    host: Host
    plan: Plan
    changes: tuple[Entry, ...] = ()

    def server(self, side: str) -> Server:
        """The server of a side."""
        return self.target if side == "target" else self.source


def read_server(session: Connection, endpoint: Endpoint, provider: str = "") -> Server:
    """Read one side's facts; `provider` overrides what would be recognised.

    Raises ServerError where the server refuses.
    """
    with said_plainly(f"The {endpoint.side} could not be looked at"):
        [row] = session.cursor(row_factory=dict_row).execute(sql("check_server")).fetchall()
        lsn = row.pop("lsn")
        position = Position(time.monotonic(), int(lsn))
        extensions = dict(run(session, "check_extensions"))
        told = _provider(session, extensions)
        [(tables, indexes)] = run(session, "check_relation_count")
        return Server(
            **row,
            side=endpoint.side,
            endpoint=endpoint,
            provider=PROVIDERS[provider or recognised(told, endpoint.parameters.get("host", ""))],
            position=position,
            roles=frozenset(name for (name,) in run(session, "check_roles")),
            tables=tables,
            indexes=indexes,
            system=_system_identifier(session),
            details={name: Setting(*rest) for name, *rest in run(session, "check_settings")},
            extensions=extensions,
            available=dict(run(session, "check_available_extensions")),
            timescaledb_schema=_timescaledb_schema(session),
            timescaledb_versions=tuple(v for (v,) in run(session, "check_timescaledb_versions")),
            timescaledb_loaded=run(session, "check_timescaledb_loaded")[0][0],
        )


def _timescaledb_schema(session: Connection) -> str:
    schemas = dict(run(session, "check_timescaledb_schemas"))
    return identifier(schemas.get("timescaledb", "public"))


def _provider(session: Connection, extensions: Mapping[str, str]) -> str:
    if "timescaledb" in extensions:
        try:
            if run(session, "check_tiger")[0][0]:
                return "tiger"
        except psycopg.errors.InsufficientPrivilege:
            # Where the catalog is closed to us, the roles tell.
            pass
    return str(run(session, "check_provider")[0][0])


def _system_identifier(session: Connection) -> int | None:
    try:
        [(system,)] = run(session, "check_system_identifier")
    except psycopg.errors.InsufficientPrivilege:
        # Some managed services revoke it; servers are then told apart by their start time.
        return None
    return int(system)


def hypertables(facts: Facts, session: Connection) -> list[int]:
    """The oids of the source's hypertables."""
    if not facts.source.timescaledb:
        return []
    return [oid for (oid,) in run(session, "check_hypertables")]


def numbers(version: str) -> tuple[int, ...]:
    """2.19.3 as (2, 19, 3); what is no number ends it."""
    parts = []
    for part in version.split("."):
        digits = ""
        for character in part:
            if not character.isdigit():
                break
            digits += character
        if not digits:
            break
        parts.append(int(digits))
        if digits != part:
            break
    return tuple(parts)
