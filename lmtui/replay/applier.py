"""The applier: the spool's transactions, decoded, routed and written to the target, exactly once.

A process of its own (`python -m lmtui.replay.applier`). Several source transactions become one
target transaction, which advances the progress row; a crash at any place goes on from that row.

Its stdin takes lines: `end NONCE` makes it stop at the drain marker with that nonce, counting
instead of applying what comes after; `hold`, `until LSN` and `go` as in lmtui.replay.hold; the end
of stdin ends it.
"""

import argparse
import os
import select
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import psycopg

from lmtui.database import Connection
from lmtui.endpoint import TARGET_VARIABLE, Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError
from lmtui.ledger import Ledger
from lmtui.replay import progress
from lmtui.replay.apply import Target, connect_target
from lmtui.replay.change import Begin, Commit, Delete, Insert, Located, Message, Truncate, Update
from lmtui.replay.decoding import decoder_for, router_for
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.hold import Hold, flush_statistics
from lmtui.replay.protocol import XLOG_HEADER, data_lsn
from lmtui.replay.refusal import CommitRefusedError, commit_named, refused_again
from lmtui.replay.reports import ApplierReport, ChunksSeen, Halted, ranges_text, send, send_skipped
from lmtui.replay.transactions import Discard, Part, Transactions
from lmtui.workdir import WorkDirectory

BATCH_ROWS = 20_000
BATCH_BYTES = 16 * 1024 * 1024
COMMIT_SECONDS = 0.5
REPORT_SECONDS = 0.25
IDLE_SECONDS = 0.01
HEARTBEAT = "heartbeat"
RETRIED = (psycopg.Error, ConnectionFailedError, progress.OvertakenError, CommitRefusedError)
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Applier:
    """Applies one spool to one target until its parent is gone or a change cannot be applied."""

    def __init__(self, target: Endpoint, directory: WorkDirectory, slot: str, plugin: str) -> None:
        self._endpoint = target
        self._directory = directory
        self._slot = slot
        self._plugin = plugin
        self._facts = CatalogFacts.load(directory)
        self._decoder = decoder_for(plugin)
        self._command = b""
        self._reported_at = 0.0
        self._waiting = self._end_nonce = self._watched = ""
        self._after_end = self._commit_lsn = self._failures = 0
        self._alone_until = 0  # Up to here each transaction is committed by itself, to find one.
        self.stopping = False
        self._hold = Hold(self._settle, self._listen, lambda: self.stopping)

    def run(self) -> None:
        """Apply, connecting again with growing pauses. Raises LmtuiError where that is vain."""
        while not self.stopping:
            try:
                self._open()
                self._work()
            except RETRIED as error:
                self._waiting = refused_again(error, self._failures, self._commit_lsn)
                if isinstance(error, CommitRefusedError):
                    self._alone_until = error.last
                self._report(force=True)
                self._pause(_BACK_OFF[min(self._failures, len(_BACK_OFF) - 1)])
                self._failures += 1
            finally:
                self._close()

    _connection: Connection | None = None
    _transactions: Transactions | None = None

    def _open(self) -> None:
        self._connection = connect_target(self._endpoint, self._slot)
        self._progress = progress.read(self._connection, self._slot)
        self._target = Target(self._connection, self._facts, Ledger(self._directory).skips())
        # What is committed may not have been told before the process that did it ended.
        send_skipped(progress.read_skipped(self._connection, self._slot))
        self._router = router_for(self._plugin, self._facts, self._directory)
        self._router.know(progress.read_learned(self._connection, self._slot))
        self._connection.commit()
        self._transactions = Transactions(self._directory.spool, self._progress.lsn)
        self._changes: list[Located] = []
        self._bytes = 0
        self._done = progress.Counts()
        self._marker = ""
        self._commit_lsn, self._commit_at = self._progress.lsn, self._progress.at
        self._first_at = 0.0
        self._began = False
        self._report(force=True)

    def _close(self) -> None:
        if self._transactions is not None:
            self._transactions.close()
            self._transactions = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _work(self) -> None:
        assert self._transactions is not None  # noqa: S101
        while not self.stopping:
            items = self._transactions.next()
            if items is None:
                if self._done.transactions:
                    self._commit()
                elif not self._transactions.inside:
                    self._waiting = ""
                self._hold.wait(None)
                self._listen(IDLE_SECONDS)
            else:
                for item in items:
                    if isinstance(item, Discard):
                        raise progress.OvertakenError("The source sends a transaction again")
                    self._hold.wait(item)
                    self._take(item)
                self._listen(0)
            self._report()

    def _settle(self) -> None:
        assert self._connection is not None  # noqa: S101
        if self._done.transactions:
            self._commit()
        flush_statistics(self._connection)
        self._report(force=True)

    @property
    def _ended(self) -> bool:
        return bool(self._end_nonce) and self._progress.marker == f"drain:{self._end_nonce}"

    def _take(self, part: Part) -> None:
        if part.first:
            if self._done.transactions and part.commit is None:
                # What is at its end must not share the fate of one that may be discarded.
                self._commit()
            self._router.begin(data_lsn(part.messages[0]))
        if not self._began:
            self._began, self._first_at = True, time.monotonic()
        decode, route, dropped = self._decoder.decode, self._router.route, self._router.dropped
        for message in part.messages:
            change = decode(message[XLOG_HEADER:])
            if isinstance(change, Begin):
                continue
            if isinstance(change, Commit):
                self._commit_at = change.at
                continue
            routed = route(change)
            if dropped:
                self._drop_chunks(data_lsn(message))
            if routed is None:
                continue
            if isinstance(routed, Message):
                if routed.content != HEARTBEAT:
                    self._marker = routed.content
            elif isinstance(routed, Insert | Update | Delete | Truncate):
                self._add(Located(routed, data_lsn(message)))
        self._bytes += sum(map(len, part.messages))
        if part.commit is None or len(self._changes) >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
            self._apply()
        if part.commit is not None:
            self._end_transaction(part.commit)

    def _drop_chunks(self, lsn: int) -> None:
        for drop in self._router.dropped:
            self._add(Located(drop, lsn))
        self._router.dropped.clear()

    def _add(self, located: Located) -> None:
        if self._ended:
            self._after_end += 1
            return
        self._changes.append(located)
        self._done.count(located.change)

    def _end_transaction(self, commit: int) -> None:
        if not_mirrored := self._router.end():
            send(ChunksSeen(dropped=tuple(not_mirrored)))
        # Inside the record of the commit: behind it, the next transaction's may begin at once.
        self._drop_chunks(commit - 1)
        self._commit_lsn = commit
        self._done.transactions += 1
        late = time.monotonic() - self._first_at > COMMIT_SECONDS
        if late or self._marker.startswith("drain:") or commit <= self._alone_until:
            self._commit()

    def _apply(self) -> None:
        self._target.apply(self._changes)
        self._changes.clear()
        self._bytes = 0

    def _commit(self) -> None:
        assert self._connection is not None  # noqa: S101
        assert self._transactions is not None  # noqa: S101
        if self._ended:
            self._watched, self._marker = self._marker or self._watched, ""
            self._done = progress.Counts()
            self._began = False
            self._report(force=True)
            return
        self._apply()
        skipped = self._done.skip(self._target.skipped())
        progress.remember(self._connection, self._slot, self._router.learned)
        progress.keep_skipped(self._connection, self._slot, skipped)
        advanced = progress.advance(
            self._connection, self._slot, self._progress, lsn=self._commit_lsn,
            at=self._commit_at, done=self._done, marker=self._marker,
        )  # fmt: skip
        with commit_named(self._progress.lsn, self._commit_lsn, self._done.transactions):
            self._connection.commit()
        send_skipped(skipped)
        self._failures, self._waiting = 0, ""
        self._progress = advanced
        self._router.learned.clear()
        self._done = progress.Counts()
        self._marker = ""
        self._began = False
        self._transactions.prune()
        if self._ended:
            flush_statistics(self._connection)
        self._report(force=self._ended)

    def _listen(self, seconds: float) -> None:
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], seconds)
        if not ready:
            return
        read = os.read(sys.stdin.fileno(), 4096)
        if not read:
            self.stopping = True
        *lines, self._command = (self._command + read).split(b"\n")
        for words in map(bytes.decode, lines):
            if words.startswith("end "):
                self._end_nonce = words.removeprefix("end ")
            else:
                self._hold.command(words)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            self._listen(left)

    def _report(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = now
        place = getattr(self, "_progress", None) or progress.Progress(0, 0)
        send(
            ApplierReport(
                applied_lsn=place.lsn, committed_at=place.at, waiting=self._waiting,
                marker=place.marker, watched=self._watched, after_end=self._after_end,
                held=self._hold.reached, ranges=ranges_text(getattr(self, "_router", None)),
                **asdict(place.counts),
            )
        )  # fmt: skip


def main() -> int:
    """Run the applier until stdin ends or SIGTERM comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--slot", required=True)
    parser.add_argument("--plugin", required=True)
    options = parser.parse_args()
    try:
        applier = Applier(
            Endpoint.parse("target", os.environ.get(TARGET_VARIABLE, "")),
            WorkDirectory(options.dir),
            options.slot,
            options.plugin,
        )

        def stop(_signal: int, _frame: object) -> None:
            applier.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        applier.run()
    except LmtuiError as error:
        send(Halted(title=error.title, detail=error.detail, hint=error.hint, refused=error.refused))
        return 1
    except BrokenPipeError:
        # The supervisor is gone, and with it the reason to go on.
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
