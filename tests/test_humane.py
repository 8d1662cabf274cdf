"""Sizes, rates, durations and counts in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.humane import (
    bytes_text,
    count_about,
    count_text,
    duration_text,
    eta_text,
    percent,
    rate_text,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (512, "512 B"),
        (1024, "1.0 KiB"),
        (1536 * 1024**2, "1.5 GiB"),
        (3 * 1024**4, "3.0 TiB"),
    ],
)
def test_bytes_are_in_binary_units(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_rates_are_per_second() -> None:
    assert rate_text(12.3 * 1024**2) == "12.3 MiB/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0001, "0 s"),
        (0.04, "40 ms"),
        (0.9999, "1.0 s"),
        (4.2, "4.2 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min"),
        (185, "3 min 5 s"),
        (3599.8, "1 h"),
        (7800, "2 h 10 min"),
        (86399, "1 d"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-4.2, "-4.2 s"),
    ],
)
def test_durations_show_their_two_largest_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@given(st.floats(min_value=0, max_value=10**9))
def test_no_unit_overflows_into_the_next(seconds: float) -> None:
    limits = {"ms": 1000, "s": 60, "min": 60, "h": 24}
    parts = re.findall(r"([\d.]+) (\w+)", duration_text(seconds))
    assert parts
    assert all(float(number) < limits.get(unit, float("inf")) for number, unit in parts)


def test_counts_have_separators() -> None:
    assert count_text(12345) == "12,345"
    assert count_text(999.6) == "1,000"


def test_an_unknown_end_is_a_dash() -> None:
    assert eta_text(None) == "—"
    assert eta_text(60) == "1 min"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "—"), (0, 10, "0 %"), (999, 1000, "99 %"), (10, 10, "100 %"), (11, 10, "100 %")],
)
def test_percent_never_claims_the_end_early(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_estimates_are_short() -> None:
    numbers = (0, 9_999, 10_400, 999_400, 84_220_118, 204_331_870, 1.26e9)
    told = ["0", "9,999", "10.4 k", "999 k", "84.2 M", "204 M", "1.3 G"]
    assert [count_about(number) for number in numbers] == told
