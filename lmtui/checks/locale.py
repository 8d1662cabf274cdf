"""How both databases sort and compare text."""

from lmtui.checks.check import BOTH, Check, Outcome, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run


def _locale(facts: Facts, _session: Connection) -> Outcome:
    source, target = facts.source, facts.target
    sides = [
        (server.locale_provider, _same_name(server.collate), _same_name(server.ctype))
        for server in (source, target)
    ]
    if sides[0] == sides[1]:
        return ok("Both databases have the same locale", source.collate)
    return warning(
        "The databases sort text differently",
        "; ".join(
            f"the {one.side} has {one.collate}, {one.ctype} (provider {one.locale_provider})"
            for one in (source, target)
        )
        + ". The data are the same, but ORDER BY, comparisons and range partitions on text may"
        " differ.",
        "Create the target database with the source's locale:\n"
        f"CREATE DATABASE new_name TEMPLATE template0 LC_COLLATE '{source.collate}'"
        f" LC_CTYPE '{source.ctype}';",
    )


def _same_name(locale: str) -> str:
    """C.UTF-8 and C.utf8 are one."""
    return locale.lower().replace("-", "")


def _collations(_facts: Facts, session: Connection) -> Outcome:
    names = [name for (name,) in run(session, "check_collations")]
    aged = run(session, "check_collation_versions")
    if aged:
        said = [f"{name} ({then}{f', now {now}' if now else ''})" for name, then, now in aged]
        return warning(
            f"{count(len(aged), 'collation')} of the source {'is' if len(aged) == 1 else 'are'} of"
            " another version of its system's library",
            f"{listing(said)}. Text may be sorted otherwise than when its indexes were made: a"
            " unique index can hold doubles that the target refuses.",
            "On the source, rebuild the indexes on such text, then say so:\n"
            "REINDEX DATABASE CONCURRENTLY;\n"
            "And ALTER COLLATION ... REFRESH VERSION, or ALTER DATABASE ... REFRESH COLLATION"
            " VERSION.",
        )
    if not names:
        return ok("The source has no collations of its own")
    return info(
        f"The source has {count(len(names), 'collation')} of its own",
        f"{listing(names)}. They are created on the target by their definition; its operating"
        " system must know their locales.",
    )


CHECKS = (
    Check(
        "database.locale", BOTH, "the locales of both databases", _locale,
        why="Another collation sorts text in another order; indexes are built anew on the target,"
        " so the data are right. A warning.",
    ),
    Check(
        "source.collations", "source", "the source's own collations", _collations,
        why="CREATE COLLATION fails where the target's system lacks the locale. Good to know; a"
        " warning where the library of the source's system was changed under its indexes.",
    ),
)  # fmt: skip
