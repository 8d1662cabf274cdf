"""All checks, in the order in which they are shown."""

from lmtui.checks import (
    activity,
    connections,
    plugins,
    replica_identity,
    replication,
    rights,
    target,
    tools,
    unsupported,
    versions,
)
from lmtui.checks.check import Check

CHECKS: tuple[Check, ...] = (
    *connections.CHECKS,
    *versions.CHECKS,
    *tools.CHECKS,
    *rights.CHECKS,
    *replication.CHECKS,
    *plugins.CHECKS,
    *activity.CHECKS,
    *target.CHECKS,
    *replica_identity.CHECKS,
    *unsupported.CHECKS,
)
