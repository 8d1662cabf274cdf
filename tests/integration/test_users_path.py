"""The way of a user through the whole command line, with a writer on the source."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from command_line import SECRET, CommandLine, against_tally, command_lines, is_read_only, one
from traces import traces

from lmtui.demo.writer import Writer
from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


class _Watch:
    """Looks at the arguments of all processes, again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self.seen.update(b" ".join(words) for _, words in command_lines())

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def watch() -> Iterator[_Watch]:
    """The arguments of all processes, from here to the end."""
    watching = _Watch()
    yield watching
    watching.stop()


def _check_schema(status: Any) -> None:
    """As design 9 has it; more fields may be there."""
    wanted = {
        "": "phase status copy replay source spool cutover worker error",
        "copy": "bytes_done bytes_total tables_done tables_total eta_seconds",
        "replay": "source_lsn received_lsn applied_lsn lag_bytes lag_seconds source_wal_rate"
        " target_replay_rate eta_seconds verdict applied",
        "source": "retained_bytes wal_status safe_wal_size",
        "spool": "bytes free_bytes",
        "cutover": "ready blockers warnings",
        "worker": "alive pid",
    }
    for place, names in wanted.items():
        assert set(names.split()) <= set(status[place] if place else status), place
    assert {"insert", "update", "delete", "truncate"} <= set(status["replay"]["applied"])


def test_a_migration_from_check_to_clean(shop: CommandLine, writer: Writer, watch: _Watch) -> None:
    before = traces(shop.source)
    assert "The target is empty" in shop("check")
    findings = json.loads(shop("check", "--json"))
    assert not shop.directory.root.exists()

    migrating = shop.start("migrate", "--yes", "--cutover", "when-caught-up")
    shop.wait_for(lambda state: state.phase is Phase.COPY and state.sample)
    status = shop.status()
    _check_schema(status)
    assert (status["phase"], status["status"], status["worker"]["alive"]) == (
        "copy",
        "running",
        True,
    )
    assert status["cutover"]["blockers"][0]["code"] == "not_replicating"
    assert "already runs" in shop.refused("migrate", "--yes", code=5)
    assert "runs already" in shop.refused("resume", code=5)
    shop.wait_for(lambda state: state.phase is Phase.CATCH_UP)
    assert "phase catch_up, running" in shop("status")
    printed = shop.end(migrating)
    assert "Target has caught up with source" in printed
    assert "Migration successfully completed" in printed

    status = shop.status()
    _check_schema(status)
    assert (status["phase"], status["status"], status["proven"]) == ("complete", "done", True)
    assert status["worker"] == {"alive": False, "pid": None}
    assert status["error"] is None
    assert sum(status["replay"]["applied"].values()) > 0
    assert against_tally(shop.target, writer.tally()) == {}
    assert is_read_only(shop.source)
    assert json.loads(shop("validate", "--json"))["equal"] is True
    assert "equal" in shop("report")
    report = json.loads(shop("report", "--format", "json"))
    assert report["proven"] is True
    assert report["proof"]["verdict"] == "equal"

    assert "nothing to resume" in shop.refused("resume", code=3)
    assert "clean --prune" in shop.refused("migrate", "--yes", code=5)
    assert "No migration runs" in shop.refused("cutover", "--confirm", shop.database, code=4)
    assert "Nothing of lmtui is left" in shop("clean", "--prune")
    assert not shop.directory.root.exists()
    assert traces(shop.source) == before
    assert not is_read_only(shop.target)
    assert one(shop.target, "select to_regnamespace('lmtui') is null")
    assert "no migration" in shop.refused("status", code=4)
    assert findings
    assert not [line for line in watch.seen if SECRET.encode() in line]
    assert [line for line in watch.seen if b"pgcopydb" in line]
    assert [line for line in watch.seen if b"pg_dump" in line or b"pg_restore" in line]
