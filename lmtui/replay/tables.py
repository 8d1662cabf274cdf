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


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the target. `only` where rows of inheriting tables must be left alone.

    `whole` where the rows are in tables below it: a hypertable, or a partitioned table.
    """

    relation: Relation
    only: bool
    whole: bool
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


class Tables:
    """The target's tables, read once each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: dict[Relation, Table] = {}
        self._hypertables: set[Relation] = set()
        if run(connection, "replay_has_timescaledb")[0][0]:
            rows = run(connection, "replay_hypertables")
            self._hypertables = {(schema, name) for _, schema, name, *_ in rows}

    def table(self, relation: Relation) -> Table:
        """A table. Raises ReplayStoppedError where the target lacks it."""
        if relation not in self._tables:
            self._tables[relation] = self._read(relation)
        return self._tables[relation]

    def forget(self) -> None:
        """Read everything anew: the schema may have changed."""
        self._tables.clear()

    def _read(self, relation: Relation) -> Table:
        schema, name = relation
        found = run(self._connection, "replay_target_table", {"schema": schema, "name": name})
        if not found:
            raise ReplayStoppedError(
                f"The target has no table {schema}.{name}",
                hint="Create it on the target as it is on the source, then resume.",
            )
        oid, partitioned, has_children = found[0]
        columns, generated = {}, set()
        for column, type_, array, comparable, padded, is_generated in run(
            self._connection, "replay_target_columns", {"oid": oid}
        ):
            columns[column] = Column(column, type_, array, comparable, padded)
            if is_generated:
                generated.add(column)
        keys = run(self._connection, "replay_target_keys", {"oid": oid})
        return Table(
            relation=relation,
            only=has_children and not partitioned and relation not in self._hypertables,
            whole=partitioned or relation in self._hypertables,
            columns=columns,
            generated=frozenset(generated),
            unique_keys=tuple(tuple(names) for (names,) in keys),
        )
