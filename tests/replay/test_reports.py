"""What receiver and applier say comes to the supervisor as they said it."""

import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtui.replay.reports import ApplierReport, ChunksSeen, Halted, ReceiverReport, moment, read

texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(0, 2**64 - 1)
REPORTS = st.one_of(
    st.builds(
        ReceiverReport, received_lsn=numbers, flushed_lsn=numbers, spool_bytes=numbers,
        free_bytes=numbers, waiting=texts,
    ),
    st.builds(
        ApplierReport, applied_lsn=numbers, committed_at=st.integers(-(10**15), 10**16),
        insert=numbers, update=numbers, delete=numbers, truncate=numbers, transactions=numbers,
        waiting=texts, marker=texts, watched=texts, after_end=numbers,
    ),
    st.builds(ChunksSeen, dropped=st.lists(texts).map(tuple)),
    st.builds(Halted, title=texts, detail=texts, hint=texts),
)  # fmt: skip


@given(REPORTS)
def test_report_is_one_line_that_is_read_back(
    report: ReceiverReport | ApplierReport | ChunksSeen | Halted,
) -> None:
    line = msgspec.json.encode(report)
    assert b"\n" not in line
    assert read(line + b"\n") == report


def test_report_is_sent_at_once() -> None:
    """Also through a pipe, which Python would buffer; and it ends in a line's end."""
    program = (
        "from lmtui.replay.reports import ChunksSeen, send\n"
        "send(ChunksSeen(dropped=('é.c',)))\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert read(child.stdout.readline()) == ChunksSeen(dropped=("é.c",))
        child.communicate(b"\n")
    assert child.returncode == 0


@pytest.mark.parametrize("line", [b"", b"Traceback (most recent call last):\n", b"{}", b"[1]"])
def test_what_is_no_report_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(line)


@pytest.mark.parametrize(
    ("microseconds", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_768_469_400_000_001, datetime(2026, 1, 15, 9, 30, 0, 1, tzinfo=UTC)),
    ],
)
def test_moment(microseconds: int, expected: datetime) -> None:
    assert moment(microseconds) == expected
