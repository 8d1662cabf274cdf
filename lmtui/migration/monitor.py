"""The monitor: looks at both servers about once a second and writes samples.

It also writes a heartbeat message on the source, so that the applied position moves on an idle
source and the lag in seconds is that of the replay, not of the writers.
"""

import shutil
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
from msgspec.structs import replace

from lmtui.cutover import evidence
from lmtui.cutover.readiness import readiness
from lmtui.database import Connection, connect, run
from lmtui.drift import Fingerprint, differences, read_baselines, read_fingerprint
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.events import CaughtUp, DriftCleared, DriftSeen, FellBehind
from lmtui.lag import LagTracker, Reading
from lmtui.migration.context import Context
from lmtui.pgcopydb.progress import Apart, CopyState, read_copy
from lmtui.pgcopydb.progress import sample as copy_sample
from lmtui.phases import Phase
from lmtui.replay.change import Relation
from lmtui.replay.frames import size
from lmtui.replay.lsn import parse_lsn
from lmtui.replay.reports import moment
from lmtui.sample import (
    Applied,
    CopySample,
    Evidence,
    ReplaySample,
    Sample,
    SourceSample,
    SpoolSample,
    SyncSample,
)

PERIOD_SECONDS = 1.0
DRIFT_SECONDS = 10.0
# A server that restarts is not worth a word.
UNSEEN_SECONDS = 5.0
_DRIFTING = (Phase.COPY, Phase.CATCH_UP, Phase.REPLICATE)


class Monitor:
    """Samples until it is stopped. `replaying` says that there is replay to look at."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._source = _Session(context.source)
        self._target = _Session(context.target)
        self._lag = LagTracker()
        self._copy = CopySample()
        self._copy_rates: list[tuple[float, int, int]] = []
        self._drift_at = 0.0
        self._evidence: Evidence | None = None
        self._evidence_at = -evidence.SECONDS
        self._looker = evidence.Looker()
        self._trouble = self._unwritten = ""
        self._seen_at = time.monotonic()
        self._copying: frozenset[Relation] | None = None
        self._apart: Mapping[Relation, Apart] = {}
        self._sync_began: tuple[float, int] | None = None
        self.replaying = False
        self.baselines: dict[str, Fingerprint] = read_baselines(context.directory)

    def start(self) -> None:
        """Begin to sample in a thread of its own; nothing where it does already."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Stop sampling and close the connections."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._source.close()
        self._target.close()

    def watch_copy(self, tables: frozenset[Relation], apart: Mapping[Relation, Apart]) -> None:
        """Look at the initial copy of these tables from now on.

        Those `apart` are not pgcopydb's to copy; it holds how far they are, which changes.
        """
        self._copying, self._apart = tables, apart

    def finish_copy(self) -> None:
        """Take the last look at the initial copy."""
        state = self._read_copy(self._copying or frozenset())
        if state is not None:
            kept = (self._copy.bytes_per_second, self._copy.rows_per_second)
            self._copy = copy_sample(state, {}, *kept)
        self._copying = None

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._tick()
                self._say("")
            except (psycopg.Error, LmtuiError) as error:
                self._fail(f"The servers cannot be watched: {error}")
            except Exception as error:
                # Whatever it is: without samples nobody sees where the migration stands.
                traceback.print_exc(file=sys.stderr)
                words = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
                self._fail(f"Nothing could be measured: {words}")
            self._stop.wait(max(0.1, PERIOD_SECONDS - (time.monotonic() - began)))

    def _fail(self, trouble: str) -> None:
        self._source.close()
        self._target.close()
        self._say(trouble)
        last = self._context.state.sample
        if last is None or time.monotonic() - self._seen_at < UNSEEN_SECONDS:
            return
        # An old sample would go on to say that all is well.
        replay = replace(last.replay, verdict="stalled", why=trouble)
        sample = replace(last, at=datetime.now(UTC), replay=replay)
        ready = readiness(self._context.state, sample)
        self._context.journal.sample(replace(sample, readiness=ready))

    def _say(self, trouble: str) -> None:
        """Note when nothing can be measured, and when it can again; once each."""
        if not trouble:
            self._seen_at = time.monotonic()
        if bool(trouble) != bool(self._trouble):
            if trouble:
                self._context.note(trouble, level="warning")
            else:
                self._context.note("The servers are watched again")
        self._trouble = trouble
        unwritten = self._context.journal.trouble
        if unwritten and not self._unwritten:
            self._context.note(
                f"The journal could not be written ({unwritten}); it was kept meanwhile",
                level="warning",
            )
        self._unwritten = unwritten

    def _tick(self) -> None:
        connection = self._source.connection()
        connection.execute("select pg_logical_emit_message(true, 'lmtui', 'heartbeat')")
        row = run(connection, "monitor_source", {"slot": self._context.state.slot})[0]
        writers = tuple(name for (name,) in run(connection, "monitor_writers"))
        if (tables := self._copying) is not None:
            self._copy = self._look_at_copy(tables)
        replay = (
            self._look_at_replay(row[0], row[1], row[7], row[8] or "")
            if self.replaying
            else ReplaySample(source_lsn=row[0])
        )
        self._look_at_drift()
        self._look_for_evidence()
        sample = Sample(
            at=datetime.now(UTC),
            copy=self._copy,
            replay=replay,
            source=SourceSample(
                retained_bytes=row[3], wal_status=row[6] or row[4], safe_wal_size=row[5],
                writers=writers,
            ),
            spool=SpoolSample(
                bytes=size(self._context.directory.spool),
                free_bytes=shutil.disk_usage(self._context.directory.root).free,
            ),
            sync=self._look_at_sync(),
            evidence=self._evidence,
        )  # fmt: skip
        ready = readiness(self._context.state, sample)
        self._context.journal.sample(replace(sample, readiness=ready))
        if self._context.hook is not None:
            self._context.hook.judge(replay.verdict, replay.why)

    def _read_copy(self, tables: frozenset[Relation]) -> CopyState | None:
        state = read_copy(self._context.directory.pgcopydb, tables)
        return state.with_apart(self._apart) if state is not None else None

    def _look_at_copy(self, tables: frozenset[Relation]) -> CopySample:
        state = self._read_copy(tables)
        if state is None:
            return self._copy
        in_flight = {
            (schema, name): count
            for schema, name, count in run(self._target.connection(), "monitor_copy")
        }
        now = time.monotonic()
        looked = copy_sample(state, in_flight, 0.0)
        self._copy_rates = [*self._copy_rates[-30:], (now, looked.bytes_done, looked.rows_done)]
        (begun, *first), (ended, *last) = self._copy_rates[0], self._copy_rates[-1]
        rates = [
            max(0.0, (after - before) / (ended - begun)) if ended > begun else 0.0
            for before, after in zip(first, last, strict=True)
        ]
        return copy_sample(state, in_flight, *rates)

    def _look_at_replay(
        self, source_lsn: str, source_now: datetime, sent_lsn: str, open_since: str
    ) -> ReplaySample:
        receiver, applier = self._context.receiver, self._context.applier
        if receiver is None or applier is None:
            return ReplaySample(source_lsn=source_lsn)
        sample = self._lag.take(
            Reading(
                at=time.monotonic(),
                source_lsn=parse_lsn(source_lsn),
                received_lsn=receiver.received_lsn,
                applied_lsn=applier.applied_lsn,
                applied_at=moment(applier.committed_at),
                source_now=source_now,
                applied=Applied(
                    insert=applier.insert, update=applier.update, delete=applier.delete,
                    truncate=applier.truncate, transactions=applier.transactions,
                    skipped=applier.skipped, copied=applier.copied,
                ),
                waiting=self._context.hindrance or receiver.waiting or applier.waiting,
                sent_lsn=parse_lsn(sent_lsn), spool_bytes=receiver.spool_bytes,
                open_rows=applier.open_rows, open_since=open_since,
            )
        )  # fmt: skip
        if self._lag.caught_up != self._context.caught_up:
            self._context.caught_up = self._lag.caught_up
            event: Any = CaughtUp if self._lag.caught_up else FellBehind
            self._context.tell(
                event(lag_bytes=sample.lag_bytes, lag_seconds=round(sample.lag_seconds, 1))
            )
        ranges = applier.ranges
        return replace(sample, touched=ranges.touched, kept=ranges.kept)

    def _look_at_sync(self) -> SyncSample:
        copies, now = self._context.copying, time.monotonic()
        age = self._context.snapshot_age
        if copies is None:
            self._sync_began = None
            return SyncSample(snapshot_age_seconds=age)
        copied = list(copies.copied.values())
        sent = sum(one.bytes for one in copied)
        self._sync_began = self._sync_began or (now, sent)
        began, before = self._sync_began
        return SyncSample(
            snapshot_age_seconds=age, tables=len(copied),
            tables_done=sum(left == 0 for left in list(copies.parts_left.values())),
            rows=sum(one.rows for one in copied), bytes=sent,
            bytes_per_second=(sent - before) / (now - began) if now > began else 0.0,
        )  # fmt: skip

    def _look_for_evidence(self) -> None:
        now = time.monotonic()
        if self.replaying and now - self._evidence_at >= evidence.SECONDS:
            self._evidence_at = now
            self._evidence = self._looker.look(self._source.connection(), self._target.connection())

    def _look_at_drift(self) -> None:
        now = time.monotonic()
        # From the finish on, the target's schema is changed by lmtui itself.
        if now - self._drift_at < DRIFT_SECONDS or self._context.state.phase not in _DRIFTING:
            return
        self._drift_at = now
        for side, session in (("source", self._source), ("target", self._target)):
            baseline = self.baselines.get(side)
            if baseline is None:
                continue
            found = differences(baseline, read_fingerprint(session.connection()))
            known = tuple(
                line.removeprefix(f"{side}: ")
                for line in self._context.state.drift
                if line.startswith(f"{side}: ")
            )
            if found and found != known:
                self._context.tell(DriftSeen(side=side, details=found))
            elif known and not found:
                self._context.tell(DriftCleared(side=side))


class _Session:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(
                self._endpoint, application="lmtui monitor", statement_timeout=15
            )
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
