"""The checks themselves, as text: a list of all, and one at length."""

import textwrap
from collections.abc import Iterable, Sequence

import msgspec

from lmtui.checks.check import Check
from lmtui.checks.registry import TOPICS
from lmtui.events import Finding
from lmtui.remedies.remedy import ALTERNATIVE, NAMED, RESTART, Remedy

WIDTH = 80
_KINDS = {
    RESTART: "; in force after a restart",
    NAMED: "; only when it is named",
    ALTERNATIVE: "; another way, only when it is named",
}


def list_text(checks: Iterable[Check]) -> str:
    """Every check by topic: its id and what it looks at."""
    listed = list(checks)
    lines: list[str] = []
    for topic, title, _ in TOPICS:
        group = [check for check in listed if check.topic == topic]
        if group:
            lines += [f"{title} ({topic})", *(f"  {c.id:32} {c.title}" for c in group), ""]
    return "\n".join(lines)


def list_json(checks: Iterable[Check]) -> bytes:
    """Every check as an array of objects."""
    return _json([_row(check) for check in checks])


def explanations_json(explained: Iterable[tuple[Check, Finding | None]]) -> bytes:
    """The same with what each found; null where it does not apply here."""
    return _json([{**_row(check), "finding": finding} for check, finding in explained])


def preview_json(remedies: Iterable[Remedy]) -> bytes:
    """What would be applied, as an array of objects."""
    return _json(list(remedies))


def _row(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "topic": check.topic,
        "side": check.side,
        "title": check.title,
        "why": check.why,
    }


def _json(rows: Sequence[object]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n"


def explanation(check: Check, finding: Finding | None) -> str:
    """One check at length, and what it found; without a finding it does not apply here."""
    lines = [f"{check.id}: {check.title}", f"Side: {check.side}. Topic: {check.topic}.", ""]
    lines += textwrap.wrap(check.why, WIDTH)
    if finding is None:
        return "\n".join([*lines, "", "It does not apply to these servers.", ""])
    lines += ["", *textwrap.wrap(f"Here: {finding.severity}. {finding.title}.", WIDTH)]
    for text in (finding.detail, finding.remedy):
        for line in text.splitlines():
            lines += [line] if line.endswith(";") else textwrap.wrap(line, WIDTH)
    if finding.fixes:
        lines += ["", f"lmtui check --fix {check.id}[/NAME] applies:"]
        for fix in finding.fixes:
            lines += preview(fix)
    return "\n".join([*lines, ""])


def preview(fix: Remedy) -> list[str]:
    """A remedy: its name, what it does, its exact statements, and what puts them back."""
    lines = textwrap.wrap(
        f"{fix.name}: {fix.consent}{_KINDS.get(fix.kind, '')}.",
        WIDTH, initial_indent="  ", subsequent_indent="  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    lines += [f"    {statement}" for statement in fix.statements]
    back = fix.undo
    lines += [f"    put back by: {statement}" for statement in back]
    if not back:
        lines.append("    It is not put back.")
    return lines
