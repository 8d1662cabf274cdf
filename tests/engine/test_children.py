"""What a child may say, whole, torn or nonsense, and how it ends."""

import os
import threading
from pathlib import Path

import pytest

from lmtui.children import LINE_BYTES, Child
from lmtui.replay.reports import ChunksSeen, Halted, Report

SPEAKER = """
import os, sys
for number in range(3):
    sys.stdout.buffer.write(%r)
    sys.stdout.buffer.write(b'{"type":"chunks","dropped":["%%d"]}\\n' %% number)
sys.stdout.buffer.write(%r)
sys.stdout.buffer.flush()
os.kill(os.getpid(), 9)
"""
LAST = b'{"type":"halted","title":"No more","detail":""}\n{"type":"chunks","drop'


def spoken(tmp_path: Path, noise: bytes) -> tuple[Child, list[Report]]:
    """A child that says three reports, each behind `noise`, then that it halts, and is killed."""
    (tmp_path / "speaker.py").write_text(SPEAKER % (noise, LAST))
    heard: list[Report] = []
    last = threading.Event()

    def listen(report: Report) -> None:
        heard.append(report)
        if isinstance(report, Halted):
            last.set()

    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    child = Child("speaker", [], environment, tmp_path / "speaker.log", listen)
    assert last.wait(20)
    while child.poll() is None:
        threading.Event().wait(0.01)
    child.stop()
    return child, heard


@pytest.mark.parametrize(
    "noise",
    [
        b"a library says something\n",
        b"\xff\xfe\x00\n",
        b"{}\n",
        b"[1,2]\n",
        b"\n",
        b'{"type":"chunks","dropped":[1]}\n',
        b'{"type":"of a later version"}\n',
        b'{"type":"chunks","dro\n',
    ],
)
def test_noise_is_counted_and_passed_over(tmp_path: Path, noise: bytes) -> None:
    child, heard = spoken(tmp_path, noise)
    assert heard[:3] == [ChunksSeen(dropped=(str(number),)) for number in range(3)]
    assert child.halted == heard[3] == Halted(title="No more", detail="")
    assert child.unreadable == 4, "three times noise, and the torn line at the end"
    assert child.last_unreadable == '{"type":"chunks","drop'
    assert child.poll() == -9


def test_line_without_an_end_takes_no_memory(tmp_path: Path) -> None:
    child, heard = spoken(tmp_path, b"x" * (3 * LINE_BYTES) + b"\n")
    assert len(heard) == 4
    assert child.unreadable == 3 * 4 + 1


def test_silence_is_measured_from_the_last_report(tmp_path: Path) -> None:
    child, _ = spoken(tmp_path, b"noise\n")
    before = child.silent_seconds
    assert 0 < before < child.silent_seconds < 20
