import pytest


@pytest.fixture(autouse=True)
def quick_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of writing over a moment: what it is does not matter to most tests."""
    monkeypatch.setattr("lmtui.checks.wal.SAMPLE_SECONDS", 0.0)
