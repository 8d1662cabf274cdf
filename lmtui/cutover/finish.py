"""What must be done on the target once the drain is proven. Every step may be repeated."""

from psycopg import sql

from lmtui.cutover.sequences import copy_sequences
from lmtui.database import connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.humane import count_noun
from lmtui.ledger import Ledger
from lmtui.undo import undo


def set_sequences(source: Endpoint, target: Endpoint, margin: int = 0) -> str:
    """Set every sequence as it is on the source, or `margin` values further."""
    count = count_noun(copy_sequences(source, target, margin), "sequence")
    return f"{count}, each {margin} values ahead" if margin else count


def restore_identity(ledger: Ledger, target: Endpoint) -> str:
    """Make identity columns refuse given values again."""
    return count_noun(len(undo(ledger, [target], ("identity",))), "identity column")


def restore_triggers(ledger: Ledger, target: Endpoint) -> str:
    """Let triggers and rules fire ALWAYS or for REPLICA again, as on the source."""
    return f"{len(undo(ledger, [target], ('triggers',)))} triggers and rules"


def refresh_matviews(target: Endpoint) -> str:
    """Refresh the materialized views that hold data, in the order of what they read."""
    with connect(target, statement_timeout=0, lock_timeout=60) as connection:
        views = run(connection, "matviews")
        # The views' functions may rely on the database's own path.
        connection.execute("reset search_path")
        for schema, name in views:
            with said_plainly(f"The materialized view {schema}.{name} cannot be refreshed"):
                connection.execute(
                    sql.SQL("refresh materialized view {}").format(sql.Identifier(schema, name))
                )
    return count_noun(len(views), "materialized view")


def analyze(target: Endpoint, *, quick: bool = False) -> str:
    """Collect statistics for the planner; `quick` ones are rough and made in a moment."""
    with connect(target, statement_timeout=0, lock_timeout=60) as connection:
        if quick:
            connection.execute("set default_statistics_target = 1")
        connection.execute("analyze")
    return "rough ones of every table" if quick else "of every table"
