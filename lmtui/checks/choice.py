"""Which remedies of the findings are meant by what the operator names. Pure."""

from collections.abc import Iterable, Sequence

from lmtui.errors import UsageError
from lmtui.events import Finding
from lmtui.remedies.remedy import NAMED, RESTART, SQL, Remedy

# What --fix-all mends; what is only good to know is mended when it is named.
_GRAVE = ("blocker", "failed", "warning")


def all_remedies(findings: Iterable[Finding]) -> tuple[Remedy, ...]:
    """What is applied with all: no remedy that is heavy, final, or one of several ways."""
    return tuple(
        fix
        for finding in findings
        if finding.severity in _GRAVE
        for fix in finding.fixes
        if fix.kind in (SQL, RESTART)
    )


def named_remedies(findings: Sequence[Finding], names: Iterable[str]) -> tuple[Remedy, ...]:
    """What these names mean, each ID or ID/REMEDY, in their order and without doubles.

    Raises UsageError for a check without a finding, or without such a remedy.
    """
    by_id = {finding.id: finding for finding in findings}
    found: dict[tuple[str, str], Remedy] = {}
    for name in names:
        id_, _, part = name.partition("/")
        finding = by_id.get(id_)
        if finding is None:
            raise UsageError(
                f"The check {id_} does not apply to these servers: nothing is to be mended",
                hint=f"lmtui check --explain {id_} says what it looks at.",
            )
        chosen = _of(finding, part)
        if not chosen and part and finding.fixes:
            raise UsageError(
                f"{id_} has no remedy {part}",
                detail=f"It has {', '.join(fix.name for fix in finding.fixes)}.",
                hint=f"lmtui check --explain {id_} says what each does.",
            )
        if not chosen and finding.severity != "ok":
            raise UsageError(
                f"lmtui cannot mend {id_} by itself",
                detail=finding.remedy,
                hint=f"lmtui check --explain {id_} says what can be done.",
            )
        for fix in chosen:
            found[id_, fix.name] = fix
    return tuple(found.values())


def _of(finding: Finding, part: str) -> list[Remedy]:
    if part:
        return [fix for fix in finding.fixes if fix.name == part]
    return [fix for fix in finding.fixes if fix.kind in (SQL, RESTART, NAMED)]
