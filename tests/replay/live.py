"""What the tests on real servers share: values of every type, and a database that is decoded."""

from typing import LiteralString

from psycopg import sql

from lmtui.database import Connection
from lmtui.replay.change import Begin, Change, Commit, Decoder, Relation

# The type, and values as SQL.
TYPES: dict[LiteralString, tuple[LiteralString, ...]] = {
    "smallint": ("-32768",),
    "integer": ("0", "2147483647"),
    "bigint": ("-9223372036854775808",),
    "oid": ("4294967295",),
    "real": ("'NaN'", "'Infinity'", "'-0'", "1e-37", "0.1"),
    "double precision": ("'NaN'", "'-Infinity'", "'-0'", "0.1", "1e300", "5e-324"),
    "numeric": ("'NaN'", "'Infinity'", "'-Infinity'", "0.000", "'1e-50'", "repeat('9', 1000)"),
    "numeric(30,10)": ("-12345678901234567890.0123456789",),
    "money": ("-1234.5", "12"),
    "boolean": ("true", "false"),
    "bit(5)": ("B'10110'",),
    "bit varying": ("B''", "B'1'"),
    "text": (
        "''", "' '", "'null'", "'unchanged-toast-datum'", "e'tab\\tline\\nreturn\\r'", "'🐘漢字é'",
        "e'\\\\back \\\\\\\\ slash\\\\'", "'it''s ''quoted'''", "''''", "'\"double\"'",
        "' new-tuple: a[integer]:1'", "e'\\x01\\x1f\\x7f'", "repeat('ab''\"\\ ', 170000)",
    ),
    "character varying(9)": ("'x'",),
    "character(5)": ("'ab'",),
    '"char"': ("'c'", "''"),
    "name": ("'a name'",),
    "bytea": ("''", r"'\x00ff'", r"'\x5c78'"),
    "json": ("""' { "a" : [1.0, null, "it''s"] , "a":2}'""", "'null'"),
    "jsonb": ("""'{"a": [1.0, 1e2, "q\\"''\\u00e9"]}'""", "'null'"),
    "xml": ("""'<a b="c">d''e &amp; f</a>'""",),
    "jsonpath": ("""'$.a ? (@ == "x")'""",),
    "date": ("'0044-03-15 BC'", "'infinity'", "'2026-01-15'"),
    "time": ("'24:00'", "'09:30:00.000001'"),
    "time with time zone": ("'09:30+05:45'",),
    "timestamp": ("'-infinity'", "'0001-01-01 00:00 BC'", "'294276-12-31 23:59:59.999999'"),
    "timestamp with time zone": ("'infinity'", "'2026-01-15 09:30:00.1+05:45'"),
    "interval": ("'-1 year 2 mons -3 days 04:05:06.789'", "'0'"),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",),
    "inet": ("'::1'", "'10.0.0.1/8'", "'10.0.0.1'"),
    "cidr": ("'10.0.0.0/8'",),
    "macaddr": ("'08:00:2b:01:02:03'",),
    "point": ("'(1.5,-0)'",),
    "box": ("'(1,2),(3,4)'",),
    "path": ("'[(1,2),(3,4)]'",),
    "polygon": ("'((1,2),(3,4),(5,6))'",),
    "circle": ("'<(1,2),3>'",),
    "tsvector": ("""'a:1 fat:2B,4C ''it''''s'':3'""",),
    "tsquery": ("""'fat & (rat | !''it''''s'')'""",),
    "int4range": ("'[1,5)'", "'empty'", "'(,)'"),
    "tstzrange": ("'[2026-01-15 09:30+00,)'",),
    "int4multirange": ("'{[1,3),[5,9)}'", "'{}'"),
    "xid": ("'4294967295'",),
    "xid8": ("'18446744073709551615'",),
    "pg_lsn": ("'16/B374D848'",),
    "regclass": ("'pg_class'",),
    "integer[]": ("'{}'", "'{1,NULL,-3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'"),
    "text[]": ("""array['', 'NULL', null, 'a,b', '"', '\\', '''', '{}', e'\\n']""",),
    "bytea[]": (r"array['\x00', null]::bytea[]",),
    "jsonb[]": ("""array['{"a": "it''s"}'::jsonb]""",),
    '"odd type ]:"': ("""'a "b'' ]'""",),
    '"odd type ]:"[]': ("""array['a "b'' ]', null]::"odd type ]:"[]""",),
    "composite": ("""row(1, 'it''s "so", (really)')""",),
    "bytes_domain": (r"'\x00ff'",),
    "boolean_domain": ("true",),
    "number_domain": ("1.50",),
    "bits_domain": ("B'101'",),
}  # fmt: skip


class Source:
    """A database with a slot: SQL goes in, changes come out."""

    def __init__(self, connection: Connection, decoder: Decoder) -> None:
        self.connection = connection
        self.decoder = decoder
        self.plugin = decoder.plugin
        self._slot = f"live_{decoder.plugin}"
        self.run("select pg_create_logical_replication_slot(%s, %s)", self._slot, self.plugin)

    def run(self, statement: LiteralString, *parameters: object) -> None:
        """Run one statement, or several without parameters."""
        self.connection.execute(statement, parameters or None)

    def changes(self) -> list[Change]:
        """All that happened since the last call, decoded."""
        options = [part for item in self.decoder.options.items() for part in item]
        rows = self.connection.execute(
            "select data from pg_logical_slot_get_binary_changes(%s, null, null, variadic %s)",
            (self._slot, options),
        )
        return [self.decoder.decode(payload) for (payload,) in rows]

    def data(self) -> list[Change]:
        """The same without the transactions around the changes."""
        return [change for change in self.changes() if not isinstance(change, Begin | Commit)]

    def read(self, relation: Relation) -> list[tuple[str | None, ...]]:
        """A table's rows in their order, each value as its type's output function prints it."""
        table = sql.Identifier(*relation)
        names = self.connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped order by attnum",
            (table.as_string(),),
        ).fetchall()
        # A cast to text is not the output function for boolean, character and inet.
        column = sql.SQL("case when num_nulls({0}) = 0 then format('%s', {0}) end")
        columns = sql.SQL(", ").join(column.format(sql.Identifier(name)) for (name,) in names)
        query = sql.SQL("select {} from {} order by ctid").format(columns, table)
        return self.connection.execute(query).fetchall()

    def close(self) -> None:
        """Drop the slot, so that the server can drop the database."""
        self.run("select pg_drop_replication_slot(%s)", self._slot)
