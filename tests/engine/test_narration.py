"""The lines and the JSON that say where a migration stands."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from story import BEGIN, EVENTS, records

from lmtui.cli import main
from lmtui.cli.status import as_data, as_lines
from lmtui.journal import Journal
from lmtui.narration import progress_line
from lmtui.phases import Phase, Status
from lmtui.sample import Applied, CopySample, ReplaySample, Sample
from lmtui.state import State, reduce_all, with_sample
from lmtui.workdir import Lock, WorkDirectory

COPY = CopySample(
    bytes_done=1024**3, bytes_total=4 * 1024**3, tables_done=3, tables_total=12, indexes_done=1,
    indexes_total=20, bytes_per_second=10 * 1024**2, eta_seconds=307.2,
)  # fmt: skip
REPLAY = ReplaySample(
    lag_bytes=2048, lag_seconds=1.5, source_wal_rate=1024, target_replay_rate=4096, eta_seconds=90,
    verdict="catching up", applied=Applied(insert=12345, update=6, delete=7),
)  # fmt: skip
FIGURES = (
    "(source_wal_rate: 1.0 KiB/s, target_replay_rate: 4.0 KiB/s, replay_lag: 2.0 KiB, 1.5 s, "
    "applied: 12,345 inserts, 6 updates, 7 deletes, 0 unmatched, 0 skipped)"
)


def at(phase: Phase, *, caught_up: bool = False, **parts: object) -> State:
    return with_sample(State(phase=phase, caught_up=caught_up), Sample(at=BEGIN, **parts))  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", list(Phase))
def test_progress_is_told_where_something_runs(phase: Phase) -> None:
    assert progress_line(State(phase=phase)) == ""
    running = phase in (Phase.COPY, Phase.CATCH_UP, Phase.REPLICATE)
    assert bool(progress_line(at(phase, copy=COPY, replay=REPLAY))) == running


def test_copy() -> None:
    assert progress_line(at(Phase.COPY, copy=COPY)) == (
        "1.0 GiB copied to Target DB (Source DB is 4.0 GiB), tables 3/12, indexes 1/20, "
        "10.0 MiB/s, ETA 5 min 7 s"
    )
    assert progress_line(at(Phase.COPY)) == ""


@pytest.mark.parametrize(
    ("caught_up", "changes", "words"),
    [
        (False, {}, "Live-replay will complete in 1 min 30 s"),
        (False, {"eta_seconds": None}, "Live-replay will complete in —"),
        (True, {"verdict": "caught up"}, "Target has caught up with source"),
        (False, {"verdict": "stalled", "why": "No room"}, "Live-replay is stalled: No room"),
        (True, {"verdict": "stalled", "why": "No room"}, "Live-replay is stalled: No room"),
        (False, {"verdict": "falling behind"}, "live-replay not keeping up with source load"),
    ],
)
def test_replay(caught_up: bool, changes: dict[str, object], words: str) -> None:
    state = at(Phase.REPLICATE, caught_up=caught_up, replay=replace(REPLAY, **changes))
    assert progress_line(state) == f"{words} {FIGURES}"


@pytest.mark.parametrize("alive", [False, True])
@pytest.mark.parametrize("count", range(1, len(EVENTS) + 1))
def test_status_can_be_told_after_every_event(count: int, alive: bool) -> None:
    state = reduce_all(records()[:count])
    for known in (state, with_sample(state, Sample(at=BEGIN, copy=COPY, replay=REPLAY))):
        data = json.loads(msgspec.json.encode(as_data(known, alive=alive)))
        assert {
            "phase", "status", "copy", "replay", "source", "spool", "cutover", "worker", "error",
        } <= data.keys()  # fmt: skip
        assert data["worker"]["alive"] is alive
        lines = as_lines(known, alive=alive)
        assert lines
        assert all(lines)


def test_status_has_the_fields_that_scripts_may_rely_on() -> None:
    state = at(Phase.REPLICATE, caught_up=True, copy=COPY, replay=REPLAY)
    data = json.loads(msgspec.json.encode(as_data(state, alive=True)))
    wanted = {
        "copy": "bytes_done bytes_total tables_done tables_total eta_seconds",
        "replay": "source_lsn received_lsn applied_lsn lag_bytes lag_seconds source_wal_rate "
        "target_replay_rate eta_seconds verdict applied",
        "source": "retained_bytes wal_status safe_wal_size",
        "spool": "bytes free_bytes",
        "cutover": "ready blockers warnings",
        "worker": "alive pid",
    }
    for part, fields in wanted.items():
        assert set(fields.split()) <= data[part].keys()
    assert {"insert", "update", "delete", "truncate"} <= data["replay"]["applied"].keys()


def test_worker_that_was_killed_is_no_running_one() -> None:
    """Its journal ends in the middle."""
    state = reduce_all(records()[:15])
    assert state.status is Status.RUNNING
    assert as_data(state, alive=True)["status"] is Status.RUNNING
    assert as_data(state, alive=False)["status"] is Status.STOPPED
    assert as_data(state, alive=False)["cutover"]["ready"] is False
    assert any("lmtui resume" in line for line in as_lines(state, alive=False))


def test_status_of_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    arguments = ["status", "--json", "--dir", str(directory.root)]
    directory.journal.touch()
    assert main(arguments) == 4
    assert "There is no migration in" in capsys.readouterr().err
    journal = Journal(directory)
    journal.append(EVENTS[0])
    journal.sample(Sample(at=BEGIN + timedelta(hours=1)))
    journal.close()
    lock = Lock(directory)
    assert main(arguments) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["id"], data["worker"]["alive"]) == ("1a2b", True)
    lock.release()
    with directory.journal.open("ab") as file:
        file.write(b"not a record\n")
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("lmtui: The journal cannot be read behind its record 1\n")
