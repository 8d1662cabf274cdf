"""Whether updates and deletes name the row that they are about."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run


def _missing(facts: Facts, session: Connection) -> Outcome:
    hypertables: list[int] = []
    if "timescaledb" in facts.source.extensions:
        hypertables = [oid for (oid,) in run(session, "check_hypertables")]
    tables = run(session, "check_replica_identity", {"hypertables": hypertables})
    if not tables:
        return ok("Every table of the source has a replica identity")
    changes = sum(changed for _, _, changed, _ in tables)
    detail = listing(
        [
            f"{name} ({why}; {count(changed, 'update or delete', 'updates and deletes')})"
            for name, why, changed, _ in tables
        ]
    )
    remedy = (
        "On the source, at a quiet moment, since each waits for the table's transactions:\n"
        + "\n".join(statement for _, _, _, statement in tables)
    )
    if changes:
        return blocker(
            "Tables of the source are updated or deleted from without a replica identity",
            f"{detail}, counted since the statistics were last reset. Such a change cannot be"
            " replayed.",
            remedy,
        )
    return warning(
        "Tables of the source have no replica identity",
        f"{detail}. Rows that are only inserted are replayed; an update or a delete would stop"
        " the replay.",
        remedy,
    )


CHECKS = (
    Check("identity.missing", SOURCE, "the replica identity of the source's tables", _missing),
)
