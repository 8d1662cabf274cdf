"""Where the sequences of one side stand."""

from typing import NamedTuple

from psycopg import sql as compose

from lmtui.database import Connection, run
from lmtui.queries import sql
from lmtui.validation.relations import Name, quoted
from lmtui.validation.side import HIDDEN_SCHEMAS

# So many sequences are read in one statement.
BATCH = 200


class SequenceState(NamedTuple):
    """A sequence and its position; `last_value` is None where our role may not read it."""

    schema: str
    name: str
    increment: int
    last_value: int | None
    is_called: bool

    @property
    def text(self) -> str:
        """Its qualified name as SQL writes it."""
        return quoted(self.schema, self.name)

    @property
    def next_value(self) -> int:
        """What nextval gives next. Raises ValueError where it cannot be known."""
        if self.last_value is None:
            raise ValueError(f"{self.text} cannot be read")
        return self.last_value + (self.increment if self.is_called else 0)


def read_sequences(connection: Connection) -> dict[Name, SequenceState]:
    """All sequences of users by schema and name. Raises psycopg.Error."""
    found = run(connection, "sequences_all", {"hidden_schemas": HIDDEN_SCHEMAS})
    positions = _positions(connection, [row[:2] for row in found if row[3]])
    return {
        (schema, name): SequenceState(
            schema, name, increment, *positions.get((schema, name), (None, False))
        )
        for schema, name, increment, _ in found
    }


def mismatches(
    source: dict[Name, SequenceState], target: dict[Name, SequenceState]
) -> tuple[str, ...]:
    """In words, the sequences of the source that the target lacks or has behind."""
    return tuple(
        words for key, ours in source.items() if (words := _mismatch(ours, target.get(key)))
    )


def _mismatch(source: SequenceState, target: SequenceState | None) -> str:
    if target is None:
        return f"{source.text}: missing on the target"
    for side, state in (("source", source), ("target", target)):
        if state.last_value is None:
            return f"{source.text}: cannot be read on the {side} (SELECT on it is not granted)"
    ahead = target.next_value - source.next_value
    if ahead >= 0 if source.increment > 0 else ahead <= 0:
        return ""
    return (
        f"{source.text}: next value {target.next_value} on the target, "
        f"{source.next_value} on the source"
    )


def _positions(connection: Connection, names: list[Name]) -> dict[Name, tuple[int, bool]]:
    positions: dict[Name, tuple[int, bool]] = {}
    one = compose.SQL(sql("sequences_value"))
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        statement = compose.SQL("\nunion all\n").join(
            one.format(number=compose.Literal(number), sequence=compose.Identifier(*name))
            for number, name in enumerate(batch)
        )
        for number, last_value, is_called in connection.execute(statement):
            positions[batch[number]] = (last_value, is_called)
    return positions
