"""Random schemas and random changes of their rows, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from every_type import TYPES, Type
from hypothesis import strategies as st
from psycopg import sql

SMALL = Type("int", tuple(map(str, range(8))))
WORDS = Type("text", ("'a'", "'b'", "''", "e'\\\\.'", "repeat(md5('1'), 90)", "repeat('xy', 1100)"))
BYTES = Type("bytea", ("'a'", "''", "decode(repeat(md5('2'), 150), 'hex')"))
# No ordinary value of these is another row's key, and their casts in a WHERE are not obvious.
_ODD = frozenset({"short_domain", "regclass", "regtype", "oidvector", "int2vector"})
KEYS = [type_ for type_ in TYPES if type_.key and type_.name not in _ODD]
ANY = [type_ for type_ in TYPES if type_.name not in _ODD]
IDENTITIES = ("key", "key", "key", "index", "full", "unique", "nullable", "deferrable", "none")
NAMES = ("a", "b", "C d", "%s", "$1", "select", 'q"', "v0", "t", "{0}")


@dataclass(frozen=True)
class Column:
    """A column; a value is SQL. `nullable` and `key` as its table has it."""

    name: str
    type: Type
    nullable: bool

    @property
    def definition(self) -> str:
        return f"{self.name} {self.type.name}{'' if self.nullable else ' not null'}"


@dataclass(frozen=True)
class Table:
    """A table: what makes it on either side, and where its changes go."""

    name: str
    columns: tuple[Column, ...]
    setup: str
    target_setup: str
    scopes: tuple[str, ...]
    changeable: bool


@dataclass(frozen=True)
class Transaction:
    """Statements, each in a savepoint that is rolled back where it says so, or where it fails."""

    statements: tuple[tuple[str, bool], ...]
    committed: bool
    compared: bool


def _value(column: Column) -> st.SearchStrategy[str]:
    cast = column.type.name.partition(" collate")[0]
    values = [f"({value})::{cast}" for value in column.type.values]
    return st.sampled_from([*values, "null"] if column.nullable else values)


@st.composite
def tables(draw: st.DrawFn, number: int) -> Table:
    """A table with an identity of some kind, perhaps partitioned, or with a child."""
    identity = draw(st.sampled_from(IDENTITIES))
    layout = draw(st.sampled_from(["plain", "plain", "partitioned", "parent"]))
    if layout == "partitioned" and identity in ("index", "nullable", "deferrable"):
        layout = "plain"
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    quoted = [sql.Identifier(name).as_string() for name in names]
    keys = draw(st.integers(1, 2))
    columns = []
    for at, name in enumerate(quoted):
        choice = [SMALL, SMALL, WORDS, draw(st.sampled_from(KEYS))]
        if at >= keys:
            choice += [BYTES, draw(st.sampled_from(ANY)), draw(st.sampled_from(ANY))]
        elif at == 0 and layout == "partitioned":
            choice = [SMALL, Type("text", WORDS.values[:4])]
        type_ = draw(st.sampled_from(choice))
        if type_ is WORDS and at < keys:
            type_ = Type("text", WORDS.values[:5] if draw(st.booleans()) else WORDS.values[:3])
        nullable = at >= keys or identity in ("full", "nullable", "none")
        columns.append(Column(name, type_, nullable))
    name = sql.Identifier(draw(st.sampled_from(["t", "T %s", "{}"])) + str(number)).as_string()
    key = ", ".join(quoted[:keys])
    listed = [column.definition for column in columns]
    if draw(st.booleans()) and any(column.type is SMALL for column in columns):
        base = next(column.name for column in columns if column.type is SMALL)
        listed.append(f"g int generated always as ({base} * 2) stored")
    unique = "unique" if draw(st.integers(0, 3)) == 0 and identity in ("key", "full") else ""
    if unique and layout != "partitioned":
        listed.append(f"u int {unique}")
        columns.append(Column("u", SMALL, nullable=True))
    of_key = {
        "key": f", primary key ({key})",
        "unique": f", unique ({key})",
        "nullable": f", unique ({key})",
        "deferrable": f", primary key ({key}) deferrable",
    }.get(identity, "")
    shuffled = draw(st.permutations(listed)) if layout == "plain" else listed
    made, remade = (
        f"create table {name} ({', '.join(order)}{of_key})" for order in (listed, shuffled)
    )
    after, scopes = [], [name]
    leaves = [name]
    if layout == "partitioned":
        made = remade = f"{made} partition by hash ({quoted[0]})"
        leaves = [sql.Identifier(f"leaf {number}.{leaf}").as_string() for leaf in range(2)]
        after += [
            f"create table {leaf} partition of {name} for values with (modulus 2, remainder {at})"
            for at, leaf in enumerate(leaves)
        ]
    elif layout == "parent":
        child = sql.Identifier(f"child {number}").as_string()
        after.append(f"create table {child} ({of_key.removeprefix(', ')}) inherits ({name})")
        leaves.append(child)
        scopes += [child, f"only {name}"]
    for leaf in leaves:
        if identity in ("full", "unique", "nullable", "deferrable"):
            after.append(f"alter table {leaf} replica identity full")
        elif identity == "index":
            index = sql.Identifier(f"index of {leaf}").as_string()
            after.append(f"create unique index {index} on {leaf} ({key})")
            after.append(f"alter table {leaf} replica identity using index {index}")
        after += [
            f"alter table {leaf} alter {column.name} set storage external"
            for column in columns
            if column.type.name in ("text", "bytea")
        ]
    return Table(
        name=name, columns=tuple(columns), setup=";".join([made, *after]),
        target_setup=";".join([remade, *after]), scopes=tuple(scopes),
        changeable=identity != "none",
    )  # fmt: skip


@st.composite
def _condition(draw: st.DrawFn, table: Table, scope: str) -> str:
    kind = draw(st.sampled_from(["value", "value", "value", "first", "last", "all"]))
    if kind == "all":
        return "true"
    if kind != "value":
        return f"ctid = (select {'min' if kind == 'first' else 'max'}(ctid) from {scope})"
    column = draw(st.sampled_from(table.columns))
    value = draw(_value(column))
    return f"{column.name}::text is not distinct from ({value})::text"


@st.composite
def statements(draw: st.DrawFn, among: Sequence[Table]) -> str:
    """One statement that changes rows of one table, or empties some."""
    table = draw(st.sampled_from(among))
    kinds = ["insert"] * 4 + ["update"] * 5 + ["delete"] * 2 + ["truncate"]
    kind = draw(st.sampled_from(kinds if table.changeable else ["insert", "insert", "truncate"]))
    if kind == "truncate":
        chosen = draw(st.lists(st.sampled_from(among), min_size=1, unique=True))
        return "truncate " + ", ".join(one.name for one in chosen)
    scope = draw(st.sampled_from(table.scopes))
    if kind == "insert":
        rows = draw(
            st.lists(
                st.tuples(*(_value(column) for column in table.columns)), min_size=1, max_size=4
            )
        )
        listed = ", ".join(f"({', '.join(row)})" for row in rows)
        names = ", ".join(column.name for column in table.columns)
        conflict = draw(st.sampled_from(["", " on conflict do nothing"]))
        return f"insert into {scope.removeprefix('only ')} ({names}) values {listed}{conflict}"
    condition = draw(_condition(table, scope))
    if kind == "delete":
        return f"delete from {scope} where {condition}"
    changed = draw(st.lists(st.sampled_from(table.columns), min_size=1, max_size=2, unique=True))
    settings = []
    for column in changed:
        value = draw(_value(column))
        if column.type is SMALL:
            value = draw(st.sampled_from([value, f"{column.name} + 1", f"7 - {column.name}"]))
        settings.append(f"{column.name} = {value}")
    return f"update {scope} set {', '.join(settings)} where {condition}"


@st.composite
def transactions(draw: st.DrawFn, among: Sequence[Table]) -> Transaction:
    """Some statements together."""
    one = st.tuples(statements(among), st.sampled_from([False] * 9 + [True]))
    return Transaction(
        tuple(draw(st.lists(one, min_size=1, max_size=6))),
        draw(st.sampled_from([True] * 9 + [False])),
        draw(st.sampled_from([False] * 4 + [True])),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Table], list[Transaction]]:
    """A schema, and what happens in it."""
    among = [draw(tables(number)) for number in range(draw(st.integers(1, 3)))]
    return among, draw(st.lists(transactions(among), min_size=1, max_size=8))
