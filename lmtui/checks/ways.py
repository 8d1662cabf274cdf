"""Remedies that several checks share, and how a list of them is put."""

from collections.abc import Sequence

from lmtui.checks.wording import identifier, literal
from lmtui.remedies.remedy import NAMED, SQL, Remedy, Step

SHOWN = 20


def one(
    side: str, name: str, consent: str, statement: str, undo: str = "", kind: str = SQL
) -> Remedy:
    """A remedy of one statement."""
    return Remedy(
        name=name,
        side=side,
        consent=consent,
        steps=(Step(statement=statement, undo=undo),),
        kind=kind,
    )


def end_session(side: str, pid: int) -> Remedy:
    """End a session; its transaction is rolled back, which cannot be undone."""
    return one(
        side,
        str(pid),
        f"End process {pid} on the {side}; its open transaction is rolled back for good",
        f"SELECT pg_terminate_backend({pid});",
        kind=NAMED,
    )


def drop_slot(side: str, name: str) -> Remedy:
    """Drop a slot; what was not read from it cannot be read any more."""
    return one(
        side,
        name,
        f"Drop the slot {name} on the {side}; whoever reads from it must begin again",
        f"SELECT pg_drop_replication_slot({literal(name)});",
        kind=NAMED,
    )


def skip_extension(name: str) -> str:
    """How an extension is left out."""
    return f"--skip-extensions {identifier(name)}"


def statements_of(fixes: Sequence[Remedy], limit: int = SHOWN) -> str:
    """The statements of the remedies, one a line; and how many more remedies there are."""
    lines = [statement for fix in fixes[:limit] for statement in fix.statements]
    if len(fixes) > limit:
        lines.append(f"And {len(fixes) - limit} more; lmtui check --explain shows them all.")
    return "\n".join(lines)
