"""The forms of Markdown that the report is made of. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime


def named(title: str, entries: Iterable[str]) -> list[str]:
    """A list under a heading of the third level; nothing where it is empty."""
    lines = [f"- {cell(entry)}" for entry in entries]
    return ["", f"### {title}", "", *lines] if lines else []


def bullets(title: str, entries: Iterable[str]) -> list[str]:
    """A list under a heading of the second level; nothing where it is empty."""
    lines = [f"- {cell(entry)}" for entry in entries]
    return [f"## {title}", "", *lines] if lines else []


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> list[str]:
    """A table; `right` are the columns of numbers."""
    rule = ["---:" if number in right else "---" for number in range(len(header))]
    return [f"| {' | '.join(map(cell, cells))} |" for cells in ([*header], rule, *rows)]


def cell(text: str) -> str:
    """Names and servers' words, kept from being read as Markdown's own signs."""
    for sign in "\\`|<*":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split()) if "\n" in text else text


def moment(at: datetime | None) -> str:
    """A moment to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "now"
