"""Values of every type that PostgreSQL ships, and of types that somebody made."""

from typing import NamedTuple

SETUP = """
    set search_path = public;
    create extension hstore;
    create extension citext;
    create type mood as enum ('so so', 'it''s "fine"', '{}', ',');
    create type "Odd %s {0} $1 type]:" as enum ('a "b''\\ ]', 'NULL');
    create type pair as (a int, b text);
    create type nested as (p pair, q pair[], t timestamptz);
    create type text_range as range (subtype = text, collation = "C");
    create domain array_domain as int[];
    create domain bits_domain as bit varying;
    create domain boolean_domain as boolean;
    create domain bytes_domain as bytea check (length(value) < 100);
    create domain number_domain as numeric(8, 2);
    create domain pair_domain as pair;
    create domain short_domain as varchar(5) not null;
    create domain domain_domain as number_domain check (value <> 13);
    create collation case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
"""


class Type(NamedTuple):
    """A type as SQL, values as SQL, and whether a primary key can be of it."""

    name: str
    values: tuple[str, ...]
    key: bool = True


COMPARABLE = {
    "smallint": ("-32768", "7"),
    "integer": ("0", "2147483647"),
    "bigint": ("-9223372036854775808", "9"),
    "oid": ("4294967295", "0"),
    "real": ("'NaN'", "'Infinity'", "'-0'", "1e-37", "0.1", "3.4028235e38"),
    "double precision": ("'NaN'", "'-Infinity'", "'-0'", "0.1", "1e300", "5e-324"),
    "numeric": (
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "0.000",
        "'1e-50'",
        "repeat('9', 1000)",
        "'-0.' || repeat('123456789', 111)",
        "1.10",
    ),
    "numeric(30,10)": ("-12345678901234567890.0123456789", "'NaN'"),
    "numeric(3,-2)": ("12345", "'NaN'"),
    "money": ("-1234.5", "12", "'-92233720368547758.08'"),
    "boolean": ("true", "false"),
    "bit(5)": ("B'10110'", "B'00000'"),
    "bit": ("B'1'", "B'0'"),
    "bit varying": ("B''", "B'1'", "B'0101'"),
    "bit varying(9)": ("B''", "B'1'"),
    "text": (
        "''",
        "' '",
        "'null'",
        "'NULL'",
        "'unchanged-toast-datum'",
        "e'tab\\tline\\nreturn\\r'",
        "'🐘漢字é'",
        "e'\\\\back \\\\\\\\ slash\\\\'",
        "'it''s ''quoted'''",
        "''''",
        "'\"double\"'",
        "' new-tuple: a[integer]:1'",
        "e'\\x01\\x1f\\x7f'",
        "'\\.'",
        "e'\\\\.\\n\\\\.'",
        "'\\N'",
        "'%s %% $1 {}'",
        "'{a,b}'",
        "'f'",
        "'r'",
        "'n'",
        "e'\\u2028\\ufeff'",
    ),
    'text collate "C"': ("'a'", "'A'", "'ä'"),
    "text collate case_blind": ("'a'", "'B'"),
    "character varying(9)": ("'x'", "''", "'x   '"),
    "character(5)": ("'ab'", "''", "'a\\b'"),
    "character": ("'a'", "' '"),
    "bpchar": ("'ab  '", "''"),
    '"char"': ("'c'", "''", "''''", "'\\'", "'\\200'", "e'\\n'"),
    "name": ("'a name'", "'Quo\"ted'", "''"),
    "bytea": ("''", r"'\x00ff'", r"'\x5c78'", "'x'"),
    "jsonb": ("""'{"a": [1.0, 1e2, "q\\"''\\u00e9"]}'""", "'null'", "'1.00'", """'"\\n\\\\"'"""),
    "date": ("'0044-03-15 BC'", "'infinity'", "'-infinity'", "'5874897-12-31'", "'2026-01-15'"),
    "time": ("'24:00'", "'09:30:00.000001'"),
    "time(0)": ("'23:59:59'",),
    "time with time zone": ("'09:30+05:45'", "'00:00:00.1-15:59:59'"),
    "timestamp": ("'-infinity'", "'0001-01-01 00:00 BC'", "'294276-12-31 23:59:59.999999'"),
    "timestamp(3)": ("'2026-01-15 09:30:00.123'",),
    "timestamp with time zone": (
        "'infinity'",
        "'2026-01-15 09:30:00.1+05:45'",
        "'4713-01-01 00:00:00+00 BC'",
    ),
    "interval": (
        "'-1 year 2 mons -3 days 04:05:06.789'",
        "'0'",
        "'1 mon'",
        "'-178000000 years'",
        "'00:00:00.000001'",
    ),
    "interval(3)": ("'1.5 s'",),
    "interval year to month": ("'1-2'",),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",),
    "inet": ("'::1'", "'10.0.0.1/8'", "'10.0.0.1'", "'0.0.0.0/0'"),
    "cidr": ("'10.0.0.0/8'", "'::/0'"),
    "macaddr": ("'08:00:2b:01:02:03'",),
    "macaddr8": ("'08:00:2b:01:02:03:04:05'",),
    "tsvector": ("""'a:1 fat:2B,4C ''it''''s'':3 ''\\\\'''""", "''"),
    "tsquery": ("""'fat & (rat | !''it''''s'')'""", "'a <2> b:*AB'"),
    "int4range": ("'[1,5)'", "'empty'", "'(,)'", "'[,7)'"),
    "numrange": ("'(1.10,NaN]'", "'[-Infinity,0.00]'"),
    "daterange": ("'[0044-03-15 BC,infinity)'",),
    "tsrange": ("""'["2026-01-15 09:30","2026-01-16")'""",),
    "tstzrange": ("'[2026-01-15 09:30+00,)'", "'[,infinity]'"),
    "int4multirange": ("'{[1,3),[5,9)}'", "'{}'"),
    "tstzmultirange": ("'{[2026-01-15 09:30+00,2026-01-16 00:00+00),[2027-01-01 00:00+00,)}'",),
    "xid8": ("'18446744073709551615'", "'0'"),
    "pg_lsn": ("'16/B374D848'", "'0/0'"),
    "integer[]": ("'{}'", "'{1,NULL,-3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'"),
    "text[]": (
        """array['', 'NULL', null, 'null', 'a,b', '"', '\\', '''', '{}', e'\\n', ' ']""",
        """array[['a', null], ['"', '\\']]""",
        "'{}'",
    ),
    "numeric[]": ("array['NaN', 1.10, null]::numeric[]",),
    "boolean[]": ("'{t,f,NULL}'",),
    "bytea[]": (r"array['\x00', null, '\x5c22']::bytea[]",),
    "jsonb[]": ("""array['{"a": "it''s"}'::jsonb, null]""",),
    "date[]": ("'{infinity,0044-03-15 BC,NULL}'",),
    "interval[]": ("""array['1 mon -1 day', null]::interval[]""",),
    "tstzrange[]": ("""array['[2026-01-15 09:30+00,)', 'empty', null]::tstzrange[]""",),
    "mood": ("'so so'", "'it''s \"fine\"'", "'{}'", "','"),
    "mood[]": ("""array['so so', 'it''s "fine"', '{}', ',', null]::mood[]""",),
    '"Odd %s {0} $1 type]:"': ("'a \"b''\\ ]'", "'NULL'"),
    '"Odd %s {0} $1 type]:"[]': (
        """array['a "b''\\ ]', 'NULL', null]::"Odd %s {0} $1 type]:"[]""",
    ),
    "pair": ("""row(1, 'it''s "so", (really)\\')""", "row(null, '')", "row(null, null)"),
    "pair[]": ("""array[row(1, 'a,"b'), row(null, null), null]::pair[]""", "'{}'"),
    "nested": (
        """row(row(1, '"'), array[row(2, '\\')]::pair[], 'infinity')""",
        "row(null, null, null)",
    ),
    "text_range": ("""text_range('a"b', 'c,d')""", "'empty'", """text_range('', ')')"""),
    "array_domain": ("'{1,NULL}'", "'{}'"),
    "array_domain[]": ("array['{1,2}', null]::array_domain[]",),
    "bits_domain": ("B'101'", "B''"),
    "boolean_domain": ("true", "false"),
    "bytes_domain": (r"'\x00ff'", "''"),
    "bytes_domain[]": (r"array['\x00ff', null]::bytes_domain[]",),
    "number_domain": ("1.5", "'NaN'"),
    "pair_domain": ("row(1, 'a')", "row(2, '\"')"),
    "pair_domain[]": ("array[row(1, 'a'), row(null, '\"')]::pair_domain[]",),
    "short_domain": ("'a b'", "''"),
    "domain_domain": ("1.5", "'0'"),
    "citext": ("'Ab'", "''", "'ß'"),
    "citext[]": ("array['Ab', null, 'A,b']::citext[]",),
    "hstore": ("""'a=>1, "b c"=>NULL, "q\\"\\\\"=>"it''s, => x"'""", "''"),
    "hstore[]": ("""array['a=>"x y"', null]::hstore[]""",),
    "oidvector": ("'1 2 3'", "''"),
    "regclass": ("'pg_class'", "0", "'pg_catalog.pg_type'"),
    "regtype": ("'integer'", "'timestamp with time zone'"),
}
NOT_COMPARABLE = {
    "json": (
        """' { "a" : [1.0, null, "it''s"] , "a":2}'""", "'null'", """'"\\u00e9\\n"'""",
        "e'[\\n1,\\t2\\r]'",
    ),
    "json[]": ("""array['{"a": "it''s"}', null]::json[]""",),
    "xml": ("""'<a b="c">d''e &amp; f</a>'""", "'<b/>text<!-- -->'"),
    "jsonpath": ("""'$.a ? (@ == "x")'""", "'strict $[*]'"),
    "xid": ("'4294967295'",),
    "cid": ("'7'",),
    "tid": ("'(4294967295,65535)'",),
    "int2vector": ("'1 2'",),
    "point": ("'(1.5,-0)'", "'(NaN,Infinity)'"),
    "point[]": ("array['(1,2)', null]::point[]",),
    "line": ("'{1,-1,0}'",),
    "lseg": ("'[(1,2),(3,4)]'",),
    "box": ("'(1,2),(3,4)'", "'(0,0),(-0,0)'"),
    "box[]": ("array['(1,2),(3,4)', null]::box[]",),
    "path": ("'[(1,2),(3,4)]'", "'((1,2),(3,4))'"),
    "polygon": ("'((1,2),(3,4),(5,6))'",),
    "circle": ("'<(1,2),3>'",),
    "pg_snapshot": ("'10:20:10,14,15'",),
}  # fmt: skip

TYPES = (
    *(Type(name, values) for name, values in COMPARABLE.items()),
    *(Type(name, values, key=False) for name, values in NOT_COMPARABLE.items()),
)
