"""Which services run the two servers."""

from lmtui.checks.check import Check, Outcome, both_sides, ok, warning
from lmtui.checks.facts import Facts
from lmtui.database import Connection

_EXTRA = {
    "aurora": "Give the cluster's writer endpoint: a reader cannot decode. Run lmtui on a host in"
    " the same VPC, and let the security group accept it.",
    "mst": "Give the service's own port, not that of a connection pool.",
    "aiven": "Give the service's own port, not that of a connection pool.",
    "neon": "Autosuspend ends replication: switch it off for the time of the migration.",
    "supabase": "Use the direct host, which is IPv6 only unless the IPv4 add-on is booked.",
    "rds": "Run lmtui on a host in the same VPC, and let the security group accept it.",
}


def _provider(facts: Facts, side: str, _session: Connection) -> Outcome:
    provider = facts.server(side).provider
    if provider.name == "tiger" and side == "source":
        return warning(
            "The source is a service of Tiger Cloud",
            "Neither its wal_level nor its slots are documented as open to logical decoding.",
            "See source.plugin for what was really given; else dump and restore, or ask its"
            " support.",
        )
    return ok(f"The {side} is {provider.label}", _EXTRA.get(provider.name, ""))


CHECKS: tuple[Check, ...] = both_sides(
    "provider",
    "which service runs the {side}",
    _provider,
    why="Told by roles, settings and host names; decides how remedies are worded. Say otherwise"
    " with --source-provider or --target-provider. A warning for Tiger Cloud as the source.",
)
