"""How the tables that could become hypertables are drawn: rows, heads and details. Pure."""

from typing import NamedTuple

from textual.content import Content

from lmtui.humane import bytes_text, count_about
from lmtui.hypertables.wanted import Candidate, Wanted, statement
from screens.divisions import against, spoken
from screens.glyphs import Glyphs
from screens.text import BAD, MUTED, WARN, Part, fit, hanging, line, lines, padded

GAIN = (
    "It gains: queries read only the chunks that they need, old rows go by dropping chunks, and "
    "chunks can be compressed."
)
MARK, SIZE, ROWS, GAP = 6, 10, 8, 2
# What a wide line has room for besides: what stands against the table.
WIDE = 110


class Widths(NamedTuple):
    """The cells of the columns of a line."""

    name: int
    column: int
    chunks: int
    obstacle: int


def widths(width: int) -> Widths:
    """The room of each column in a line of this width."""
    wide = width >= WIDE
    column, chunks = (22, 14) if wide else (16, 11)
    left = width - MARK - column - chunks - SIZE - ROWS - 3 * GAP
    obstacle = left // 2 if wide else 0
    return Widths(left - obstacle, column, chunks, obstacle)


def heads(width: int) -> Content:
    """What stands over the columns."""
    room = widths(width)
    words = (
        " " * MARK
        + padded("Table", room.name + GAP)
        + padded("Divided by", room.column + GAP)
        + padded("Chunks of", room.chunks)
        + "Size".rjust(SIZE)
        + "Rows".rjust(ROWS)
    )
    return line((words + (" " * GAP + "Against it" if room.obstacle else ""), MUTED))


def row(item: Candidate, wanted: Wanted, width: int, glyphs: Glyphs, *, marked: bool) -> Content:
    """One table as one line; what something stands against has a sign, and no place for a mark."""
    room, obstacles = widths(width), against(item, wanted)
    mark = "[x] " if marked else ("    " if obstacles else "[ ] ")
    doubts = item.doubts.get(wanted.column, ())
    sign, style = (glyphs.failed, BAD) if obstacles else (glyphs.warning if doubts else " ", WARN)
    number = len(item.columns)
    many = f" {item.columns.index(wanted.column) + 1}/{number}" if number > 1 else ""
    column = fit(wanted.column, room.column - len(many), glyphs)
    chunks = spoken(wanted.interval)
    if len(chunks) > room.chunks and wanted.interval.isdigit():
        chunks = count_about(int(wanted.interval))
    name = fit(f"{item.schema}.{item.name}", room.name, glyphs)
    parts: list[Part] = [
        mark,
        (f"{sign} ", style),
        padded(name, room.name + GAP),
        column,
        (many, MUTED),
        " " * (room.column + GAP - Content(column).cell_length - len(many)),
        padded(fit(chunks, room.chunks, glyphs), room.chunks),
        f"{bytes_text(item.bytes):>{SIZE}}",
        (f"{count_about(item.rows):>{ROWS}}", MUTED),
    ]
    if room.obstacle and (said := (*obstacles, *doubts)):
        parts.append((" " * GAP + fit(said[0], room.obstacle - GAP, glyphs), style))
    return line(*parts)


def details(item: Candidate, wanted: Wanted, width: int, glyphs: Glyphs) -> Content:
    """What stands against it with what to do, else the statement and what is gained."""
    obstacles, rows = against(item, wanted), []
    for obstacle in obstacles:
        rows += hanging((glyphs.failed, BAD), obstacle, "", width)
    for doubt in item.doubts.get(wanted.column, ()):
        rows += hanging((glyphs.warning, WARN), doubt, "", width)
    rows.append(line((statement(wanted), MUTED if obstacles else "$text-accent")))
    if not obstacles:
        rows.append(
            line(("On the target while the table is empty; then its rows are copied.", MUTED))
        )
        rows.append(line((GAIN, MUTED)))
    return lines(rows)
