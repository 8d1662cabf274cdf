"""Triggers and rules that would fire for replayed rows too: set aside on the target until the end.

session_replication_role does not silence what fires ALWAYS or for REPLICA. What it did on the
source is in the stream; on the target it would do it again.
"""

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.ledger import Ledger

# Until the cutover: what fires ALWAYS as an ordinary one, which replay silences; what fires for
# REPLICA only, not at all.
_QUIET = {"A": "enable", "R": "disable"}
_LOUD = {"A": "enable always", "R": "enable replica"}
_WORDS = {"A": "ALWAYS", "R": "REPLICA"}


def set_aside(target: Connection, ledger: Ledger) -> list[str]:
    """Make them quiet, the ledger first; returns them in words."""
    hypertables: list[int] = []
    if run(target, "replay_has_timescaledb")[0][0]:
        hypertables = [oid for (oid,) in run(target, "validate_hypertables")]
    said = []
    for kind, table, name, how in run(
        target, "triggers_that_replicate", {"hypertables": hypertables}
    ):
        words = f"{kind} {name} of {table.removeprefix('only ')}"
        ledger.record(
            side="target",
            what=f"{words}, which fires {_WORDS[how]}, set aside",
            before=_WORDS[how],
            undo=_back(kind, table, name, _LOUD[how]),
            until="triggers",
        )
        # Names come quoted from the catalog.
        target.execute(f"alter table {table} {_QUIET[how]} {kind} {name}".encode())
        said.append(f"{words} ({_WORDS[how]})")
    return said


def _back(kind: str, table: str, name: str, form: str) -> str:
    """Put one back; harmless where the table, or what is on it, is gone."""
    statement = sql.Literal(f"alter table {table} {form} {kind} {name}").as_string()
    return (
        f"do $lmtui$ begin execute {statement}; "
        "exception when undefined_table or undefined_object then null; end $lmtui$"
    )
