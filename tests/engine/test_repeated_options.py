"""Options that take a list may be given once with many, or many times."""

import pytest

from lmtui.cli.parser import parse


@pytest.mark.parametrize("given", [["--fix", "a", "b"], ["--fix", "a", "--fix", "b"]])
def test_all_that_was_given_is_kept(given: list[str]) -> None:
    assert parse(["check", *given]).fix == ["a", "b"]


def test_all_blockers_that_are_waived_are_kept() -> None:
    assert parse(["cutover", "--waive", "disk", "--waive", "schema_drift"]).waive == [
        "disk",
        "schema_drift",
    ]
