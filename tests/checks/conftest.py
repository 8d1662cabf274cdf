from pathlib import Path

import pytest
from preflight import execute

from lmtui.endpoint import Endpoint
from lmtui.workdir import WorkDirectory


@pytest.fixture(autouse=True)
def quick_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of writing over a moment: what it is does not matter to most tests."""
    monkeypatch.setattr("lmtui.checks.wal.SAMPLE_SECONDS", 0.0)


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that is not made yet."""
    return WorkDirectory(tmp_path / "work")


@pytest.fixture
def keyless(fresh_databases: tuple[Endpoint, Endpoint]) -> tuple[Endpoint, Endpoint]:
    """The source has a table `log` without a key."""
    execute(fresh_databases[0], "create table log (line text)")
    return fresh_databases
