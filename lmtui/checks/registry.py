"""All checks by topic, in the order in which they are shown."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from lmtui.checks import (
    activity,
    address,
    alignment,
    columns,
    compression,
    connections,
    extensions,
    hypertables,
    identity,
    leftovers,
    locale,
    lock_table,
    objects,
    plugins,
    provider,
    replication,
    rights,
    roles,
    rules,
    scope,
    sequences,
    slots,
    target,
    timescaledb,
    tools,
    unsupported,
    versions,
    wal,
)
from lmtui.checks.check import Check
from lmtui.errors import UsageError

TOPICS: tuple[tuple[str, str, tuple[Check, ...]], ...] = (
    ("connection", "Connections", (*connections.CHECKS, *address.CHECKS)),
    ("provider", "Provider", provider.CHECKS),
    ("versions", "Versions", (*versions.CHECKS, *locale.CHECKS)),
    ("extensions", "Extensions", (*extensions.CHECKS, *alignment.CHECKS)),
    ("tools", "Programs of this host", tools.CHECKS),
    ("rights", "Rights", (*rights.CHECKS, *roles.CHECKS)),
    (
        "replication",
        "Replication",
        (*replication.CHECKS, *plugins.CHECKS, *slots.CHECKS, *wal.CHECKS, *lock_table.CHECKS),
    ),
    ("activity", "Activity", (*activity.CHECKS, *leftovers.CHECKS)),
    ("target", "Target", target.CHECKS),
    ("identity", "Replica identity", identity.CHECKS),
    (
        "objects",
        "Objects",
        (*unsupported.CHECKS, *objects.CHECKS, *columns.CHECKS, *rules.CHECKS, *sequences.CHECKS),
    ),
    ("timescaledb", "TimescaleDB", (*timescaledb.CHECKS, *compression.CHECKS)),
    ("hypertables", "Hypertables of plain tables", hypertables.CHECKS),
    ("scope", "What is migrated", scope.CHECKS),
)

CHECKS: tuple[Check, ...] = tuple(
    replace(check, topic=topic) for topic, _, checks in TOPICS for check in checks
)


def chosen(names: Iterable[str]) -> tuple[Check, ...]:
    """The checks of these ids and topics; all where none is named. Raises UsageError."""
    wanted = set(names)
    known = {check.id for check in CHECKS} | {topic for topic, _, _ in TOPICS}
    if unknown := sorted(wanted - known):
        raise UsageError(
            f"There is no check {', '.join(unknown)}", hint=_hint(unknown, sorted(known))
        )
    if not wanted:
        return CHECKS
    return tuple(check for check in CHECKS if check.id in wanted or check.topic in wanted)


def _hint(unknown: Iterable[str], known: Iterable[str]) -> str:
    """What may have been meant, and where all names are."""
    near = [one for name in unknown for one in get_close_matches(name.lower(), known, n=2)]
    meant = f"Was {' or '.join(dict.fromkeys(near))} meant? " if near else ""
    if any("," in name for name in unknown):
        meant = "Names are separated by blanks. "
    return f"{meant}lmtui check --list names all checks and topics."
