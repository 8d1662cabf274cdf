"""Any order of receiving, writing, crashing and reading: every transaction once, and in order."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from walsender import Walsender

from lmtui.replay import spool, transactions
from lmtui.replay.frames import segments
from lmtui.replay.protocol import data_lsn
from lmtui.replay.spool import SpoolWriter
from lmtui.replay.transactions import Part, Transactions

START = 1000


class Replication(RuleBasedStateMachine):
    """A source, a receiver's spool and a target, each of which may crash at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="lmtui-spool-"))
        self.source = Walsender(START)
        self.writer: SpoolWriter | None = None
        self.synced = 0
        self.applied = START
        self.committed: list[bytes] = []
        self.uncommitted: list[bytes] = []
        self.uncommitted_lsn = START
        self.applier: Transactions | None = None
        self.items: Iterator[object] | None = None

    @initialize(segment=st.sampled_from([1, 150, 400]), part=st.sampled_from([1, 60, 150]))
    def sizes(self, segment: int, part: int) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(spool, "SEGMENT_BYTES", segment)
        self.patch.setattr(transactions, "PART_BYTES", part)

    # ------------------------------------------------------------------------------- the source

    @rule(sizes=st.lists(st.integers(0, 40), max_size=6))
    def source_commits(self, sizes: list[int]) -> None:
        number = len(self.source.transactions)
        self.source.commit(*(b"%d.%d " % (number, n) + b"x" * n for n in sizes))

    # ----------------------------------------------------------------------------- the receiver

    @precondition(lambda self: self.writer is None)
    @rule()
    def start_receiver(self) -> None:
        self.writer = SpoolWriter(self.directory, self.applied)
        self._count_synced()
        self.source.confirm(self.writer.flushed)
        self.source.start(self.writer.last_commit)

    @precondition(lambda self: self.writer is not None)
    @rule(count=st.integers(1, 12))
    def receive(self, count: int) -> None:
        assert self.writer is not None
        for message, commit in self.source.send(count):
            self.writer.add([message], [] if commit is None else [0])

    @precondition(lambda self: self.writer is not None)
    @rule()
    def write(self) -> None:
        assert self.writer is not None
        before = segments(self.directory)
        self.writer.write()
        assert self.writer.pending_bytes == 0
        if segments(self.directory) != before:
            self._count_synced()

    @precondition(lambda self: self.writer is not None)
    @rule()
    def sync(self) -> None:
        assert self.writer is not None
        assert self.writer.sync() == self.writer.flushed
        self._count_synced()
        self.source.confirm(self.writer.flushed)

    @precondition(lambda self: self.writer is not None)
    @rule(torn=st.integers(0, 400))
    def receiver_is_killed_while_writing(self, torn: int) -> None:
        assert self.writer is not None
        path = segments(self.directory)[-1]
        before = path.stat().st_size
        self.writer.write()
        self.writer.close()
        self.writer = None
        if segments(self.directory)[-1] == path:
            with path.open("r+b") as file:
                file.truncate(min(before + torn, path.stat().st_size))
        else:
            self._count_synced()

    @precondition(lambda self: self.writer is not None)
    @rule()
    def receiver_ends(self) -> None:
        assert self.writer is not None
        self.writer.close()
        self.writer = None

    @rule(kept=st.integers(0, 400))
    def machine_crashes(self, kept: int) -> None:
        """Of what was not synced, any part may be on the disk."""
        self.applier_is_killed()
        if self.writer is not None:
            self.receiver_ends()
        for path in segments(self.directory)[-1:]:
            with path.open("r+b") as file:
                file.truncate(min(self.synced + kept, path.stat().st_size))

    def _count_synced(self) -> None:
        self.synced = segments(self.directory)[-1].stat().st_size

    # ------------------------------------------------------------------------------ the applier

    @rule()
    def applier_is_killed(self) -> None:
        if self.applier is not None:
            self.applier.close()
        self.applier = self.items = None
        self.uncommitted.clear()

    @rule(count=st.integers(1, 5))
    def apply(self, count: int) -> None:
        for _ in range(count):
            self._apply()

    def _apply(self) -> bool:
        """Apply one part, or look for one; says whether there was anything."""
        if self.applier is None:
            self.applier = Transactions(self.directory, self.applied)
        if self.items is None:
            self.items = self.applier.next()
            return self.items is not None
        item = next(self.items, None)
        if item is None:
            self.items = None
        elif isinstance(item, Part):
            if item.first and not item.ends:
                self.target_commits()
            self.uncommitted += item.messages
            if item.ends:
                self.uncommitted_lsn = data_lsn(item.messages[-1])
        else:
            # The target rolls back, and the applier begins anew.
            self.applier_is_killed()
        return True

    @precondition(lambda self: self.applier is not None and not self.applier.inside)
    @rule()
    def target_commits(self) -> None:
        assert self.applier is not None
        if self.uncommitted:
            self.committed += self.uncommitted
            self.uncommitted.clear()
            self.applied = self.uncommitted_lsn
        self.applier.prune()

    # ------------------------------------------------------------------------------- the promise

    @invariant()
    def nothing_is_lost_or_doubled_so_far(self) -> None:
        wanted = [m for sent in self.source.transactions for m in sent.messages]
        assert self.committed == wanted[: len(self.committed)]
        assert self.committed[-1:] == [
            sent.messages[-1] for sent in self.source.transactions if sent.commit == self.applied
        ]

    def teardown(self) -> None:
        try:
            if self.writer is None:
                self.start_receiver()
            self.receive(10_000)
            self.write()
            while self._apply():
                pass
            self.target_commits()
            assert self.committed == [m for sent in self.source.transactions for m in sent.messages]
        finally:
            if self.applier is not None:
                self.applier.close()
            if self.writer is not None:
                self.writer.close()
            self.patch.undo()
            shutil.rmtree(self.directory)


TestReplication = Replication.TestCase
TestReplication.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
