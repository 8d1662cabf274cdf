"""The benchmark's figures: medians of several runs, and how they are printed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median

from workloads import Workload

LIMIT = "subscription"
RIVAL = "pgcopydb 0.18"


@dataclass(frozen=True)
class Figure:
    """One engine on one workload. `outcome` is empty where both sides were equal afterwards.

    `wal` in bytes, `peak` in bytes (resident); the CPU seconds are those of lmtui's receiver and
    applier (of others: all their processes), of both servers, and of `others` on the machine.
    """

    workload: str
    engine: str
    outcome: str = ""
    changes: int = 0
    seconds: float = 0.0
    wal: float = 0.0
    receiver: float = 0.0
    applier: float = 0.0
    source: float = 0.0
    target: float = 0.0
    peak: int = 0
    others: float = 0.0

    @property
    def rate(self) -> float:
        """Changes a second; of an engine that was given up, those until then."""
        return self.changes / self.seconds if self.seconds else 0.0

    @property
    def counts(self) -> bool:
        """Whether a ratio against it means anything."""
        return self.rate > 0 and (not self.outcome or self.outcome.startswith("gave up"))

    def as_json(self) -> dict[str, object]:
        """All of it, with the rate."""
        return {**asdict(self), "rate": round(self.rate)}


def medians(runs: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Of each engine the medians of all runs; what went wrong once is kept."""
    found = []
    for same in zip(*runs, strict=True):
        first = next((figure for figure in same if figure.outcome), same[0])
        numbers = {
            field.name: median(getattr(figure, field.name) for figure in same)
            for field in fields(Figure)
            if field.type in (int, float)
        }
        found.append(Figure(first.workload, first.engine, first.outcome, **numbers))
    return found


def table(workload: Workload, found: Sequence[Figure]) -> str:
    """One workload's figures, an engine in each line."""
    rates = {figure.engine: figure.rate for figure in found if figure.counts}
    changes = max(figure.changes for figure in found)
    head = f"\n{workload.title}: {changes:,.0f} changes"
    lines = [
        head,
        f"  {'':22}{'rows/s':>9}{'WAL MB/s':>9}{'s':>7}   CPU s: {'receiver':>8}{'applier':>8}"
        f"{'target':>8}{'source':>8}{'others':>8}{'peak MB':>9}{'x sub.':>8}{'x 0.18':>8}",
    ]
    lines += [_line(figure, rates) for figure in found]
    return "\n".join(lines)


def _line(figure: Figure, rates: dict[str, float]) -> str:
    if not figure.seconds:
        return f"  {figure.engine:22}{figure.outcome}"
    ratios = "".join(
        f"{_ratio(figure.rate / rates[other]):>8}"
        if figure.counts and other in rates
        else f"{'':8}"
        for other in (LIMIT, RIVAL)
    )
    return (
        f"  {figure.engine:22}{figure.rate:9,.0f}{figure.wal / figure.seconds / 1e6:9.1f}"
        f"{figure.seconds:7.2f}          {figure.receiver:8.2f}{figure.applier:8.2f}"
        f"{figure.target:8.2f}{figure.source:8.2f}{figure.others:8.2f}{figure.peak / 1e6:9.0f}"
        f"{ratios}  {figure.outcome}"
    )


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
