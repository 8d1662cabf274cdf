"""A table without a replica identity, and its ways out, the best first. Pure."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple, TypedDict

from msgspec.structs import replace

from lmtui.checks.check import SOURCE
from lmtui.checks.wording import count, literal
from lmtui.humane import bytes_text
from lmtui.remedies.remedy import ALTERNATIVE, Remedy, Step

INDEX_SUFFIX = "lmtui_identity"


class Key(TypedDict):
    """A unique index that can serve; names are quoted."""

    index: str
    primary: bool
    columns: list[str]


class Keyless(NamedTuple):
    """A table without a usable identity, as the source tells it; names are quoted.

    `former` is pg_class.relreplident. `changes` are updates and deletes since the statistics were
    reset, `bytes` its size. `makeable` are columns that an index could be made of.
    """

    name: str
    schema: str
    hypertable: bool
    former: str
    why: str
    changes: int
    bytes: int
    keys: list[Key]
    makeable: list[list[str]]

    @property
    def words(self) -> str:
        """The table, why it has none, and how much it is changed."""
        changed = count(self.changes, "update or delete", "updates and deletes")
        return f"{self.name} ({self.why}; {changed})"

    @property
    def undo(self) -> str:
        """What puts the former identity back; an index that is gone is as NOTHING."""
        form = "DEFAULT" if self.former == "d" else "NOTHING"
        return f"ALTER TABLE IF EXISTS {self.name} REPLICA IDENTITY {form};"


def remedies(table: Keyless) -> tuple[Remedy, ...]:
    """All ways out of one table: the best is applied with its finding, the others by their name."""
    first, *others = _ways(table)
    return (first, *(replace(other, kind=ALTERNATIVE) for other in others))


def on_chunks(table: Keyless, schema: str) -> str:
    """The statement that sets it on each chunk there is; `schema` is TimescaleDB's, quoted."""
    return (
        "DO $$ DECLARE c regclass; BEGIN FOR c IN SELECT"
        f" {schema}.show_chunks({literal(table.name)}) LOOP EXECUTE"
        " format('ALTER TABLE %s REPLICA IDENTITY FULL', c); END LOOP; END $$;"
    )


def best(table: Keyless) -> Remedy:
    """The way out that is applied where no other is named."""
    return next(_ways(table))


def _ways(table: Keyless) -> Iterator[Remedy]:
    # The first way bears the table's name.
    for number, (name, remedy) in enumerate(_named_ways(table)):
        yield replace(remedy, name=f"{table.name}:{name}") if number else remedy


def _named_ways(table: Keyless) -> Iterator[tuple[str, Remedy]]:
    for key in table.keys:
        form = "DEFAULT" if key["primary"] else f"USING INDEX {key['index']}"
        which = "its primary key" if key["primary"] else f"the index {key['index']}"
        columns = ", ".join(key["columns"])
        yield key["index"], _set(table, form, f"Name rows of {table.name} by {which} ({columns})")
    # A hypertable's index cannot be made concurrently.
    for columns_ in () if table.hypertable else table.makeable:
        yield "new-index", _made(table, columns_)
    changed = f"; {count(table.changes, 'change')} so far" if table.changes else ""
    yield (
        "full",
        _set(
            table,
            "FULL",
            f"Name rows of {table.name} by all their values: each update and delete writes the"
            f" whole old row to the log ({bytes_text(table.bytes)} large{changed})",
        ),
    )


def _set(table: Keyless, form: str, consent: str) -> Remedy:
    statement = f"ALTER TABLE {table.name} REPLICA IDENTITY {form};"
    chunks = " and all its chunks" if table.hypertable else ""
    return Remedy(
        name=table.name,
        side=SOURCE,
        consent=f"{consent}; it locks the table{chunks} for a moment",
        steps=(Step(statement=statement, undo=table.undo),),
    )


def _made(table: Keyless, columns: list[str]) -> Remedy:
    # PostgreSQL cuts a name at 63 bytes (NAMEDATALEN); the table's own is not needed in it.
    index = f"{INDEX_SUFFIX}_{zlib.crc32(table.name.encode()):08x}"
    create = f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {table.name} ({', '.join(columns)});"
    return Remedy(
        name=table.name,
        side=SOURCE,
        consent=f"Make a unique index of {table.name} on {', '.join(columns)}"
        f" ({bytes_text(table.bytes)} to read, writers go on), and name rows by it",
        steps=(
            Step(
                statement=create,
                undo=f"DROP INDEX CONCURRENTLY IF EXISTS {table.schema}.{index};",
            ),
            Step(
                statement=f"ALTER TABLE {table.name} REPLICA IDENTITY USING INDEX {index};",
                undo=table.undo,
            ),
        ),
    )
