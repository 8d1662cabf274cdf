"""What the demonstration shows, by name, and the two servers that it runs on."""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from lmtui.demo.cluster import DEFAULT_VERSION, Cluster
from lmtui.demo.database import create_database, seed
from lmtui.demo.load import USUAL_RATE
from lmtui.demo.writer import Writer
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError, UsageError

DATABASE = "shop"


@dataclass(frozen=True)
class Scenario:
    """A variant of the demonstration: its servers' versions and settings."""

    name: str
    description: str
    source_version: int = DEFAULT_VERSION
    target_version: int = DEFAULT_VERSION
    source_settings: Mapping[str, str] = field(default_factory=dict)
    target_settings: Mapping[str, str] = field(default_factory=dict)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("shop", "A shop and its sensors on TimescaleDB, both servers of one version"),
    )
}


def find_scenario(name: str) -> Scenario:
    """The scenario of this name. Raises UsageError where there is none."""
    if name not in SCENARIOS:
        raise UsageError(
            f"There is no scenario {name}",
            hint=f"Give --scenario one of: {', '.join(sorted(SCENARIOS))}.",
        )
    return SCENARIOS[name]


class DemoServers:
    """Both servers of a scenario: the source with its rows, the target with an empty database.

    A context manager. The servers live in `directory`, or in a temporary one, and are stopped and
    removed at its end, however that comes. `size` scales the rows; 1 is about 50 MB.
    """

    source: Endpoint
    target: Endpoint
    application: Endpoint

    def __init__(
        self, scenario: Scenario, *, size: float = 1.0, directory: Path | None = None
    ) -> None:
        self.scenario = scenario
        self._size = size
        self._given = directory
        self._until_exit = ExitStack()

    def start_writer(self, directory: Path, rate: float = USUAL_RATE) -> Writer:
        """Start to write to the source; the writer's count is kept in `directory`."""
        return Writer.start(self.application, directory, source=self.source, rate=rate)

    def __enter__(self) -> Self:
        with ExitStack() as until_ready:
            root = self._given or Path(
                until_ready.enter_context(tempfile.TemporaryDirectory(prefix="lmtui-demo-"))
            )
            source = Cluster(
                root / "source",
                version=self.scenario.source_version,
                settings=self.scenario.source_settings,
            )
            target = Cluster(
                root / "target",
                version=self.scenario.target_version,
                settings=self.scenario.target_settings,
            )
            until_ready.callback(source.stop)
            until_ready.callback(target.stop)
            with ThreadPoolExecutor(2) as pool:
                filled = pool.submit(self._fill, source)
                self.target = _with_database(target, "target")
                self.source, self.application = filled.result()
            self._until_exit = until_ready.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._until_exit.close()

    def _fill(self, cluster: Cluster) -> tuple[Endpoint, Endpoint]:
        source = _with_database(cluster, "source")
        return source, seed(source, self._size)


def _with_database(cluster: Cluster, side: str) -> Endpoint:
    if not cluster.has_timescaledb:
        raise LmtuiError(
            f"TimescaleDB is not installed for PostgreSQL {cluster.version}",
            hint="Run it in the lab, which has all it needs: make demo",
        )
    cluster.start()
    return create_database(cluster.endpoint("postgres", side), DATABASE, timescaledb=True)
