"""Whatever a call to the engine ends in, the screen that made it says so and can be left."""

from collections.abc import Callable
from pathlib import Path

import endings
import pytest
import stories
from driving import Opened, settle, text
from fake_client import FakeClient

from screens.failure import attempt, unforeseen

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}
FAULT = ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("client", "keys", "where"),
    [
        (FakeClient(findings=FAULT), ["f8"], ("#summary", "#words")),
        (
            FakeClient(findings=endings.findings(blocked=False), after_start=FAULT),
            ["f8", "n", "n", "n", "s"],
            ("#words",),
        ),
        (FakeClient(stories.copying(), reply=FAULT), ["s", *"stop", "enter"], ("#refusal",)),
        (FakeClient(stories.caught_up(), reply=FAULT), ["c", *"shop", "enter"], ("#refusal",)),
        (FakeClient(stories.copying(), all_tables=FAULT), ["t"], ("#banner",)),
        (FakeClient(endings.result(), changed=FAULT), ["x"], ("#refusal",)),
        (
            FakeClient(endings.result(), after_clean=FAULT),
            ["x", *"shop", "enter"],
            ("#refusal",),
        ),
    ],
    ids=["check", "start", "stop", "cutover", "tables", "changes", "clean"],
)
async def test_a_fault_of_its_own_is_said_with_its_log(
    opened: Open, tmp_path: Path, client: FakeClient, keys: list[str], where: tuple[str, ...]
) -> None:
    async with opened(client, directory=str(tmp_path), **BOTH) as pilot:
        for key in keys:
            await pilot.press(key)
            if len(key) > 1 or key in "nscxt":
                await settle(pilot)
        said = " ".join(text(pilot, selector) for selector in where)
        assert "lmtui itself failed" in said
        assert "ZeroDivisionError: division by zero" in said
        assert "wizard.log" in said.replace("\n", "")
        before = len(pilot.app.screen_stack)
        if before > 2:
            await pilot.press("escape")
            await settle(pilot)
            assert len(pilot.app.screen_stack) == before - 1


def test_a_password_in_a_fault_is_neither_said_nor_logged(tmp_path: Path) -> None:
    error = unforeseen(ValueError("postgres://u:hunter2@h/d is odd"), str(tmp_path))
    assert "hunter2" not in str(error)
    assert "hunter2" not in (tmp_path / "logs" / "wizard.log").read_text()


def test_a_log_that_cannot_be_written_is_not_named() -> None:
    def broken() -> None:
        raise KeyError("x")

    error = attempt(broken, "/dev/null")
    assert error is not None
    assert "wizard.log" not in error.hint
