"""Measurements of a running migration: one line of the samples file each, about one a second."""

from datetime import datetime

import msgspec


class TableCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One table in flight or done in the initial copy. Bytes of the source's disk size.

    `rows` is the source's own estimate; 0 where it has none. `hypertable` (schema.name) is the one
    that it is a chunk of, where that is known.
    """

    schema: str
    name: str
    bytes_done: int
    bytes_total: int
    state: str
    rows: int = 0
    hypertable: str = ""


class CopySample(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of the initial copy, with rates a second; rows and their rate are estimates."""

    bytes_done: int = 0
    bytes_total: int = 0
    tables_done: int = 0
    tables_total: int = 0
    indexes_done: int = 0
    indexes_total: int = 0
    rows_done: int = 0
    rows_total: int = 0
    bytes_per_second: float = 0.0
    rows_per_second: float = 0.0
    eta_seconds: float | None = None
    tables: tuple[TableCopy, ...] = ()


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """Rows applied by kind since the snapshot, and what was not there to be changed.

    `copied` were passed over, since the copy of their table holds them.
    """

    insert: int = 0
    update: int = 0
    delete: int = 0
    truncate: int = 0
    transactions: int = 0
    unmatched: int = 0
    skipped: int = 0
    copied: int = 0


class ReplaySample(msgspec.Struct, frozen=True, kw_only=True):
    """Where replay stands. Lags in bytes of WAL and seconds, rates in bytes of WAL per second.

    `touched` says of each hypertable which time was written to since the snapshot, `kept` what was
    kept of chunks that the source has dropped.
    """

    source_lsn: str = "0/0"
    received_lsn: str = "0/0"
    applied_lsn: str = "0/0"
    lag_bytes: int = 0
    receive_lag_bytes: int = 0
    apply_lag_bytes: int = 0
    lag_seconds: float = 0.0
    source_wal_rate: float = 0.0
    target_replay_rate: float = 0.0
    rows_per_second: float = 0.0
    eta_seconds: float | None = None
    verdict: str = "waiting"
    why: str = ""
    applied: Applied = Applied()
    touched: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class SourceSample(msgspec.Struct, frozen=True, kw_only=True):
    """What the slot costs the source. Bytes; `safe_wal_size` is None where unlimited."""

    retained_bytes: int = 0
    wal_status: str = ""
    safe_wal_size: int | None = None
    writers: tuple[str, ...] = ()


class SyncSample(msgspec.Struct, frozen=True, kw_only=True):
    """Tables that are copied by themselves just now, and the age of the snapshot that is held.

    `snapshot_age_seconds` is None where none is held on the source. Bytes of COPY's text.
    """

    snapshot_age_seconds: float | None = None
    tables: int = 0
    tables_done: int = 0
    rows: int = 0
    bytes: int = 0
    bytes_per_second: float = 0.0


class SpoolSample(msgspec.Struct, frozen=True, kw_only=True):
    """The changes that wait on disk. Bytes."""

    bytes: int = 0
    free_bytes: int = 0


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a slower look at both servers found that matters to a cutover, in words each.

    `keyless` are tables whose rows nothing identifies, and which were updated or deleted from while
    they were watched.
    """

    at: datetime
    prepared: tuple[str, ...] = ()
    open_transactions: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    keyless: tuple[str, ...] = ()
    fence_rights: tuple[str, ...] = ()
    target_rights: tuple[str, ...] = ()


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of the cutover: its stable code, the evidence, and the way on.

    `level` is blocker or warning. `waive` says who may waive a blocker and how; it is empty where
    nobody may.
    """

    code: str
    level: str
    title: str
    detail: str = ""
    hint: str = ""
    waive: str = ""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the cutover may begin, and what stands in its way.

    `level` is ready, waivable (every blocker left may be waived) or blocked. `waived` are blockers
    that the operator took upon himself.
    """

    ready: bool = False
    level: str = "blocked"
    blockers: tuple[Gate, ...] = ()
    warnings: tuple[Gate, ...] = ()
    waived: tuple[Gate, ...] = ()


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """All measurements of one moment (UTC)."""

    at: datetime
    copy: CopySample = CopySample()
    replay: ReplaySample = ReplaySample()
    source: SourceSample = SourceSample()
    spool: SpoolSample = SpoolSample()
    sync: SyncSample = SyncSample()
    evidence: Evidence | None = None
    readiness: Readiness = Readiness()
