"""Findings as text for a terminal, and as JSON for programs."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from lmtui.checks.wording import count
from lmtui.events import Finding

WIDTH = 80
# The topic of what is migrated and what is not.
SCOPE = "scope"

# By weight: glyph, colour (SGR), and the words of the heading and of the summary.
_SEVERITIES = {
    "blocker": ("✗", "31", "Blockers", "blocker"),
    "failed": ("?", "35", "Not checked", "not checked"),
    "warning": ("!", "33", "Warnings", "warning"),
    "info": ("i", "36", "Good to know", "note"),
    "ok": ("✓", "32", "In order", "ok"),
}
_INVARIABLE = ("failed", "ok")


def render(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """The findings by weight, blockers first, in lines of at most 80 columns, and a summary.

    SQL of a remedy keeps its lines whole, so that it can be pasted. What is migrated, and what is
    not, comes last, whatever its weight.
    """
    lines: list[str] = []
    scope = [finding for finding in findings if finding.topic == SCOPE and not _grave(finding)]
    for severity, (glyph, code, heading, _) in _SEVERITIES.items():
        group = [f for f in findings if f.severity == severity and f not in scope]
        if not group:
            continue
        lines.append(_painted(f"{heading} ({len(group)})", f"1;{code}", colour))
        for finding in group:
            lines += _finding(finding, _painted(glyph, code, colour))
        lines.append("")
    for finding in scope:
        lines += _wrapped(f"{finding.title}. {finding.detail}", "", 0)
    if scope:
        lines.append("")
    lines.append(summary(findings))
    return "\n".join(lines) + "\n"


def summary(findings: Iterable[Finding]) -> str:
    """2 blockers, 1 warning, 21 ok."""
    numbers = Counter(finding.severity for finding in findings)
    parts = []
    for severity, (_, _, _, word) in _SEVERITIES.items():
        if number := numbers[severity]:
            invariable = severity in _INVARIABLE
            parts.append(f"{number} {word}" if invariable else count(number, word))
    return ", ".join(parts) or "nothing checked"


def findings_json(findings: Sequence[Finding]) -> bytes:
    """The findings as JSON: how many of each severity, and each with its stable id."""
    numbers = Counter(finding.severity for finding in findings)
    document = {
        "counts": {severity: numbers[severity] for severity in _SEVERITIES},
        "findings": findings,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _finding(finding: Finding, glyph: str) -> list[str]:
    title, *more = _wrapped(f"{finding.title} [{finding.id}]", "", 4)
    lines = [f"  {glyph} {title}", *(f"    {line}" for line in more)]
    if finding.severity == "ok":
        return lines
    for text in (finding.detail, finding.remedy):
        for line in text.splitlines():
            lines += _wrapped(line, "    ", 0)
    if finding.fixes:
        lines += _wrapped(f"lmtui does this with: lmtui check --fix {finding.id}", "    ", 0)
    return lines


def _grave(finding: Finding) -> bool:
    return finding.severity in ("blocker", "failed", "warning")


def _wrapped(text: str, indent: str, room: int) -> list[str]:
    if text.endswith(";"):
        return [indent + text]
    return textwrap.wrap(
        text,
        WIDTH - room,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _painted(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
