"""What the target's catalog says of the tables that are replayed into."""

from dataclasses import dataclass

from psycopg import sql

from lmtui.database import Connection, run
from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import Names, Relation
from lmtui.replay.facts import CatalogFacts


@dataclass(frozen=True)
class Column:
    """A column: `type` and `array` are qualified type names.

    `array` is empty where no array of the type can be unnested into one column each (arrays,
    composites): its values then go as text and through the type's input function.
    `equality` is the operator that an index uses, with its schema; empty where the type has none.
    """

    name: str
    type: str
    array: str
    equality: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the target. `whole` where its rows are in tables below it.

    That is a hypertable, or a partitioned table; else inheriting tables must be left alone.
    `dimensions` are the columns that a hypertable is divided by.
    """

    relation: Relation
    whole: bool
    hypertable: bool
    dimensions: Names
    columns: dict[str, Column]
    generated: frozenset[str]
    unique_keys: tuple[Names, ...]

    @property
    def name(self) -> sql.Composed:
        """The quoted name."""
        return sql.SQL(".").join(map(sql.Identifier, self.relation))

    @property
    def scope(self) -> sql.Composed:
        """The quoted name as all but INSERT and COPY need it."""
        return sql.SQL("{}" if self.whole else "only {}").format(self.name)

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
    """The target's tables, read once each, and how the source's changes name their rows."""

    def __init__(self, connection: Connection, facts: CatalogFacts) -> None:
        self._connection = connection
        self._facts = {(table.schema, table.name): table for table in facts.tables}
        self._tables: dict[Relation, Table] = {}
        self._keys: dict[Relation, Names] = {}
        self._hypertables: set[Relation] = set()
        if run(connection, "replay_has_timescaledb")[0][0]:
            rows = run(connection, "replay_hypertables")
            self._hypertables = {(schema, name) for _, schema, name, *_ in rows}

    def table(self, relation: Relation) -> Table:
        """A table. Raises ReplayStoppedError where the target lacks it."""
        if relation not in self._tables:
            self._tables[relation] = self._read(relation)
        return self._tables[relation]

    def key(self, relation: Relation) -> Names:
        """The columns that identify a row: the replica identity, or a unique key under FULL."""
        if relation not in self._keys:
            facts = self._facts.get(relation)
            key: Names = ()
            if facts is None or facts.full:
                key = next(iter(self.table(relation).unique_keys), ())
            elif facts.identity:
                key = facts.identity
            self._keys[relation] = key
        return self._keys[relation]

    def known_key(self, relation: Relation) -> Names:
        """The columns that identify a row, as far as was read already: an error may be pending."""
        return self._keys.get(relation, ())

    def is_unique(self, relation: Relation) -> bool:
        """Whether the target has each key but once, whatever the session.

        A deferrable constraint is checked by a trigger, which does not fire while this replays.
        """
        key = {*self.key(relation)}
        return any(key >= {*unique} for unique in self.table(relation).unique_keys)

    def is_full(self, relation: Relation) -> bool:
        """Whether the source's changes name a row by all of it."""
        facts = self._facts.get(relation)
        return facts is not None and facts.full

    def forget(self) -> None:
        """Read everything anew: the schema may have changed."""
        self._tables.clear()
        self._keys.clear()

    def _read(self, relation: Relation) -> Table:
        schema, name = relation
        found = run(self._connection, "replay_target_table", {"schema": schema, "name": name})
        if not found:
            raise ReplayStoppedError(
                f"The target has no table {schema}.{name}",
                hint="Create it on the target as it is on the source, then resume.",
            )
        oid, partitioned = found[0]
        columns, generated = {}, set()
        for column, type_, array, equality, is_generated in run(
            self._connection, "replay_target_columns", {"oid": oid}
        ):
            columns[column] = Column(column, type_, array, equality)
            if is_generated:
                generated.add(column)
        keys = run(self._connection, "replay_target_keys", {"oid": oid})
        dimensions = []
        if relation in self._hypertables:
            named = {"schema": schema, "name": name}
            dimensions = run(self._connection, "replay_target_dimensions", named)
        return Table(
            relation=relation,
            whole=partitioned or relation in self._hypertables,
            hypertable=relation in self._hypertables,
            dimensions=tuple(column for column, *_ in dimensions),
            columns=columns,
            generated=frozenset(generated),
            unique_keys=tuple(tuple(names) for (names,) in keys),
        )
