"""Allowing one change to be skipped: only the very one, and kept for good."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from story import ENDPOINTS, REFUSED

from lmtui import events as e
from lmtui.cli.status import as_data, as_lines
from lmtui.errors import AlreadyRunningError, BlockedError, LmtuiError, UsageError
from lmtui.journal import Journal, Reader
from lmtui.ledger import Ledger
from lmtui.phases import Phase, Status
from lmtui.replay.change import Delete, Located, Truncate
from lmtui.replay.naming import Naming, change_name, parse_name
from lmtui.report import markdown, report
from lmtui.skips import allow_skip
from lmtui.state import State
from lmtui.validation.render import verdict_line
from lmtui.workdir import Lock, WorkDirectory

PROBLEM = e.Problem(title="Replay stopped", detail="why", hint="do", refused=REFUSED)
PROOF = e.Proof(at=datetime(2026, 1, 1, tzinfo=UTC), equal=True, seconds=1.0, changes_skipped=1)
REPLAYING = (
    e.MigrationPlanned(
        id="1a2b", version="0.1.0", endpoints=ENDPOINTS, slot="lmtui_1a2b", plugin="wal2json",
        cutover="manual",
    ),
    *(e.PhaseEntered(phase=phase) for phase in (
        Phase.PREFLIGHT, Phase.PREPARE, Phase.SCHEMA, Phase.COPY, Phase.CATCH_UP,
    )),
)  # fmt: skip
STOPPED = e.StatusChanged(status=Status.FAILED, problem=PROBLEM)


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A migration that replays."""
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    tell(directory, *REPLAYING)
    return directory


def tell(directory: WorkDirectory, *events: e.AnyEvent) -> State:
    journal = Journal(directory)
    try:
        for event in events:
            journal.append(event)
    finally:
        journal.close()
    return journal.state


def contents(directory: WorkDirectory) -> dict[str, bytes]:
    files = (path for path in directory.root.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def test_the_very_change_is_written_down_once(directory: WorkDirectory) -> None:
    tell(directory, STOPPED)
    for typed in ("0/1900#2", " 0/00001900#2 "):
        assert allow_skip(directory, typed) == REFUSED
    assert Ledger(directory).skips() == [REFUSED]
    state = Reader(directory).poll()
    assert state.skips_allowed == (REFUSED,)
    assert state.skipped == ()
    # Nothing puts it back.
    assert Ledger(directory).open_entries() == []


@pytest.mark.parametrize("typed", ["0/1900", "0/1900#1", "0/1900#3", "0/1901#2", "1/1900#2"])
def test_another_change_is_refused_before_anything_is_touched(
    directory: WorkDirectory, typed: str
) -> None:
    tell(directory, STOPPED)
    before = contents(directory)
    with pytest.raises(UsageError, match="does not stand at") as refused:
        allow_skip(directory, typed)
    assert "lmtui skip 0/1900#2" in refused.value.hint
    assert contents(directory) == before


@pytest.mark.parametrize(
    "typed", ["", "0", "x/y", "0/1900#", "0/1900#0", "0/1900#-1", "0/1900 0/1901", "0/1-0/2", "/"]
)
def test_what_names_no_change(directory: WorkDirectory, typed: str) -> None:
    tell(directory, STOPPED)
    before = contents(directory)
    with pytest.raises(UsageError, match="names no change"):
        allow_skip(directory, typed)
    assert contents(directory) == before


@pytest.mark.parametrize(
    "event",
    [
        e.StatusChanged(status=Status.RUNNING),
        e.StatusChanged(status=Status.FAILED, problem=e.Problem(title="Another")),
        e.StatusChanged(status=Status.WAITING, problem=PROBLEM),
    ],
)
def test_replay_that_stands_at_none(directory: WorkDirectory, event: e.AnyEvent) -> None:
    tell(directory, STOPPED, event)
    before = contents(directory)
    with pytest.raises(BlockedError, match="does not stand at a change"):
        allow_skip(directory, REFUSED.change)
    assert contents(directory) == before


def test_a_supervisor_that_works_is_left_alone(directory: WorkDirectory) -> None:
    tell(directory, STOPPED)
    lock = Lock(directory)
    with pytest.raises(AlreadyRunningError):
        allow_skip(directory, REFUSED.change)
    lock.release()
    assert Ledger(directory).skips() == []


def test_a_ledger_holds_both_kinds(directory: WorkDirectory) -> None:
    ledger = Ledger(directory)
    first = ledger.record(side="source", what="a", undo="undo a")
    ledger.allow_skip(REFUSED)
    ledger.allow_skip(REFUSED)
    second = ledger.record(side="source", what="b", undo="undo b")
    ledger.mark_undone(first)
    assert Ledger(directory).open_entries() == [second]
    assert Ledger(directory).skips() == [REFUSED]


def test_it_is_shown_for_good(directory: WorkDirectory) -> None:
    """In the status and the report, of a migration that was cleaned up too."""
    tell(directory, STOPPED)
    allow_skip(directory, REFUSED.change)
    state = Reader(directory).poll()
    assert "allowed to be skipped" in markdown(state, state.recent)
    state = tell(
        directory, e.StatusChanged(status=Status.RUNNING), e.ChangeSkipped(change=REFUSED),
        e.PhaseEntered(phase=Phase.CUT_OVER),
        e.DrainProven(end_lsn="0/2000", applied_lsn="0/2000", seconds=0.1),
        e.PhaseEntered(phase=Phase.FINALIZE), e.PhaseEntered(phase=Phase.VALIDATE),
        e.Validated(proof=PROOF), e.Completed(proven=False, downtime_seconds=1.0),
        e.PhaseEntered(phase=Phase.CLEANED_UP), e.CleanedUp(removed=()),
    )  # fmt: skip
    told = "\n".join(as_lines(state, alive=False))
    assert "changes that found no row: 0, skipped: 1" in told
    assert "skipped: UPDATE public.orders at 0/1900#2 (id = 7): 0 rows of the target" in told
    assert msgspec.to_builtins(as_data(state, alive=False))["skipped"][0]["change"] == "0/1900#2"
    found = report(state, state.recent)
    assert [(one.outcome, one.change) for one in found.skipped] == [("skipped", REFUSED)]
    text = markdown(state, state.recent)
    assert "## Changes skipped" in text
    assert "SKIPPED: UPDATE public.orders at 0/1900#2" in text
    assert "equal in all that was compared; not called proven: 1 change" in text
    assert "Changes skipped during the replay: 1." in verdict_line(PROOF)


def test_what_was_applied_after_all_is_told(directory: WorkDirectory) -> None:
    tell(directory, STOPPED)
    allow_skip(directory, REFUSED.change)
    state = tell(
        directory, e.StatusChanged(status=Status.RUNNING),
        e.PhaseEntered(phase=Phase.CUT_OVER),
        e.DrainProven(end_lsn="0/2000", applied_lsn="0/2000", seconds=0.1),
    )  # fmt: skip
    assert [one.outcome for one in report(state, state.recent).skipped] == ["applied"]
    assert "allowed to be skipped, but applied" in markdown(state, state.recent)


def test_names_go_on_over_pieces() -> None:
    """Whatever the pieces are, a change has the same name."""
    places = [5, 7, 7, 7, 8, 9, 9]
    changes = [Located(Delete(("s", "t"), ("id",), (str(n),)), at) for n, at in enumerate(places)]
    whole = [name for name, _ in Naming().names(changes)]
    assert whole == ["0/5", "0/7", "0/7#2", "0/7#3", "0/8", "0/9", "0/9#2"]
    for first in range(len(changes) + 1):
        for second in range(first, len(changes) + 1):
            naming, names = Naming(), []
            for piece in (changes[:first], changes[first:second], changes[second:]):
                names += [name for name, _ in naming.names(piece)]
                naming.go_on(one.lsn for one in reversed(piece))
            assert names == whole


def test_truncates_of_one_statement_are_one_change() -> None:
    changes = [
        Located(Truncate((("s", name),), False, False), at)
        for name, at in (("a", 5), ("b", 5), ("a", 5), ("a", 6))
    ]
    named = [(name, located.change) for name, located in Naming().names(changes)]
    assert named == [
        ("0/5", Truncate((("s", "a"), ("s", "b")), False, False)),
        ("0/6", Truncate((("s", "a"),), False, False)),
    ]


def test_names_are_read_as_they_are_written() -> None:
    for name in ("0/5", "16/B374D848", "16/B374D848#12"):
        assert parse_name(name) == name
    assert parse_name("16/b374d848#1") == change_name(0x16B374D848, 1)
    with pytest.raises(LmtuiError):
        parse_name("nothing")
