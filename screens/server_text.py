"""What a look at a server says, beside its field. Pure."""

from typing import TYPE_CHECKING

from textual.content import Content

from lmtui.humane import bytes_text, count_noun, duration_text
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
    role = f"{seen.role} ({rights})" if rights else seen.role
    second = ", ".join(
        (
            f"{seen.database} {bytes_text(seen.bytes)}",
            count_noun(seen.tables, "table"),
            f"as {role}",
            tls,
            duration_text(seen.latency),
        )
    )
    rows = [
        line((f"{glyphs.ok} ", GOOD), fit(first, width - 2, glyphs)),
        line("  ", (fit(second, width - 2, glyphs), MUTED)),
    ]
    rows += [
        line((f"{glyphs.warning} {fit(words, width - 2, glyphs)}", WARN)) for words in seen.warnings
    ]
    return lines(rows)


def one_database(source: "Seen", target: "Seen") -> bool:
    """Whether both sides are one database of one cluster, whatever they are called."""
    same = source.system is not None and source.system == target.system
    return same and source.database == target.database
