"""How a gate of the cutover is made. Pure."""

from collections.abc import Sequence

from lmtui.sample import Gate

SHOWN = 5


def blocker(code: str, title: str, detail: str, hint: str = "", *, waivable: bool = False) -> Gate:
    """What must be gone before the cutover, or waived where that may be."""
    waive = f"The operator may waive it: --waive {code}" if waivable else ""
    return Gate(code=code, level="blocker", title=title, detail=detail, hint=hint, waive=waive)


def warning(code: str, title: str, detail: str, hint: str = "") -> Gate:
    """What the operator should weigh."""
    return Gate(code=code, level="warning", title=title, detail=detail, hint=hint)


def listed(words: Sequence[str], between: str = "; ") -> str:
    """The first few, and how many more."""
    more = f"{between}and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return between.join(words[:SHOWN]) + more
