import re

import msgspec

from lmtui.checks.render import WIDTH, findings_json, render, summary
from lmtui.events import Finding


def _finding(name: str, severity: str, **more: str) -> Finding:
    return Finding(id=name, side="source", severity=severity, title=f"Title of {name}", **more)


LONG_STATEMENT = f'ALTER TABLE "{"name with spaces " * 8}" REPLICA IDENTITY FULL;'
FINDINGS = (
    _finding("a.ok", "ok", detail="not shown"),
    _finding("a.warning", "warning", detail="many words " * 30),
    _finding("a.blocker", "blocker", detail="evidence", remedy=f"Do this:\n{LONG_STATEMENT}"),
    _finding("b.blocker", "blocker"),
    _finding("a.failed", "failed", detail="57014: cancelled"),
    _finding("a.info", "info"),
)


def test_blockers_come_first_and_the_rest_by_weight() -> None:
    text = render(FINDINGS)
    order = ["a.blocker", "b.blocker", "a.failed", "a.warning", "a.info", "a.ok"]
    assert re.findall(r"\[(\w\.\w+)\]", text) == order
    assert "not shown" not in text


def test_lines_fit_the_terminal_and_sql_stays_whole() -> None:
    lines = render(FINDINGS).splitlines()
    assert [line.strip() for line in lines if len(line) > WIDTH] == [LONG_STATEMENT]


def test_the_summary_counts() -> None:
    assert summary(FINDINGS) == "2 blockers, 1 not checked, 1 warning, 1 note, 1 ok"
    assert summary(FINDINGS[:1]) == "1 ok"
    assert summary(()) == "nothing checked"
    assert render(FINDINGS).endswith(f"\n{summary(FINDINGS)}\n")


def test_colour_is_only_there_when_asked_for() -> None:
    assert "\x1b" not in render(FINDINGS)
    painted = render(FINDINGS, colour=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == render(FINDINGS)
    assert painted != render(FINDINGS)


def test_json_keeps_ids_and_counts() -> None:
    document = msgspec.json.decode(findings_json(FINDINGS))
    assert document["counts"] == {"blocker": 2, "failed": 1, "warning": 1, "info": 1, "ok": 1}
    assert [finding["id"] for finding in document["findings"]] == [f.id for f in FINDINGS]
    assert msgspec.convert(document["findings"], tuple[Finding, ...]) == FINDINGS
