"""Tables and views that are migrated in a way of their own."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok, warning
from lmtui.checks.facts import Facts, hypertables
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import count, identifier, listing
from lmtui.database import Connection, run
from lmtui.remedies.remedy import NAMED


def _materialized_views(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_materialized_views")
    if not rows:
        return ok("The source has no materialized views")
    return info(
        f"{count(len(rows), 'materialized view')} will be refreshed at the cutover",
        f"{listing([name for name, _ in rows])}. Their rows are not in the stream.",
    )


def _tablespaces(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_tablespaces")
    if not rows:
        return ok("The source uses the default tablespace only")
    names = [f"{name} ({count(number, 'relation')})" for name, number in rows]
    return info(
        f"{count(len(rows), 'tablespace')} of the source {'is' if len(rows) == 1 else 'are'}"
        " left out",
        f"{listing(names)}. On the target all is in the default tablespace.",
    )


def _partitioned(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_partitioned_tables")
    if not rows:
        return ok("The source has no partitioned tables")
    return info(
        f"The source has {count(len(rows), 'partitioned table')}",
        listing([f"{name} by {key} ({count(parts, 'partition')})" for name, key, parts in rows])
        + ". A partition that is made during the migration is a change of the schema, which is not"
        " replayed.",
        "Make the partitions of the coming days before the migration begins.",
    )


def _inheritance(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_inheritance", {"hypertables": hypertables(facts, session)})
    if not rows:
        return ok("No table of the source inherits from another")
    names = [f"{name} ({count(number, 'child', 'children')})" for name, number in rows]
    return info(
        f"{count(len(rows), 'table')} with tables that inherit from it",
        f"{listing(names)}. Each table's own rows are copied and compared, once.",
    )


def _foreign_keys(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_unusual_foreign_keys", {"hypertables": hypertables(facts, session)})
    if not rows:
        return ok("No foreign key needs attention")
    return info(
        f"{count(len(rows), 'foreign key')} between tables that refer to each other, or to"
        " hypertables",
        f"{listing([f'{name} from {a} to {b}' for name, a, b in rows])}. They are made after the"
        " data are copied, and do not bind the replay.",
    )


_PUBLICATIONS = ("publication or subscription", "publications or subscriptions")


def _publications(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_publications")
    if not rows:
        return ok("The source has no publications or subscriptions")
    said = listing([f"{kind} {name}" for kind, name, _ in rows])
    if any(kind == "subscription" and active for kind, _, active in rows):
        return warning(
            "The source subscribes to another server",
            f"{said}. Its copy on the target is not enabled, and must not be before the cutover.",
            "Move the subscription at the cutover by hand: disable it on the source, and make it"
            " anew on the target.",
        )
    return info(
        f"The source has {count(len(rows), *_PUBLICATIONS)}",
        f"{said}. Who reads from them must be pointed to the target.",
    )


def _invalid(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_invalid")
    if not rows:
        return ok("Every index and constraint of the source is valid")
    fixes = tuple(
        one(
            SOURCE,
            name,
            f"Build the index {name} anew, while writers go on",
            f"REINDEX INDEX CONCURRENTLY {name};",
            kind=NAMED,
        )
        for name, kind in rows
        if kind == "index"
    )
    remedy = f"On the source:\n{statements_of(fixes)}" if fixes else ""
    return warning(
        f"{count(len(rows), 'index or constraint', 'indexes or constraints')} of the source"
        f" {'is' if len(rows) == 1 else 'are'} not valid",
        f"{listing([name for name, _ in rows])}. An invalid index is left out; a constraint that"
        " was not validated is made as it is, and may refuse nothing.",
        remedy or "Validate them on the source, or leave them as they are.",
        fixes,
    )


def _statistics(_facts: Facts, session: Connection) -> Outcome:
    rows = [name for (name,) in run(session, "check_never_analyzed")]
    if not rows:
        return ok("Every table of the source has statistics")
    fixes = tuple(
        one(
            SOURCE,
            name,
            f"Gather statistics of {name}; it reads a sample of the table",
            f"ANALYZE {name};",
            kind=NAMED,
        )
        for name in rows
    )
    return info(
        f"{count(len(rows), 'table')} of the source {'was' if len(rows) == 1 else 'were'} never"
        " analyzed",
        f"{listing(rows)}. How many rows there are to copy is not known before.",
        f"On the source:\n{statements_of(fixes)}",
        fixes,
    )


def _event_triggers(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_event_triggers")
    if not rows:
        return ok("The source has no event triggers")
    said = f"{listing([name for name, _, _ in rows])}."
    if facts.target.superuser:
        return info(f"{count(len(rows), 'event trigger')} will be created on the target", said)
    return warning(
        f"{count(len(rows), 'event trigger')} cannot be created on the target",
        f"{said} Only a superuser may, and {facts.target.role} is none.",
        "Drop them on the source before, or create them on the target by hand:\n"
        + "\n".join(f"DROP EVENT TRIGGER {identifier(name)};" for name, _, _ in rows),
    )


CHECKS = (
    Check(
        "source.materialized_views", SOURCE, "materialized views", _materialized_views,
        why="A refresh is not replayed; they are refreshed at the cutover. Good to know.",
    ),
    Check(
        "source.tablespaces", SOURCE, "tablespaces", _tablespaces,
        why="A tablespace is a directory of the server; the target has its own. Good to know.",
    ),
    Check(
        "source.partitioned", SOURCE, "partitioned tables", _partitioned,
        why="A partition made during the migration is a change of the schema. Good to know.",
    ),
    Check(
        "source.inheritance", SOURCE, "tables that inherit", _inheritance,
        why="Rows must be counted once, in the table that holds them. Good to know.",
    ),
    Check(
        "source.foreign_keys", SOURCE, "foreign keys in circles, or to hypertables",
        _foreign_keys,
        why="Foreign keys to hypertables need TimescaleDB 2.16. Good to know.",
    ),
    Check(
        "source.publications", SOURCE, "publications and subscriptions", _publications,
        why="A subscription that ran on both sides would apply everything twice. A warning where"
        " one is enabled.",
    ),
    Check(
        "source.invalid", SOURCE, "invalid indexes and constraints", _invalid,
        why="pg_dump leaves an invalid index out. A warning.",
    ),
    Check(
        "source.statistics", SOURCE, "tables without statistics", _statistics,
        why="Progress is reckoned by the statistics. Good to know.",
    ),
    Check(
        "source.event_triggers", SOURCE, "event triggers of the source", _event_triggers,
        why="Only a superuser may create them. A warning where the target's role is none.",
    ),
)  # fmt: skip
