"""What findings say, in words: groups, what closes the way on, and the sides compared. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from lmtui.events import Finding
from lmtui.humane import count_noun
from lmtui.remedies.remedy import ALTERNATIVE
from screens.glyphs import Glyphs
from screens.text import (
    BAD,
    GOOD,
    MUTED,
    SEVERITIES,
    STRONG,
    WARN,
    fit,
    line,
    lines,
    padded,
    severity_sign,
)

if TYPE_CHECKING:
    from lmtui.look import Seen

TIMESCALEDB = "timescaledb"
STANDING = frozenset({"blocker", "failed"})


def by_severity(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings in groups, the worst first; an unknown severity comes last."""
    known = [*SEVERITIES, *sorted({f.severity for f in findings} - set(SEVERITIES))]
    groups = [(s, [f for f in findings if f.severity == s]) for s in known]
    return [(severity, group) for severity, group in groups if group]


def refusal(findings: Sequence[Finding] | None) -> str:
    """Why the next step is closed; empty where it is open."""
    if findings is None:
        return "the checks have not ended"
    standing = sum(finding.severity in STANDING for finding in findings)
    return f"{count_noun(standing, 'blocker')} must be solved first" if standing else ""


def detail_text(finding: Finding, glyphs: Glyphs) -> Content:
    """Everything about one finding."""
    sign, style = severity_sign(finding.severity, glyphs)
    rows = [line((f"{sign} ", style), (finding.title, STRONG), (f"  ({finding.side})", MUTED))]
    if finding.detail:
        rows.append(line(finding.detail))
    if finding.fixes:
        ways = sum(fix.kind != ALTERNATIVE for fix in finding.fixes)
        words = "a shows what lmtui can do about it"
        if ways > 1:
            words += f" ({count_noun(ways, 'remedy', 'remedies')})"
        rows.append(line((f"{glyphs.arrow} {words}", "bold $text-primary")))
    if finding.remedy:
        rows += [line(""), line(("What to do", MUTED), ("   y copies it", MUTED))]
        rows.append(line((finding.remedy, "$text-accent")))
    return lines(rows)


def aligned(source: "Seen", target: "Seen") -> list[tuple[str, str, str, str]]:
    """Name, source, target and verdict (ok, warning, failed) of versions and extensions.

    An extension that is not installed on the target counts by what it could be given.
    """
    rows = [
        ("PostgreSQL", _short(source), _short(target), _server_verdict(source, target)),
        ("Provider", source.provider, target.provider, "ok"),
    ]
    extensions: list[tuple[str, str, str, str]] = []
    for name, version in sorted(source.extensions.items()):
        there = target.extensions.get(name)
        if there is not None:
            extensions.append((name, version, there, "ok" if there == version else "warning"))
        elif name in target.available:
            given = target.available[name]
            verdict = "ok" if given == version else "warning"
            extensions.append((name, version, f"to be created ({given})", verdict))
        else:
            extensions.append((name, version, "not available", "failed"))
    gravest = ("failed", "warning", "ok")
    extensions.sort(key=lambda row: (row[0] != TIMESCALEDB, gravest.index(row[3])))
    return rows + extensions


def row_remedy(row: tuple[str, str, str, str], findings: Sequence[Finding]) -> str:
    """What to do about a row of the sides, in a few words; empty where nothing is to be done."""
    name, version, _, verdict = row
    if verdict == "ok":
        return ""
    if name == "PostgreSQL":
        return f"use a target with PostgreSQL {version.split('.')[0]} or later"
    fixes = [fix for finding in findings for fix in finding.fixes if fix.name == name]
    if name == TIMESCALEDB:
        same = (f for f in findings if f.id == "extensions.timescaledb_version")
        fixes = [fix for finding in same for fix in finding.fixes]
    if fixes:
        said = fixes[0].statements
        return f"a fixes: {said[0]}" if len(said) == 1 else "a shows what can be done"
    if name == TIMESCALEDB:
        return "the same version must be on both sides"
    if verdict == "failed":
        return f"install it on the target, or --skip-extensions {name}"
    return "as after an upgrade: it seldom matters"


def _short(seen: "Seen") -> str:
    """The version without the words of who built it."""
    return seen.version.split(" (")[0]


def _server_verdict(source: "Seen", target: "Seen") -> str:
    """A target may be newer than its source, not older."""
    majors = [int(seen.version.split(".")[0].split()[0]) for seen in (source, target)]
    return "warning" if majors[1] < majors[0] else "ok"


def aligned_text(
    source: "Seen",
    target: "Seen",
    width: int,
    glyphs: Glyphs,
    findings: Sequence[Finding] = (),
) -> Content:
    """Both sides beside each other; what to do stands behind its row, or below where it is long."""
    name_room, room = 20, max((width - 24) // 2, 1)
    head = padded("", name_room) + padded("source", room) + "target"
    rows = [line((f"  {head}", MUTED))]
    for row in aligned(source, target):
        name, here, there, verdict = row
        words = row_remedy(row, findings)
        words = f"{glyphs.arrow} {words}" if words else ""
        beside = len(there) + 2 + len(words) <= room
        sign, style = severity_sign(verdict, glyphs)
        target_style = {"warning": WARN, "failed": BAD, "ok": GOOD}[verdict]
        rows.append(
            line(
                (f"{sign} ", style),
                padded(fit(name, name_room - 1, glyphs), name_room),
                padded(fit(here, room - 1, glyphs), room),
                (fit(there, room, glyphs), "" if verdict == "ok" else target_style),
                (f"  {words}" if words and beside else "", "$text-accent"),
            )
        )
        if words and not beside:
            rows.append(line("    ", (fit(words, width - 4, glyphs), "$text-accent")))
    return lines(rows)
