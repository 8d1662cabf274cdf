"""What a remedy is: exact statements on one side, and the statements that put them back."""

import msgspec

# Applied when its finding is named, or with all.
SQL = "sql"
# The same; in force when the server was restarted.
RESTART = "restart"
# Applied only when its finding is named: it is heavy, or cannot be put back.
NAMED = "named"
# Another way than the first of its finding; applied only when it is named itself.
ALTERNATIVE = "alternative"


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement, and what puts it back; either may be empty.

    An `undo` must be harmless where the statement was not run, or its object is gone.
    """

    statement: str = ""
    undo: str = ""


class Remedy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change that mends a finding, or a part of it.

    `name` is unique in its finding. `consent` says what is done and what it costs. `fresh` means
    that each statement must be the first of a session of its own.
    """

    name: str
    side: str
    consent: str
    steps: tuple[Step, ...]
    kind: str = SQL
    fresh: bool = False

    @property
    def statements(self) -> tuple[str, ...]:
        """The exact SQL, in order."""
        return tuple(step.statement for step in self.steps if step.statement)

    @property
    def undo(self) -> tuple[str, ...]:
        """The exact SQL that puts it back, in the order in which it is run."""
        return tuple(step.undo for step in reversed(self.steps) if step.undo)
