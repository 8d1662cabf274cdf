"""Changes, and how each output plugin prints them: written from the plugins' C sources alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

AWKWARD = (
    "'", "''", '"', '""', "\\", "\n", "\t", "\r", "\x01", "\x7f", " ", "", "null", "true",
    "unchanged-toast-datum", " new-tuple:", " old-key:", "[x]:", "]:", ": INSERT:", ": TRUNCATE:",
    " a[integer]:1", ", sz: 3 content:", "(no-tuple-data)", "B'1'", '"}],"identity":[', "\\u0000",
    "é", "漢字", "🐘", "\u2028", "\ufeff", "NaN", "-Infinity",
)  # fmt: skip

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.text(characters, max_size=20),
    st.lists(st.sampled_from(AWKWARD), max_size=6).map("".join),
)
names = st.one_of(
    st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True),
    texts.filter(lambda name: 0 < len(name.encode()) < 64),
)
relations = st.tuples(names, names)
numbers = st.one_of(
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:f}"),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "-0", "1e+100", "-1.5e-07", "0.00"]),
)
numbers = numbers.filter(lambda number: number.isascii())


@dataclass(frozen=True)
class Column:
    """A column. `type` is what `format_type_be` prints, `form` how its values are printed."""

    name: str
    type: str
    oid: int
    form: str


class Unchanged:
    """A TOASTed value that an update did not touch."""


UNCHANGED = Unchanged()
Value = str | None | Unchanged
Row = list[tuple[Column, Value]]

VALUES = {
    "number": numbers,
    "boolean": st.sampled_from("tf"),
    "bits": st.text("01", max_size=9),
    "bytes": st.binary(max_size=9).map(lambda value: "\\x" + value.hex()),
    "text": texts,
}
BUILT_IN = (
    ("integer", 23, "number"),
    ("numeric", 1700, "number"),
    ("double precision", 701, "number"),
    ("oid", 26, "number"),
    ("boolean", 16, "boolean"),
    ("bit", 1560, "bits"),
    ("bit varying", 1562, "bits"),
    ("bytea", 17, "bytes"),
    ("text", 25, "text"),
    ("character varying", 1043, "text"),
    ("timestamp with time zone", 1184, "text"),
    ('"char"', 18, "text"),
    ("integer[]", 1007, "text"),
    ("bytea[]", 1001, "text"),
)


def quoted(name: str, always: bool = False) -> str:
    """What quote_identifier prints; `always` stands for the keywords."""
    plain = set("abcdefghijklmnopqrstuvwxyz_0123456789")
    if not always and set(name) <= plain and not name[0].isdigit():
        return name
    return '"' + name.replace('"', '""') + '"'


@st.composite
def columns(draw: st.DrawFn) -> Column:
    """A column of a built-in type, or of somebody's own type, or an array of that."""
    name = draw(names)
    if draw(st.booleans()):
        return Column(name, *draw(st.sampled_from(BUILT_IN)))
    kind = quoted(draw(names), draw(st.booleans()))
    if draw(st.booleans()):
        kind = f"{quoted(draw(names))}.{kind}"
    return Column(name, kind + draw(st.sampled_from(["", "[]"])), 2_000_000, "text")


tables = st.lists(columns(), max_size=5, unique_by=lambda column: column.name)


@st.composite
def rows(draw: st.DrawFn, table: list[Column], nulls: bool = True, toast: bool = False) -> Row:
    """A row of a table."""
    row: Row = []
    for column in table:
        choice: list[st.SearchStrategy[Value]] = [VALUES[column.form]]
        if nulls:
            choice.append(st.none())
        if toast and column.form != "boolean":
            choice.append(st.just(UNCHANGED))
        row.append((column, draw(st.one_of(choice))))
    return row


def row_names(row: Row) -> tuple[str, ...]:
    """The names a decoder should give for a row."""
    return tuple(column.name for column, value in row if value is not UNCHANGED)


def row_values(row: Row) -> tuple[str | None, ...]:
    """The values a decoder should give for a row."""
    return tuple(value for _, value in row if not isinstance(value, Unchanged))


def literal(column: Column, value: Value) -> str:
    """What tuple_to_stringinfo and print_literal print behind the colon."""
    if isinstance(value, Unchanged):
        return "unchanged-toast-datum"
    if value is None:
        return "null"
    if column.form == "number":
        return value
    if column.form == "bits":
        return f"B'{value}'"
    if column.form == "boolean":
        return "true" if value == "t" else "false"
    return "'" + "".join("''" if letter == "'" else letter for letter in value) + "'"


def text_tuple(row: Row, skip_nulls: bool = False) -> str:
    """What tuple_to_stringinfo prints."""
    return "".join(
        f" {quoted(column.name)}[{column.type}]:{literal(column, value)}"
        for column, value in row
        if not (skip_nulls and value is None)
    )


def text_change(relation: tuple[str, str], verb: str, rest: str) -> bytes:
    """What pg_decode_change of test_decoding prints."""
    return f"table {quoted(relation[0])}.{quoted(relation[1])}: {verb}:{rest}".encode()


ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
}  # fmt: skip


def escaped(text: str) -> str:
    """What escape_json prints."""
    letters = (
        ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if letter < " " else letter)
        for letter in text
    )
    return '"' + "".join(letters) + '"'


def json_value(column: Column, value: str | None) -> str:
    """What pg_decode_write_value prints, numbers as strings."""
    if value is None:
        return "null"
    if column.oid == 16:
        return "true" if value == "t" else "false"
    return escaped(value[2:] if column.oid == 17 else value)


def json_tuple(row: Row) -> str:
    """What pg_decode_write_tuple prints between the brackets."""
    return ",".join(
        f'{{"name":{escaped(column.name)},"typeoid":{column.oid},'
        f'"value":{json_value(column, value)}}}'
        for column, value in row
        if not isinstance(value, Unchanged)
    )


def json_change(action: str, relation: tuple[str, str], **tuples: Row) -> bytes:
    """What pg_decode_write_change prints."""
    schema, table = map(escaped, relation)
    rest = "".join(f',"{name}":[{json_tuple(row)}]' for name, row in tuples.items())
    return (
        f'{{"action":"{action}","xid":7,"timestamp":"2026-01-15 09:30:00+00",'
        f'"schema":{schema},"table":{table}{rest}}}'
    ).encode()


@st.composite
def printed_times(draw: st.DrawFn) -> tuple[str, int]:
    """A time as timestamptz_to_str prints it in some TimeZone, and its microseconds (UTC)."""
    micros = draw(st.integers(0, 10**16))
    offset = draw(st.integers(-15 * 3600, 15 * 3600))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    local = moment.astimezone(timezone(timedelta(seconds=offset)))
    fraction = f".{local.microsecond:06d}".rstrip("0").rstrip(".")
    hours, minutes, seconds = abs(offset) // 3600, abs(offset) // 60 % 60, abs(offset) % 60
    zone = f"{'-' if offset < 0 else '+'}{hours:02d}"
    if minutes or seconds:
        zone += f":{minutes:02d}"
    if seconds:
        zone += f":{seconds:02d}"
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction}{zone}", micros
