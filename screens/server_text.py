"""What a look at a server says, beside its field. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from lmtui.humane import bytes_text, duration_text
from screens.glyphs import Glyphs
from screens.text import GOOD, MUTED, WARN, fit, line, lines

if TYPE_CHECKING:
    from lmtui.look import Seen


def seen_text(seen: "Seen", width: int, glyphs: Glyphs) -> Content:
    """Two lines on the server, then its warnings, one line each."""
    scaled = f" with TimescaleDB {seen.timescaledb}" if seen.timescaledb else ""
    version = seen.version.split(" (")[0]
    tls = seen.tls.split(",")[0] or "no TLS"
    first = f"PostgreSQL {version}{scaled}, {seen.provider}"
    rights = "superuser" if seen.superuser else "may replicate" if seen.may_replicate else ""
    name, database = fit(seen.role, 24, glyphs), fit(seen.database, 24, glyphs)
    role = f"{name} ({rights})" if rights else name
    more = [
        f"{database} {bytes_text(seen.bytes)}",
        f"as {role}",
        tls,
        duration_text(max(seen.latency, 0.001)),
    ]
    rows = [line((f"{glyphs.ok} ", GOOD), fit(first, width - 2, glyphs))]
    rows += [line("  ", (fit(row, width - 2, glyphs), MUTED)) for row in joined(more, width - 3)]
    rows += [
        line((f"{glyphs.warning} {fit(words, width - 2, glyphs)}", WARN)) for words in seen.warnings
    ]
    return lines(rows)


def joined(parts: Sequence[str], width: int) -> list[str]:
    """`parts` with commas, in as few rows of `width` cells as hold them whole."""
    rows: list[str] = []
    for part in parts:
        if rows and Content(f"{rows[-1]}, {part}").cell_length <= width:
            rows[-1] += f", {part}"
        else:
            rows.append(part)
    return [f"{row}," for row in rows[:-1]] + rows[-1:]


def one_server(source: "Seen", target: "Seen") -> bool:
    """Whether both sides are databases of one cluster."""
    return source.system is not None and source.system == target.system


def one_database(source: "Seen", target: "Seen") -> bool:
    """Whether both sides are one database of one cluster, whatever they are called."""
    return one_server(source, target) and source.database == target.database
