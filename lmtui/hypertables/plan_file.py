"""The file that says which plain tables become hypertables: TOML, one [[hypertable]] for each.

[[hypertable]]
table = "public.readings"
column = "at"
interval = "7 days"
"""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lmtui.errors import UsageError
from lmtui.hypertables.wanted import Wanted

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*\"?hypertable\"?[ \t]*\]\]", re.MULTILINE)
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_NUMBER = re.compile(r"[0-9]+")
_FORM = (
    'It looks like:\n[[hypertable]]\ntable = "public.readings"\ncolumn = "at"\ninterval = "7 days"'
)


def read(path: Path) -> tuple[Wanted, ...]:
    """The tables of the file, in its order. Raises UsageError, naming the line, for what is wrong.

    What the servers say of them is preflight's to find out.
    """
    try:
        return parse(path.read_bytes().decode("utf-8"), str(path))
    except OSError as error:
        raise UsageError(
            f"The file {path} cannot be read", detail=error.strerror or str(error)
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The file {path} cannot be read", detail=f"It is not UTF-8, at byte {error.start}."
        ) from None


def parse(text: str, place: str) -> tuple[Wanted, ...]:
    """The tables of such a text; `place` names it. Raises UsageError."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The file {place} is not TOML", detail=f"{error}.", hint=_FORM) from None
    entries = whole.pop("hypertable", [])
    if whole:
        raise _wrong(place, f"It has {', '.join(whole)}, which is not known here.")
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise _wrong(place, "hypertable is not written as [[hypertable]].")
    if not entries:
        raise _wrong(place, "It names no hypertable.")
    starts = [text.count("\n", 0, one.start()) + 1 for one in _HEADER.finditer(text)]
    where = (
        [f"line {line}" for line in starts]
        if len(starts) == len(entries)
        else [f"entry {number}" for number in range(1, len(entries) + 1)]
    )
    return tuple(_entry(entry, f"{place}, {at}") for entry, at in zip(entries, where, strict=True))


def text(wanted: Iterable[Wanted]) -> str:
    """The file's text for these tables; `parse` reads the same of it."""
    return "\n".join(
        "[[hypertable]]\n"
        f"table = {_string(f'{_quoted(one.schema)}.{_quoted(one.name)}')}\n"
        f"column = {_string(_column_text(one.column))}\n"
        f"interval = {_interval(one.interval)}\n"
        for one in wanted
    )


def _entry(entry: dict[str, Any], place: str) -> Wanted:
    unknown = [name for name in entry if name not in ("table", "column", "interval")]
    if unknown:
        raise _wrong(place, f"It has {', '.join(unknown)}, which is not known here.")
    for name in ("table", "column", "interval"):
        if name not in entry:
            raise _wrong(place, f"It has no {name}.")
    interval = entry["interval"]
    if isinstance(interval, int) and not isinstance(interval, bool):
        interval = str(interval)
    for name, value in (("table", entry["table"]), ("column", entry["column"])):
        if not isinstance(value, str) or not value.strip():
            raise _wrong(place, f"Its {name} is not a name.")
    if not isinstance(interval, str) or not interval.strip():
        raise _wrong(place, 'Its interval is neither a number nor a text such as "7 days".')
    if "\0" in entry["table"] + entry["column"] + interval:
        raise _wrong(place, "A name or interval holds the character NUL.")
    schema, name = _table(entry["table"].strip(), place)
    return Wanted(
        schema=schema,
        name=name,
        column=_column(entry["column"], place),
        interval=interval.strip(),
    )


def _table(given: str, place: str) -> tuple[str, str]:
    """Schema and name, each quoted as in SQL or as it is; without a schema it is in public."""
    parts: list[str] = []
    position = 0
    while True:
        found = _PART.match(given, position)
        if found is None:
            raise _wrong(place, f"Its table {given} is not schema.name.")
        parts.append(found[1].replace('""', '"') if found[1] else found[2].strip())
        position = found.end()
        if position == len(given):
            break
        if given[position] != ".":
            raise _wrong(place, f"Its table {given} is not schema.name.")
        position += 1
    if len(parts) > 2 or not all(parts):
        raise _wrong(
            place, f'Its table {given} is not schema.name; a name with a dot in it is in "quotes".'
        )
    return ("public", parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def _column(given: str, place: str) -> str:
    if not given.lstrip().startswith('"'):
        return given.strip()
    found = _PART.fullmatch(given.strip())
    if found is None or not found[1]:
        raise _wrong(place, f"Its column {given} is quoted in another way than SQL has it.")
    return found[1].replace('""', '"')


def _column_text(column: str) -> str:
    """As it is, unless it would be taken for a quoted one, or lose its blanks."""
    odd = column.startswith('"') or column != column.strip()
    return '"' + column.replace('"', '""') + '"' if odd else column


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _interval(interval: str) -> str:
    """A whole number as one, all else as a text; one that TOML would not take back is a text."""
    number = _NUMBER.fullmatch(interval) and str(int(interval)) == interval
    return interval if number else _string(interval)


def _string(value: str) -> str:
    # JSON's form of a text is TOML's too, but for the character DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _wrong(place: str, detail: str) -> UsageError:
    return UsageError(f"The hypertables of {place} cannot be taken", detail=detail, hint=_FORM)
