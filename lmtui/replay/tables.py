"""What the target's catalog says of the tables that are replayed into."""

from dataclasses import dataclass

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import Names, Relation


@dataclass(frozen=True)
class Column:
    """A column: `type` and `array` are qualified type names.

    `array` is empty where no array of the type can be unnested into one column each (arrays,
    composites): its values then go as text and through the type's input function.
    `comparable` says whether the type has a default equality that an index may use.
    """

    name: str
    type: str
    array: str
    comparable: bool
    padded: bool


@dataclass(frozen=True)
class Table:
    """A table of the target. `only` where rows of inheriting tables must be left alone."""

    relation: Relation
    only: bool
    columns: dict[str, Column]
    generated: frozenset[str]
    unique_keys: tuple[Names, ...]

    @property
    def name(self) -> sql.Composed:
        """The quoted name."""
        return sql.SQL(".").join(map(sql.Identifier, self.relation))

    @property
    def scope(self) -> sql.Composed:
        """The quoted name as UPDATE and DELETE need it."""
        return sql.SQL("only {}" if self.only else "{}").format(self.name)

    def column(self, name: str) -> Column:
        """A column. Raises ReplayStoppedError where the target lacks it."""
        try:
            return self.columns[name]
        except KeyError:
            raise ReplayStoppedError(
                f"The target's table {'.'.join(self.relation)} has no column {name}",
                hint="Add the column on the target, then resume.",
            ) from None


def read_table(connection: Connection, relation: Relation) -> Table:
    """Read a table of the target. Raises ReplayStoppedError where it does not exist."""
    found = run(connection, "replay_target_table", {"schema": relation[0], "name": relation[1]})
    if not found:
        raise ReplayStoppedError(
            f"The target has no table {relation[0]}.{relation[1]}",
            hint="Create it on the target as it is on the source, then resume.",
        )
    oid, only = found[0]
    columns, generated = {}, set()
    for name, type_, array, comparable, padded, is_generated in run(
        connection, "replay_target_columns", {"oid": oid}
    ):
        columns[name] = Column(name, type_, array, comparable, padded)
        if is_generated:
            generated.add(name)
    keys = tuple(tuple(names) for (names,) in run(connection, "replay_target_keys", {"oid": oid}))
    return Table(relation, only, columns, frozenset(generated), keys)
