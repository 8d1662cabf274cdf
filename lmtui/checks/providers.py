"""The services that run PostgreSQL, and how each wants its settings and rights to be changed.

The ways are those of the providers' documentation; only self-hosted was ever tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lmtui.checks.wording import identifier

SELF_HOSTED = "self-hosted"


@dataclass(frozen=True)
class Provider:
    """One service. `place` is where its settings are; `restart` is how it restarts.

    `renamed` maps a PostgreSQL setting to what it is called there, with its value; `right` is the
    statement that gives the replication right, and `on` settings that are right there already.
    """

    name: str
    label: str
    place: str = ""
    restart: str = ""
    renamed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    right: str = "ALTER ROLE {role} REPLICATION;"
    on: tuple[str, ...] = ()

    @property
    def managed(self) -> bool:
        """Whether ALTER SYSTEM is out of reach."""
        return self.name != SELF_HOSTED

    def grant_replication(self, role: str) -> str:
        """The statement that gives the replication right."""
        return self.right.format(role=identifier(role))

    def change(self, settings: Mapping[str, str], *, restart: bool) -> str:
        """How the settings are changed there, in words; values are SQL literals."""
        parts = []
        for name, value in settings.items():
            if name in self.on:
                parts.append(f"{self.label} sets {name} itself; ask its support about it.")
                continue
            known, given = self.renamed.get(name, (name, _in_base_unit(name, value)))
            parts.append(f"On {self.label}: set {known} = {given} {self.place}.")
        if restart and not all(name in self.on for name in settings):
            parts.append(f"It is in force after a restart: {self.restart}.")
        return "\n".join(parts)


# Services take numbers without a unit, in the setting's own.
_BASE = {
    "wal_sender_timeout": ("s", 1000, "milliseconds"),
    "logical_decoding_work_mem": ("MB", 1024, "kB"),
    "max_wal_size": ("GB", 1024, "MB"),
}


def _in_base_unit(name: str, value: str) -> str:
    """An SQL literal as a service's form takes it."""
    plain = value.replace("'", "")
    if name not in _BASE:
        return plain
    unit, factor, base = _BASE[name]
    return f"{int(plain.removesuffix(unit)) * factor} ({base})"


_RDS_RIGHT = "GRANT rds_replication TO {role};"
_LOGICAL = "wal_level"
_REBOOT = "reboot the instance"
# What is not among Aiven's parameters, which MST has too.
_AIVENS = (_LOGICAL, "logical_decoding_work_mem", "max_wal_size", "old_snapshot_threshold")

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(SELF_HOSTED, "a server of your own"),
        Provider(
            "rds", "Amazon RDS", "in the DB parameter group (a Multi-AZ cluster's own)",
            _REBOOT, {_LOGICAL: ("rds.logical_replication", "1")}, _RDS_RIGHT,
        ),
        Provider(
            "aurora", "Amazon Aurora", "in the DB cluster parameter group",
            "reboot the writer instance", {_LOGICAL: ("rds.logical_replication", "1")}, _RDS_RIGHT,
        ),
        Provider(
            "cloudsql", "Google Cloud SQL", "as a database flag (gcloud sql instances patch)",
            "setting the flag restarts the instance",
            {_LOGICAL: ("cloudsql.logical_decoding", "on")},
        ),
        Provider(
            "alloydb", "Google AlloyDB", "as a database flag", "setting the flag restarts it",
            {_LOGICAL: ("alloydb.logical_decoding", "on")},
        ),
        Provider(
            "azure", "Azure Database for PostgreSQL", "under Server parameters",
            "restart the server in the portal", {_LOGICAL: ("wal_level", "LOGICAL")},
            on=("max_slot_wal_keep_size",),
        ),
        Provider(
            "neon", "Neon", "in the console under Settings", "the compute restarts by itself",
            {_LOGICAL: ("Logical Replication", "on (it cannot be switched off again)")},
        ),
        Provider(
            "supabase", "Supabase", "with supabase postgres-config update",
            "the command restarts the database", on=(_LOGICAL,),
        ),
        Provider(
            "mst", "Managed Service for TimescaleDB", "under Advanced configuration",
            "the service restarts by itself", on=_AIVENS,
        ),
        Provider(
            "aiven", "Aiven", "under Advanced configuration", "the service restarts by itself",
            on=_AIVENS,
        ),
        Provider(
            "tiger", "Tiger Cloud", "in the console under Operations, Database parameters",
            "restart the service in the console", on=(_LOGICAL,),
        ),
        Provider(
            "digitalocean", "DigitalOcean", "with doctl databases configuration update",
            "the cluster restarts by itself", on=(_LOGICAL,),
        ),
        Provider(
            "crunchy", "Crunchy Bridge", "under Settings, Config parameters",
            "restart the cluster in the console", on=(_LOGICAL,),
        ),
    )
}  # fmt: skip

# How hosts of services are named; a server whose roles say nothing is told by its address.
_HOSTS = (
    (".rds.amazonaws.com", "rds"),
    (".tsdb.cloud.timescale.com", "tiger"),
    (".tsdb.forge.timescale.com", "tiger"),
    (".timescaledb.io", "mst"),
    (".aivencloud.com", "aiven"),
    (".neon.tech", "neon"),
    (".supabase.co", "supabase"),
    (".pooler.supabase.com", "supabase"),
    (".postgres.database.azure.com", "azure"),
    (".db.ondigitalocean.com", "digitalocean"),
    (".postgresbridge.com", "crunchy"),
)


def recognised(by_server: str, host: str) -> str:
    """The provider's name: what the server shows, else what its host is called."""
    if by_server != SELF_HOSTED:
        return by_server
    for ending, name in _HOSTS:
        if host.endswith(ending):
            return name
    return SELF_HOSTED
