"""Lags, rates and the verdict, of readings that are made by hand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.lag import (
    CAUGHT_UP_BYTES,
    CAUGHT_UP_SECONDS,
    HOLD_SECONDS,
    LOST_SECONDS,
    STILL_SECONDS,
    WINDOW_SECONDS,
    LagTracker,
    Reading,
)
from lmtui.sample import Applied, ReplaySample

BEGIN = datetime(2026, 1, 15, 22, 0, tzinfo=UTC)
MEBIBYTE = 1024 * 1024


def reading(
    at: float, *, source: int, applied: int, received: int | None = None, behind: float = 0.0,
    rows: int = 0, waiting: str = "",
) -> Reading:  # fmt: skip
    """A look `at` seconds after the beginning, with replay `behind` seconds behind."""
    now = BEGIN + timedelta(seconds=at)
    return Reading(
        at=100 + at,
        source_lsn=source,
        received_lsn=source if received is None else received,
        applied_lsn=applied,
        applied_at=now - timedelta(seconds=behind),
        source_now=now,
        applied=Applied(insert=rows, update=2 * rows, delete=3 * rows),
        waiting=waiting,
    )


def last(readings: Iterable[Reading]) -> ReplaySample:
    tracker = LagTracker()
    return [tracker.take(one) for one in readings][-1]


def test_lags_and_rates() -> None:
    sample = last(
        reading(
            second,
            source=0x1_0000_0000 + 1000 * second,
            received=0x1_0000_0000 + 900 * second,
            applied=0x1_0000_0000 - 10_000_000 + 3000 * second,
            behind=40.5,
            rows=5 * second,
        )
        for second in range(6)
    )
    assert (sample.source_lsn, sample.applied_lsn) == ("1/1388", "0/FF67A418")
    assert sample.lag_bytes == 10_000_000 - 10_000
    assert sample.receive_lag_bytes == 500
    assert sample.apply_lag_bytes == sample.lag_bytes - 500
    assert sample.lag_seconds == 40.5
    assert (sample.source_wal_rate, sample.target_replay_rate) == (1000, 3000)
    assert sample.rows_per_second == 30
    assert sample.eta_seconds == sample.lag_bytes / 2000
    assert (sample.verdict, sample.why) == ("catching up", "")
    assert sample.applied.update == 50


def test_rates_are_of_the_last_ten_seconds() -> None:
    quick = [reading(s, source=10**9 + s, applied=10**6 * s, behind=60) for s in range(20)]
    slow = [
        reading(20 + s, source=10**9 + s, applied=20 * 10**6 + 10 * s, behind=60)
        for s in range(int(WINDOW_SECONDS) + 1)
    ]
    assert last(quick).target_replay_rate == pytest.approx(10**6)
    assert last(quick + slow).target_replay_rate == pytest.approx(10)


def test_rate_never_is_negative() -> None:
    """A position may go back: another process reports, or a restart forgot the last reports."""
    sample = last(
        [
            reading(0, source=1000, applied=900, rows=10),
            reading(1, source=500, applied=100, rows=0),
        ]
    )
    assert (sample.source_wal_rate, sample.target_replay_rate, sample.rows_per_second) == (0, 0, 0)


def test_applied_beyond_what_was_read_of_the_source_is_no_lag() -> None:
    sample = last([reading(0, source=1000, applied=2000, received=3000, behind=-5)])
    assert (sample.lag_bytes, sample.receive_lag_bytes, sample.apply_lag_bytes) == (0, 0, 1000)
    assert sample.lag_seconds == 0


def close(at: float, **more: float) -> Reading:
    return reading(at, source=10_000 + round(at), applied=10_000, **more)  # type: ignore[arg-type]


def far(at: float, behind: float) -> Reading:
    return reading(at, source=10**9, applied=10_000, behind=behind)


def test_caught_up_must_hold_for_a_while() -> None:
    tracker = LagTracker()
    for at in (0, 1, HOLD_SECONDS - 0.1):
        assert tracker.take(close(at)).verdict != "caught up"
        assert not tracker.caught_up
    sample = tracker.take(close(HOLD_SECONDS))
    assert tracker.caught_up
    assert (sample.verdict, sample.eta_seconds) == ("caught up", 0)


def test_interruption_begins_the_wait_anew() -> None:
    tracker = LagTracker()
    for one in (close(0), close(2), far(2.5, CAUGHT_UP_SECONDS + 1), close(3), close(5)):
        tracker.take(one)
    assert not tracker.caught_up
    tracker.take(close(3 + HOLD_SECONDS))
    assert tracker.caught_up


def test_caught_up_is_lost_only_where_the_lag_is_much_larger() -> None:
    tracker = LagTracker()
    for at in (0, HOLD_SECONDS):
        tracker.take(close(at))
    for number, behind in enumerate((CAUGHT_UP_SECONDS + 1, 10, LOST_SECONDS)):
        assert tracker.take(far(4 + number, behind)).verdict == "caught up"
    sample = tracker.take(far(8, LOST_SECONDS + 0.1))
    assert not tracker.caught_up
    assert sample.verdict == "falling behind"


@pytest.mark.parametrize(
    ("lag", "behind", "expected"),
    [
        (CAUGHT_UP_BYTES, CAUGHT_UP_SECONDS, True),
        (CAUGHT_UP_BYTES + 1, 0.0, False),
        (0, CAUGHT_UP_SECONDS + 0.1, False),
    ],
)
def test_limits_of_caught_up(lag: int, behind: float, expected: bool) -> None:
    tracker = LagTracker()
    for at in (0, HOLD_SECONDS):
        tracker.take(reading(at, source=10**7 + lag, applied=10**7, behind=behind))
    assert tracker.caught_up is expected


def test_busy_source_is_caught_up_with_at_one_second_of_its_changes() -> None:
    tracker = LagTracker()
    for at in range(int(HOLD_SECONDS) + 2):
        written = 50 * MEBIBYTE * (at + 1)
        tracker.take(reading(at, source=written, applied=written - 40 * MEBIBYTE, behind=0.8))
    assert tracker.caught_up


def test_falling_behind_says_why() -> None:
    sample = last(
        reading(s, source=10**7 + 10**6 * s, applied=1000 * s, behind=9) for s in range(4)
    )
    assert sample.verdict == "falling behind"
    assert sample.why == "The source writes faster than the target applies"
    assert sample.eta_seconds is None


def test_stalled_only_after_a_while_in_which_nothing_moves() -> None:
    tracker = LagTracker()
    still = [far(s, 60) for s in range(int(WINDOW_SECONDS) + 2)]
    verdicts = [tracker.take(one).verdict for one in still]
    moving = int(STILL_SECONDS)
    assert verdicts == ["catching up"] * moving + ["stalled"] * (len(still) - moving)


def test_what_a_process_waits_for_is_the_verdict() -> None:
    tracker = LagTracker()
    for at in (0, HOLD_SECONDS):
        tracker.take(close(at))
    sample = tracker.take(replace(close(4), waiting="No room for the spool in /w"))
    assert (sample.verdict, sample.why) == ("stalled", "No room for the spool in /w")


@given(
    st.lists(
        st.tuples(
            st.floats(0.001, 400), st.integers(0, 10**9), st.integers(0, 10**9),
            st.integers(0, 10**9), st.floats(-10, 10**6),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_any_readings_give_sensible_figures(
    steps: list[tuple[float, int, int, int, float]],
) -> None:
    tracker = LagTracker()
    at, source, received, applied = 0.0, 0, 0, 0
    for pause, written, got, done, behind in steps:
        at += pause
        source += written
        received = min(source, received + got)
        applied = min(received, applied + done)
        sample = tracker.take(
            reading(at, source=source, received=received, applied=applied, behind=behind)
        )
        assert sample.lag_bytes == sample.receive_lag_bytes + sample.apply_lag_bytes
        assert sample.lag_seconds >= 0
        assert sample.eta_seconds is None or sample.eta_seconds >= 0
        assert (sample.verdict == "caught up") == tracker.caught_up
        assert bool(sample.why) == (sample.verdict in ("stalled", "falling behind"))


def inside(at: float, **more: int | str) -> Reading:
    """A look while one transaction is under way: no position moves."""
    return replace(far(at, 60), received_lsn=20_000, **more)  # type: ignore[arg-type]


def test_large_transaction_that_is_received_is_no_stall() -> None:
    sample = last(inside(s, spool_bytes=5_000 + s * 50 * MEBIBYTE) for s in range(12))
    assert sample.verdict == "catching up"
    assert sample.why == "Receiving a large transaction, 550.0 MiB so far"


def test_large_transaction_that_is_applied_meanwhile_is_no_stall() -> None:
    sample = last(inside(s, spool_bytes=s * MEBIBYTE, open_rows=1000 * s) for s in range(12))
    assert sample.why == (
        "Receiving a large transaction, 11.0 MiB so far; applying, 11,000 changes so far"
    )
    sample = last(inside(s, spool_bytes=77, open_rows=1000 * s) for s in range(12))
    assert (sample.verdict, sample.why) == (
        "catching up", "Applying a large transaction, 11,000 changes so far",
    )  # fmt: skip


def test_source_that_reads_its_log_again_is_no_stall() -> None:
    sample = last(inside(s, sent_lsn=10**9 - 100 * MEBIBYTE + s) for s in range(12))
    assert sample.verdict == "catching up"
    assert sample.why == "The source reads its log for what to send, 100.0 MiB to go"


def test_stall_names_the_transaction_that_is_open_on_the_source() -> None:
    sample = last(inside(s, open_since="21:55:00 UTC", open_rows=5) for s in range(12))
    assert sample.verdict == "stalled"
    assert sample.why.endswith("a transaction is open on the source since 21:55:00 UTC")
