"""What is chosen to become a hypertable: columns, chunks, and what stands against it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from lmtui.humane import count_text
from lmtui.hypertables.interval import DEFAULT, INTERVALS
from lmtui.hypertables.wanted import Candidate, Wanted
from screens.text import flat

Key = tuple[str, str]

TIMES = tuple(interval for interval, _ in INTERVALS)
NUMBERS = tuple(str(10**power) for power in range(3, 10))
DAY = 24 * 60
# By the type's name in SQL, as PostgreSQL's documentation has it (numeric types).
LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
NOT_THERE = (
    "No such table, or no such column in it, was found on the source. Take the mark away, or look"
    " at its name."
)
EXAMPLE = "Type it as 12 hours, 3 days or 2 weeks"
CENTURY = 36525 * DAY

_MINUTES = {"minute": 1, "hour": 60, "day": DAY, "week": 7 * DAY}
_UNITS = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "week", "weeks"), "week"),
}
_UNEVEN = ("mon", "mons", "month", "months", "y", "year", "years")
_PARTS = re.compile(r"(\d+)\s*([a-z]+)\s*")


def key_of(item: Candidate | Wanted) -> Key:
    """What tells a table from the others."""
    return item.schema, item.name


@dataclass
class Divisions:
    """What was read and what was chosen so far: it outlives the screen, so that none is lost."""

    candidates: tuple[Candidate, ...] | None = None
    columns: dict[Key, str] = field(default_factory=dict)
    intervals: dict[tuple[str, str, str], str] = field(default_factory=dict)
    own: dict[tuple[str, str, str], str] = field(default_factory=dict)
    # What the last checks knew to be planned.
    checked: tuple[Wanted, ...] = ()

    def remember(self, wanted: Wanted) -> None:
        """Keep the choice for a table."""
        self.columns[key_of(wanted)] = wanted.column
        self.intervals[*key_of(wanted), wanted.column] = wanted.interval

    def keep_own(self, wanted: Wanted) -> None:
        """Offer an interval that was typed beside the usual ones."""
        self.own[*key_of(wanted), wanted.column] = wanted.interval

    def wanted(self, item: Candidate) -> Wanted:
        """How the table is divided if it is: as it was chosen, else as it was suggested."""
        suggested = item.suggested
        column = self.columns.get(key_of(item), "")
        if column not in item.columns:
            column = suggested.column if suggested else item.columns[0]
        interval = self.intervals.get((*key_of(item), column), "")
        if not interval and suggested is not None and suggested.column == column:
            interval = suggested.interval
        interval = interval or usual(item, column)
        return Wanted(schema=item.schema, name=item.name, column=column, interval=interval)

    def stepped_column(self, item: Candidate, by: int) -> Wanted:
        """The same table by the next of its columns."""
        now = self.wanted(item)
        place = item.columns.index(now.column)
        self.columns[key_of(item)] = item.columns[(place + by) % len(item.columns)]
        return self.wanted(item)

    def stepped_interval(self, item: Candidate) -> Wanted:
        """The same table and column in the next larger chunks; the smallest follow the largest."""
        now = self.wanted(item)
        typed = self.own.get((*key_of(item), now.column))
        choices = intervals(item, now, typed)
        place = (choices.index(now.interval) + 1) % len(choices)
        return Wanted(schema=now.schema, name=now.name, column=now.column, interval=choices[place])


def usual(item: Candidate, column: str) -> str:
    """The chunks of a column for which nothing is suggested."""
    if column not in item.integers:
        return DEFAULT
    return "1000000" if item.types.get(column) != "smallint" else "10000"


def intervals(item: Candidate, now: Wanted, typed: str | None = None) -> list[str]:
    """What is offered for the column, the smallest first; what is chosen now is among them."""
    whole = now.column in item.integers
    type_ = item.types.get(now.column, "")
    largest = LARGEST.get(type_, LARGEST["bigint"])
    offered = [number for number in NUMBERS if int(number) <= largest] if whole else list(TIMES)
    if type_ == "date":
        offered = [interval for interval in offered if _minutes(interval) >= DAY]
    suggested = item.suggested
    more = {now.interval, *((typed,) if typed else ())}
    if suggested is not None and suggested.column == now.column:
        more.add(suggested.interval)
    return sorted({*offered, *more}, key=lambda one: int(one) if one.isdigit() else _minutes(one))


def _minutes(interval: str) -> int:
    """How long, or 0 where it is written otherwise than here."""
    found = _PARTS.findall(interval.lower())
    return sum(int(number) * _MINUTES.get(_UNITS.get(unit, ""), 0) for number, unit in found)


def read_interval(text: str, *, type_: str, whole: bool) -> tuple[str, str]:
    """What was typed, in PostgreSQL's words, and what is wrong with it; one of both is empty."""
    typed = text.strip().lower()
    if whole:
        return _read_number(typed, type_)
    if not typed:
        return "", f"{EXAMPLE}."
    if typed.isdigit():
        return "", f"{typed} of what? {EXAMPLE}."
    if _PARTS.sub("", typed):
        return "", f"This cannot be read. {EXAMPLE}."
    found = _PARTS.findall(typed)
    uneven = next((unit for _, unit in found if unit in _UNEVEN), "")
    if uneven:
        return "", "Months and years are not all of one length. Give days or weeks."
    unknown = next((unit for _, unit in found if unit not in _UNITS), "")
    if unknown:
        return "", f"There is no unit {unknown[:20]}. {EXAMPLE}."
    minutes = _minutes(typed)
    if not minutes:
        return "", "A chunk must be longer than nothing."
    if minutes > CENTURY:
        return "", "One chunk would hold more than a century. Give less."
    if type_ == "date" and minutes % DAY:
        return "", "The column is a date: its chunks are whole days."
    return " ".join(_counted(int(number), _UNITS[unit]) for number, unit in found), ""


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _read_number(typed: str, type_: str) -> tuple[str, str]:
    digits = typed.replace(",", "").replace("_", "")
    if not digits.isascii() or not digits.isdigit():
        return "", "The column holds whole numbers: type one, as 1000000."
    number = int(digits)
    if not number:
        return "", "A chunk must span more than nothing."
    largest = LARGEST.get(type_, LARGEST["bigint"])
    if number > largest:
        return "", f"{type_ or 'The column'} goes to {count_text(largest)} only."
    return str(number), ""


def against(item: Candidate, wanted: Wanted) -> tuple[str, ...]:
    """What stands against dividing the table so."""
    found = item.obstacles.get(wanted.column, ())
    type_, whole = item.types.get(wanted.column, ""), wanted.column in item.integers
    words = _against_interval(wanted.interval, type_, whole)
    return (*found, words) if words else found


@lru_cache(maxsize=1024)
def _against_interval(interval: str, type_: str, whole: bool) -> str:
    units = [unit for _, unit in _PARTS.findall(interval.lower())]
    if not whole and not (units and all(unit in _UNITS for unit in units)):
        # What the command line was given in other words is PostgreSQL's to read.
        return ""
    return read_interval(interval, type_=type_, whole=whole)[1]


def listed(candidates: Sequence[Candidate], wanted: Sequence[Wanted]) -> list[Candidate]:
    """The candidates, and before them what was asked for and is not among them."""
    asked = {key_of(one) for one in wanted}
    known = {key: item for item in candidates if asked and (key := key_of(item)) in asked}
    missing = [
        one
        for one in wanted
        if key_of(one) not in known or one.column not in known[key_of(one)].columns
    ]
    if not missing:
        return list(candidates)
    gone = {key_of(one) for one in missing}
    lost = [
        Candidate(
            schema=one.schema, name=one.name, bytes=0, rows=0, columns=(one.column,),
            integers=frozenset({one.column} if one.interval.isdigit() else ()),
            obstacles={one.column: (NOT_THERE,)}, suggested=None,
        )
        for one in missing
    ]  # fmt: skip
    return [*lost, *(item for item in candidates if key_of(item) not in gone)]


def spoken(interval: str) -> str:
    """An interval as it is read: 7 days, 1,000,000."""
    return count_text(int(interval)) if interval.isdigit() else interval


def in_words(wanted: Wanted) -> str:
    """What becomes of the table: public.readings by at, chunks of 7 days."""
    table = flat(f"{wanted.schema}.{wanted.name} by {wanted.column}")
    return f"{table}, chunks of {spoken(wanted.interval)}"
