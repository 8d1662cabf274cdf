"""Keeping the source ready to be gone back to: where both sides stood, and what came since."""

from datetime import UTC, datetime

import msgspec

from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError
from lmtui.going_back import GoingBack, Since, Written, since
from lmtui.ledger import Ledger
from lmtui.validation.sequences import read_sequences
from lmtui.validation.side import HIDDEN_SCHEMAS
from lmtui.workdir import WorkDirectory, write_atomically


def keep_ready(
    directory: WorkDirectory, ledger: Ledger, source: Endpoint, target: Endpoint, slot: str
) -> GoingBack:
    """Remember where both sides stand, before the target is used; returns what going back takes.

    Raises ServerError.
    """
    marks = {end.side: _written(end) for end in (source, target)}
    write_atomically(directory.going_back, msgspec.json.encode(marks))
    return _going_back(ledger, source, slot, Since(), Since())


def look(
    directory: WorkDirectory, ledger: Ledger, source: Endpoint, target: Endpoint, slot: str
) -> GoingBack:
    """What going back takes now. Raises BlockedError where the source was not kept ready."""
    if not directory.going_back.exists():
        raise BlockedError(
            "The source was not kept ready",
            hint="That is chosen before the cutover: lmtui cutover --keep-source-ready.",
        )
    marks = msgspec.json.decode(directory.going_back.read_bytes(), type=dict[str, Written])
    ours, theirs = (since(marks[end.side], _written(end)) for end in (source, target))
    return _going_back(ledger, source, slot, ours, theirs)


def _going_back(
    ledger: Ledger, source: Endpoint, slot: str, ours: Since, theirs: Since
) -> GoingBack:
    with (
        connect(source, read_only=True) as connection,
        said_plainly("Whether the source's fence stands cannot be read"),
    ):
        (setting,) = run(connection, "fence_settings")[0]
    there = [entry for entry in ledger.open_entries() if entry.side == "source"]
    return GoingBack(
        at=datetime.now(UTC),
        fenced=setting == "on" and any(entry.until == "fence" for entry in there),
        fence=tuple(entry.undo for entry in there if entry.until == "fence"),
        jobs=tuple(entry.undo for entry in there if entry.what.startswith("job ")),
        slot=slot,
        source=ours,
        target=theirs,
    )


def _written(endpoint: Endpoint) -> Written:
    with (
        connect(endpoint, read_only=True) as connection,
        said_plainly(f"What was written on the {endpoint.side} cannot be read"),
    ):
        rows = run(
            connection,
            "going_back_writes",
            {"hidden_schemas": HIDDEN_SCHEMAS, "hypertables": _hypertables(connection)},
        )
        sequences = read_sequences(connection)
    return Written(
        sequences={
            one.text: (one.last_value, one.is_called)
            for one in sequences.values()
            if one.last_value is not None
        },
        rows={f"{schema}.{name}": tuple(counts) for schema, name, *counts in rows},
    )


def _hypertables(connection: Connection) -> list[int]:
    if not run(connection, "replay_has_timescaledb")[0][0]:
        return []
    return [oid for (oid,) in run(connection, "validate_hypertables")]
