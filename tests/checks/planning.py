"""What the tests of planned hypertables share."""

from preflight import checked

from lmtui.endpoint import Endpoint
from lmtui.hypertables.wanted import Wanted
from lmtui.plan import Plan

Pair = tuple[Endpoint, Endpoint]


def planned(table: str = "readings", column: str = "at", interval: str = "7 days") -> Wanted:
    """A table of the schema public that is to be divided."""
    return Wanted(schema="public", name=table, column=column, interval=interval)


def judged(pair: Pair, *wanted: Wanted, **choices: tuple[str, ...]) -> tuple[str, str]:
    """How grave hypertables.planned is for these tables, and what it says."""
    plan = Plan(hypertables=wanted, **choices)
    finding = checked(*pair, plan=plan, only="hypertables.planned")["hypertables.planned"]
    return finding.severity, f"{finding.title}\n{finding.detail}\n{finding.remedy}"
