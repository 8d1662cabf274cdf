"""Where replay is held."""

import pytest
from walsender import message

from lmtui.replay.hold import Hold
from lmtui.replay.transactions import Part


def part(commit: int | None, *, first: bool = True) -> Part:
    return Part((message(commit or 0, b""),), first, () if commit is None else (0,))


def asked(*commands: str) -> Hold:
    hold = Hold(lambda: None, lambda _seconds: None, lambda: False)
    for words in commands:
        hold.command(words)
    return hold


@pytest.mark.parametrize(
    ("commands", "before", "held"),
    [
        ((), part(10), False),
        ((), None, False),
        (("hold",), part(10), True),
        (("hold",), None, True),
        (("hold",), part(10, first=False), False),
        (("hold", "go"), part(10), False),
        (("hold", "until 10"), None, False),
        (("hold", "until 10"), part(9), False),
        (("hold", "until 10"), part(10), False),
        (("hold", "until 10"), part(11), True),
        (("hold", "until 10"), part(11, first=False), False),
        (("hold", "until 10"), part(None), False),
        (("until 10", "go"), part(11), False),
    ],
)
def test_holds_before(commands: tuple[str, ...], before: Part | None, held: bool) -> None:
    assert asked(*commands).before(before) is held


def test_waits_until_told_to_go_on() -> None:
    done: list[str] = []

    def settle() -> None:
        assert hold.reached == "hold"
        done.append("settled")

    def listen(_seconds: float) -> None:
        done.append("listened")
        if len(done) == 3:
            hold.command("go")

    hold = Hold(settle, listen, lambda: False)
    hold.command("hold")
    hold.wait(part(10))
    assert done == ["settled", "listened", "listened"]
    assert not hold.reached
    hold.wait(part(10))
    assert len(done) == 3


def test_a_stop_ends_the_wait() -> None:
    hold = Hold(lambda: None, lambda _seconds: None, lambda: True)
    hold.command("hold")
    hold.wait(None)
    assert not hold.reached


def test_what_holds_already_is_told_again() -> None:
    told: list[str] = []

    def listen(_seconds: float) -> None:
        hold.command("until 5" if len(told) == 1 else "go")

    hold = Hold(lambda: told.append(hold.reached), listen, lambda: False)
    hold.command("hold")
    hold.wait(part(10))
    assert told == ["hold", "until 5"]
