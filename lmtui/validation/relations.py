"""What there is to compare on one side, and how one relation is read."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from psycopg import sql as compose

from lmtui.queries import sql
from lmtui.validation.side import Side

Name = tuple[str, str]

_PLAIN_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_$]*")


class Relation(NamedTuple):
    """A relation that holds rows. `pages` are of the server's block size, an estimate."""

    schema: str
    name: str
    kind: str
    unlogged: bool
    populated: bool
    columns: Sequence[str]
    pages: int
    definition: str

    @property
    def key(self) -> Name:
        """Schema and name, by which both sides are matched."""
        return self.schema, self.name

    @property
    def text(self) -> str:
        """Its qualified name as SQL writes it."""
        return quoted(self.schema, self.name)


def quoted(*parts: str) -> str:
    """A qualified name, quoted where a reader needs it to be."""
    return ".".join(
        part if _PLAIN_IDENTIFIER.fullmatch(part) else '"' + part.replace('"', '""') + '"'
        for part in parts
    )


def relations(side: Side) -> list[Relation]:
    """All relations of users that hold rows, the biggest first. Raises ServerError."""
    return [Relation(*row) for row in side.rows("validate_relations")]


def split(
    found: Sequence[Relation], skip: Collection[Name]
) -> tuple[list[Relation], tuple[str, ...]]:
    """What to compare, and in words what not, with the reason."""
    compared: list[Relation] = []
    left_out: list[str] = []
    for relation in found:
        if relation.key in skip:
            left_out.append(f"{relation.kind} {relation.text}: left out by choice")
        elif relation.kind == "foreign table":
            left_out.append(f"foreign table {relation.text}: its rows are on another server")
        elif relation.unlogged:
            left_out.append(f"unlogged table {relation.text}: its changes are not in the WAL")
        elif not relation.populated:
            left_out.append(f"materialized view {relation.text}: not populated on the source")
        else:
            compared.append(relation)
    return compared, tuple(left_out)


def not_decoded(source: Side) -> tuple[str, ...]:
    """In words, what else of the source lies outside of this comparison. Raises ServerError."""
    words = [
        f"table {quoted(schema, name)}: it belongs to the extension {extension}"
        for schema, name, extension, *_ in source.rows("validate_extension_tables")
    ]
    count = source.rows("validate_large_objects")[0][0]
    if count:
        words.append(f"large objects: {count}, which logical decoding does not carry")
    return tuple(words)


class Source(NamedTuple):
    """Where rows are read from: a relation on one side, or a part of it.

    `recode` takes the text as UTF-8 where the two databases are not in one encoding.
    """

    relation: Relation
    where: compose.Composable = compose.SQL("")
    recode: bool = False

    @property
    def name(self) -> compose.Composable:
        """Its quoted name. A parent's children are relations of their own, but chunks are not."""
        name = compose.Identifier(self.relation.schema, self.relation.name)
        return compose.SQL("only {}").format(name) if self.relation.kind == "table" else name

    @property
    def text(self) -> compose.Composable:
        """What stands behind FROM, with the part's condition."""
        return self.name + self.where

    @property
    def also(self) -> compose.Composable:
        """What stands before one more condition."""
        some = self.where.as_string()
        return self.where + compose.SQL(" and") if some else compose.SQL(" where")


def checksum_of(source: Source, columns: Sequence[str]) -> compose.Composed:
    """The statement that counts and hashes rows over `columns`, in this order."""
    return _checksum(source.text, columns, source.recode)


def checksum_of_definition(source: Source, columns: Sequence[str]) -> compose.Composed:
    """The same for what a refresh of a materialized view would put into it now."""
    query = compose.SQL(source.relation.definition.rstrip().rstrip(";"))
    return _checksum(compose.SQL("({}) as refreshed").format(query), columns, source.recode)


def row_text(columns: Sequence[str], *, recode: bool) -> compose.Composable:
    """A row's text over `columns`.

    ROW takes 1,664 entries, more than a table has columns; a function takes 100 arguments.
    """
    row = compose.SQL("row({})::text").format(
        compose.SQL(", ").join(compose.Identifier(column) for column in columns)
    )
    if recode:
        row = compose.SQL("encode(convert_to({}, 'UTF8'), 'hex')").format(row)
    return row


def _checksum(
    relation: compose.Composable, columns: Sequence[str], recode: bool
) -> compose.Composed:
    text = row_text(columns, recode=recode)
    return compose.SQL(sql("validate_checksum")).format(text=text, relation=relation)
