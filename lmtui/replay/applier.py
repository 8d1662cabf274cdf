"""The applier: the spool's transactions, decoded, routed and written to the target, exactly once.

A process of its own (`python -m lmtui.replay.applier`). Several source transactions become one
target transaction, which advances the progress row; a crash at any place goes on from that row.

Its stdin takes lines: `end NONCE` makes it stop at the drain marker with that nonce, counting
instead of applying what comes after; `hold`, `until LSN` and `go` as in lmtui.replay.hold; the end
of stdin ends it.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psycopg

from lmtui.database import Connection
from lmtui.endpoint import TARGET_VARIABLE, Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError, ReplayStoppedError
from lmtui.ledger import Ledger
from lmtui.replay import progress
from lmtui.replay.apply import Target, connect_target
from lmtui.replay.blocks import Blocks
from lmtui.replay.catch_up import CatchUp, passing
from lmtui.replay.commands import Commands
from lmtui.replay.decoding import decoder_for, printed_by, router_for
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.hold import Hold, flush_statistics
from lmtui.replay.intake import DRAIN, Intake
from lmtui.replay.point_rows import read_points
from lmtui.replay.refusal import commit_named, refused_again
from lmtui.replay.reports import ApplierReport, ChunksSeen, Halted, ranges_text, send, send_skipped
from lmtui.replay.transactions import Discard, Part, Transactions
from lmtui.workdir import WorkDirectory

BATCH_ROWS = 20_000
BATCH_BYTES = 16 * 1024 * 1024
COMMIT_SECONDS = 0.5
REPORT_SECONDS = 0.25
IDLE_SECONDS = 0.01
RETRIED = (psycopg.Error, ConnectionFailedError, progress.OvertakenError)
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Applier:
    """Applies one spool to one target until its parent is gone or a change cannot be applied.

    With `catch_up` it applies the changes of a few tables alone, behind a copy of them.
    """

    def __init__(
        self, target: Endpoint, directory: WorkDirectory, slot: str, plugin: str,
        catch_up: CatchUp | None = None,
    ) -> None:  # fmt: skip
        self._endpoint, self._directory = target, directory
        self._slot = slot if catch_up is None else catch_up.name
        self._plugin, self._catch_up = plugin, catch_up
        self._facts = CatalogFacts.load(directory) if catch_up is None else catch_up.facts
        self._decoder = decoder_for(plugin)
        self._blocks = Blocks(printed_by(plugin))
        self._commands = Commands()
        self._reported_at = 0.0
        self._waiting = self._end_nonce = self._watched = ""
        self._after_end = self._failures = 0
        # Up to here only so many transactions are committed together, to find one.
        self._narrow_until, self._few = 0, 1
        self.stopping = False
        self._hold = Hold(self._settle, self._listen, lambda: self.stopping)

    def run(self) -> None:
        """Apply, connecting again with growing pauses. Raises LmtuiError where that is vain."""
        while not self.stopping:
            try:
                self._open()
                self._work()
            except ReplayStoppedError:
                if not self._narrow():
                    raise
            except progress.PointsChangedError:
                # What was applied is rolled back, and applied by the new points.
                continue
            except RETRIED as error:
                self._waiting = refused_again(error, self._failures, self._place)
                self._report(force=True)
                self._pause(_BACK_OFF[min(self._failures, len(_BACK_OFF) - 1)])
                self._failures += 1
            finally:
                self._close()

    def _narrow(self) -> bool:
        """Whether fewer transactions are to be tried: all before the refused one are committed."""
        pending = self._intake.done.transactions if self._intake is not None else 0
        if pending > 1:
            self._narrow_until = max(self._narrow_until, self._place)
            self._few = max(1, pending // 16)
        return pending > 1

    _connection: Connection | None = None
    _transactions: Transactions | None = None
    _intake: Intake | None = None

    @property
    def _place(self) -> int:
        return self._intake.commit_lsn if self._intake is not None else 0

    def _open(self) -> None:
        self._connection = connect_target(self._endpoint, self._slot)
        self._progress = progress.read(self._connection, self._slot)
        skips = Ledger(self._directory).skips()
        self._target = Target(self._connection, self._facts, self._decoder, self._blocks, skips)
        # What is committed may not have been told before the process that did it ended.
        send_skipped(progress.read_skipped(self._connection, self._slot))
        known = read_points(self._connection, self._slot)
        passed, undecided, self._spool_kept = passing(known, self._catch_up)
        self._router = router_for(self._plugin, self._facts, self._directory, passed)
        self._router.know(progress.read_learned(self._connection, self._slot))
        self._connection.commit()
        self._transactions = Transactions(self._directory.spool, self._progress.lsn, undecided)
        printed = self._blocks.printed
        self._intake = Intake(self._decoder, printed, self._router, self._progress.lsn)
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
        assert self._intake is not None  # noqa: S101
        while not self.stopping:
            items = self._transactions.next()
            if items is None:
                if self._intake.done.transactions:
                    self._commit()
                elif not self._transactions.inside:
                    self._waiting = ""
                self._hold.wait(None)
                self._listen(IDLE_SECONDS)
            else:
                self._take_all(items)
                # No part is held while the next frame is read.
                del items
                self._listen(0)
            self._report()

    def _take_all(self, items: Iterator[Part | Discard]) -> None:
        for item in items:
            if isinstance(item, Discard):
                raise progress.OvertakenError("The source sends a transaction again")
            self._take(item)

    def _settle(self) -> None:
        assert self._connection is not None  # noqa: S101
        if self._intake is not None and self._intake.done.transactions:
            self._commit()
        flush_statistics(self._connection)
        self._report(force=True)

    @property
    def _ended(self) -> bool:
        return bool(self._end_nonce) and self._progress.marker == DRAIN + self._end_nonce

    def _take(self, part: Part) -> None:
        assert self._intake is not None  # noqa: S101
        intake, begin = self._intake, 0
        while begin < len(part.messages):
            self._hold.wait(part, begin)
            if part.first and not part.ends and intake.done.transactions:
                # What is at its end must not share the fate of one that may be discarded.
                self._commit()
            if not self._began:
                self._began, self._first_at = True, time.monotonic()
            narrow = intake.commit_lsn < self._narrow_until
            begin = intake.take(part, begin, one=narrow or self._hold.asked)
            if intake.not_mirrored:
                send(ChunksSeen(dropped=tuple(intake.not_mirrored)))
                intake.not_mirrored.clear()
            if self._ended:
                self._after_end += intake.rows
                intake.applied()
            if not part.ends or intake.rows >= BATCH_ROWS or intake.bytes >= BATCH_BYTES:
                self._apply()
            late = time.monotonic() - self._first_at > COMMIT_SECONDS
            enough = narrow and intake.done.transactions >= self._few
            if part.ends and (late or enough or intake.drained):
                self._commit()

    def _apply(self) -> None:
        assert self._intake is not None  # noqa: S101
        self._target.apply(self._intake.pieces, large=self._intake.large)
        self._intake.applied()

    def _commit(self) -> None:
        assert self._connection is not None  # noqa: S101
        assert self._transactions is not None  # noqa: S101
        assert self._intake is not None  # noqa: S101
        intake = self._intake
        if self._ended:
            self._watched = intake.marker or self._watched
            intake.committed()
            self._began = False
            self._report(force=True)
            return
        self._apply()
        skipped = intake.done.skip(self._target.skipped())
        progress.remember(self._connection, self._slot, self._router.learned)
        progress.keep_skipped(self._connection, self._slot, skipped)
        advanced = progress.advance(
            self._connection, self._slot, self._progress, lsn=intake.commit_lsn,
            at=intake.committed_at(), done=intake.done, marker=intake.marker,
        )  # fmt: skip
        with commit_named(self._progress.lsn, intake.commit_lsn, intake.done.transactions):
            self._connection.commit()
        send_skipped(skipped)
        self._failures, self._waiting = 0, ""
        self._progress = advanced
        self._router.learned.clear()
        intake.committed()
        self._began = False
        if not self._spool_kept:
            self._transactions.prune()
        if self._ended:
            flush_statistics(self._connection)
        self._report(force=self._ended)

    def _listen(self, seconds: float) -> None:
        for words in self._commands.take(seconds):
            if words.startswith("end "):
                self._end_nonce = words.removeprefix("end ")
            else:
                self._hold.command(words)
        self.stopping = self.stopping or self._commands.ended

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
                **asdict(place.counts), open_rows=self._intake.done.rows if self._intake else 0,
            )
        )  # fmt: skip


def main() -> int:
    """Run the applier until stdin ends or SIGTERM comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--slot", required=True)
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--catch-up", action="store_true")
    options = parser.parse_args()
    try:
        directory = WorkDirectory(options.dir)
        applier = Applier(
            Endpoint.parse("target", os.environ.get(TARGET_VARIABLE, "")),
            directory,
            options.slot,
            options.plugin,
            CatchUp.load(directory) if options.catch_up else None,
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
