"""What the initial copy takes along, but the replay cannot follow."""

from lmtui.checks.check import SOURCE, Check, Outcome, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import count, listing
from lmtui.database import Connection, run
from lmtui.humane import bytes_text
from lmtui.remedies.remedy import NAMED


def _unlogged(_facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_unlogged_tables")
    if not rows:
        return ok("The source has no unlogged tables")
    names = [name for name, _ in rows]
    fixes = tuple(
        one(
            SOURCE,
            name,
            f"Write {name} anew as a logged table ({bytes_text(size)}); it is locked meanwhile",
            f"ALTER TABLE {name} SET LOGGED;",
            f"ALTER TABLE IF EXISTS {name} SET UNLOGGED;",
            NAMED,
        )
        for name, size in rows
    )
    return warning(
        f"Changes of {count(len(names), 'unlogged table')} are not replicated",
        f"{listing(names)}. Their rows are as they were at the initial copy.",
        "On the source, where the rows matter (this writes the table anew):\n"
        + statements_of(fixes),
        fixes,
    )


def _large_objects(_facts: Facts, session: Connection) -> Outcome:
    [(number,)] = run(session, "check_large_objects")
    if not number:
        return ok("The source has no large objects")
    return warning(
        f"Changes of {count(number, 'large object')} are not replicated",
        "They are as they were at the initial copy.",
        "Do not change them during the migration, or keep them in a bytea column.",
    )


def _foreign_tables(_facts: Facts, session: Connection) -> Outcome:
    names = [name for (name,) in run(session, "check_foreign_tables")]
    if not names:
        return ok("The source has no foreign tables")
    return warning(
        f"The rows of {count(len(names), 'foreign table')} are not copied",
        f"{listing(names)}. Only their definitions are.",
        "Make sure that the target reaches their servers, and give it user mappings.",
    )


CHECKS = (
    Check(
        "source.unlogged", SOURCE, "unlogged tables on the source", _unlogged,
        why="Their changes never reach the log, and so not the stream. A warning.",
    ),
    Check(
        "source.large_objects", SOURCE, "large objects on the source", _large_objects,
        why="Their changes are not decoded. A warning.",
    ),
    Check(
        "source.foreign_tables", SOURCE, "foreign tables on the source", _foreign_tables,
        why="Their rows are on other servers. A warning.",
    ),
)  # fmt: skip
