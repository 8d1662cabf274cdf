"""The receiver: the source's replication stream, written to the spool, confirmed when it is safe.

A process of its own (`python -m lmtui.replay.receiver`), so that a busy applier never makes the
source wait, and a crash of it costs nothing but a new connection.
"""

import argparse
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

from lmtui.endpoint import SOURCE_VARIABLE, Endpoint
from lmtui.errors import ConnectionFailedError, LmtuiError, ServerError, SpoolLostError
from lmtui.replay.decoding import decoder_for
from lmtui.replay.frames import size
from lmtui.replay.lsn import format_lsn
from lmtui.replay.protocol import (
    XLOG_HEADER,
    Keepalive,
    ReplicationConnection,
    data_lsn,
)
from lmtui.replay.reports import Halted, ReceiverReport, send
from lmtui.replay.spool import SpoolWriter

WRITE_BYTES = 1024 * 1024
# A source that is read at once sends each row by itself, which costs it as much as to decode the
# row: measured, 1.0 s instead of 1.9 s of its CPU for 300,000 rows where it is left alone between.
REST_SECONDS = 0.01
SYNC_SECONDS = 0.2
# Well below PostgreSQL's default wal_sender_timeout of 60 s.
CONFIRM_SECONDS = 5.0
REPORT_SECONDS = 0.5
RESERVE_BYTES = 256 * 1024 * 1024
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
# What no retry mends: 55000 object not in prerequisite state (slot invalidated), 42704 no such
# slot, 58P01 log segment removed, 42501 no right, 28* authentication.
_FINAL = ("55000", "42704", "58P01", "42501", "28000", "28P01")

COMMITS = {"test_decoding": b"COMMIT ", "wal2json": b'{"action":"C"'}


class Receiver:
    """Receives from one slot into one spool until its parent is gone or it is told to stop."""

    def __init__(self, source: Endpoint, slot: str, plugin: str, spool: Path, start: int) -> None:
        self._source = source
        self._slot = slot
        self._commit_prefix = COMMITS[plugin]
        self._options = decoder_for(plugin).options
        self._directory = spool
        self._writer = SpoolWriter(spool, start)
        self._received = self._writer.last_commit
        self._confirmable = self._writer.last_commit
        self._synced_at = self._confirmed_at = self._reported_at = 0.0
        self._dirty = False
        self._waiting = ""
        self.stopping = False

    def run(self) -> None:
        """Receive, connecting again with growing pauses. Raises LmtuiError where that is vain."""
        try:
            self._keep_streaming()
        finally:
            self._writer.close()

    def _keep_streaming(self) -> None:
        failures = 0
        while not self.stopping:
            try:
                self._stream()
            except (ServerError, ConnectionFailedError) as error:
                sqlstate = getattr(error, "sqlstate", "")
                if sqlstate in _FINAL:
                    raise
                pause = _BACK_OFF[min(failures, len(_BACK_OFF) - 1)]
                self._waiting = f"{error.title}: {error.detail}; next try in {pause} s"
                failures = 0 if self._progressed else failures + 1
                self._report(force=True)
                self._sleep(pause)

    _progressed = False

    def _stream(self) -> None:
        self._progressed = False
        connection = ReplicationConnection(self._source, application="lmtui receiver")
        try:
            # What was received of an open transaction, or not written yet, comes again.
            self._writer = self._reopened()
            self._received = max(self._writer.last_commit, self._confirmable)
            self._refuse_gap(connection.confirmed(self._slot))
            connection.start(self._slot, self._writer.last_commit, self._options)
            self._waiting = ""
            self._report(force=True)
            descriptors = [connection.pgconn.socket, sys.stdin.fileno()]
            while not self.stopping:
                received = self._receive(connection)
                self._flush(connection)
                if 0 < received < WRITE_BYTES:
                    time.sleep(REST_SECONDS)
                # Behind so much, there may be more that is not the socket's any longer.
                patience = SYNC_SECONDS if received < WRITE_BYTES else 0
                ready, _, _ = select.select(descriptors, [], [], patience)
                if descriptors[1] in ready and not os.read(descriptors[1], 4096):
                    self.stopping = True
            self._flush(connection, force=True)
        finally:
            connection.close()

    def _refuse_gap(self, confirmed: int) -> None:
        """What was confirmed is gone from the source, so it must be in the spool, or applied."""
        if confirmed > self._writer.last_commit:
            raise SpoolLostError(
                "The spool has lost changes that the source no longer keeps",
                detail=f"It ends at {format_lsn(self._writer.last_commit)} in {self._directory}; "
                f"the slot was confirmed up to {format_lsn(confirmed)}.",
                hint="The replay cannot go on without a hole. Begin again: lmtui abort.",
            )

    def _reopened(self) -> SpoolWriter:
        start = self._writer.last_commit
        self._writer.close()
        return SpoolWriter(self._directory, start)

    def _receive(self, connection: ReplicationConnection) -> int:
        """Take what the source has sent by now, up to one frame's worth; says how many bytes."""
        prefix, before = self._commit_prefix, self._writer.pending_bytes
        socket = [connection.pgconn.socket]
        while True:
            messages, keepalives, large = connection.received()
            ends = [at for at, one in enumerate(messages) if one.startswith(prefix, XLOG_HEADER)]
            self._writer.add(messages, ends)
            if large is not None:
                self._writer.add([large], ())
            if ends:
                self._received = max(self._received, data_lsn(messages[ends[-1]]))
            for keepalive in keepalives:
                self._heard(keepalive)
            taken = self._writer.pending_bytes - before
            if taken >= WRITE_BYTES or self.stopping or not select.select(socket, [], [], 0)[0]:
                return taken
            connection.consume()

    def _heard(self, keepalive: Keepalive) -> None:
        self._received = max(self._received, keepalive.end)
        if keepalive.reply_requested:
            self._confirmed_at = 0.0

    def _flush(self, connection: ReplicationConnection, *, force: bool = False) -> None:
        now = time.monotonic()
        if self._writer.pending_bytes:
            self._write(connection)
            self._dirty = self._progressed = True
        if self._dirty and (force or now - self._synced_at >= SYNC_SECONDS):
            self._writer.sync()
            self._synced_at, self._dirty = now, False
        unwritten = self._writer.pending_bytes or self._writer.open_transaction
        if not self._dirty and not unwritten:
            # The server has sent everything before its keepalive, and all of it is safe here.
            self._confirmable = max(self._writer.flushed, self._received)
        else:
            self._confirmable = max(self._confirmable, self._writer.flushed)
        if force or now - self._confirmed_at >= CONFIRM_SECONDS:
            self._confirm(connection, now)
        self._report()

    def _confirm(self, connection: ReplicationConnection, now: float) -> None:
        try:
            self._writer.mark(self._confirmable)
        except OSError as error:
            self._waiting = f"The spool cannot be written: {error.strerror}"
        self._confirmable = min(self._confirmable, self._writer.flushed)
        connection.confirm(self._received, self._confirmable, time.time_ns() // 1000)
        self._confirmed_at = now

    def _write(self, connection: ReplicationConnection) -> None:
        """Write to the spool; where there is no room, wait for it without reading further.

        The slot keeps the changes on the source meanwhile.
        """
        while not self.stopping:
            if self._free() > RESERVE_BYTES:
                try:
                    self._writer.write()
                except OSError as error:
                    self._waiting = f"The spool cannot be written: {error.strerror}"
                else:
                    self._waiting = ""
                    return
            else:
                self._waiting = f"No room for the spool in {self._directory}"
            self._confirm(connection, time.monotonic())
            self._report(force=True)
            self._sleep(1.0)

    def _free(self) -> int:
        return shutil.disk_usage(self._directory).free

    def _report(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if force or now - self._reported_at >= REPORT_SECONDS:
            self._reported_at = now
            send(
                ReceiverReport(
                    received_lsn=self._received,
                    flushed_lsn=self._confirmable,
                    spool_bytes=size(self._directory),
                    free_bytes=self._free(),
                    waiting=self._waiting,
                )
            )

    def _sleep(self, seconds: float) -> None:
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], seconds)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            self.stopping = True


def main() -> int:
    """Run the receiver until stdin ends or SIGTERM comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--slot", required=True)
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--start", type=int, required=True)
    options = parser.parse_args()
    try:
        receiver = Receiver(
            Endpoint.parse("source", os.environ.get(SOURCE_VARIABLE, "")),
            options.slot,
            options.plugin,
            options.spool,
            options.start,
        )

        def stop(_signal: int, _frame: object) -> None:
            receiver.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        receiver.run()
    except LmtuiError as error:
        send(
            Halted(
                title=error.title,
                detail=error.detail,
                hint=error.hint,
                sqlstate=getattr(error, "sqlstate", ""),
            )
        )
        return 1
    except BrokenPipeError:
        # The supervisor is gone, and with it the reason to go on.
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
