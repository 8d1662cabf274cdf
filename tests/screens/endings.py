"""The end of made-up migrations: cutovers, results, and what preflight found."""

from datetime import timedelta

from msgspec.structs import replace
from stories import (
    CAUGHT_UP,
    ENDPOINTS,
    KIB,
    NOW,
    WRITERS,
    Journal,
    caught_up_journal,
    replay_sample,
)

from lmtui import events as e
from lmtui.phases import Phase
from lmtui.sample import Readiness
from lmtui.state import State, with_sample


def cutting_journal(endpoints: e.Endpoints = ENDPOINTS) -> Journal:
    journal = caught_up_journal(endpoints)
    journal.at = NOW - timedelta(seconds=8)
    return journal.add(
        e.CutoverRequested(fence="readonly", timeout_seconds=300),
        e.PhaseEntered(phase=Phase.CUT_OVER),
        e.CutoverStep(step="gates", status="done", detail="caught up, no drift", seconds=0.3),
        e.CutoverStep(step="fence", status="running"),
        e.CutoverStep(step="fence", status="done", detail="shop is read-only", seconds=0.6),
        e.CutoverStep(step="drain", status="running", detail="to 5D/1B000060"),
    )


def cutting() -> State:
    replay = replace(CAUGHT_UP, lag_bytes=40 * KIB)
    return with_sample(cutting_journal().state(), replay_sample(replay, Readiness(ready=True)))


def drained_journal() -> Journal:
    return cutting_journal().add(
        e.CutoverStep(step="drain", status="done", detail="to 5D/1B000060", seconds=1.2),
        e.DrainProven(end_lsn="5D/1B000060", applied_lsn="5D/1B000060", seconds=1.2),
        e.PhaseEntered(phase=Phase.FINALIZE),
        e.CutoverStep(step="sequences", status="done", detail="14 set", seconds=0.2),
        e.CutoverStep(step="validate", status="running", detail="12 of 21 tables"),
        seconds=0.2,
    )


def given_up() -> State:
    journal = cutting_journal().add(
        e.CutoverGivenUp(reason="not drained within 5 min"),
        e.PhaseEntered(phase=Phase.REPLICATE),
        seconds=0.5,
    )
    return with_sample(
        journal.state(), replay_sample(CAUGHT_UP, Readiness(ready=True, warnings=(WRITERS,)))
    )


def verdict(schema: str, name: str, rows: int, *, lost: int = 0) -> e.TableVerdict:
    return e.TableVerdict(
        schema=schema, name=name, kind="table", source_rows=rows, target_rows=rows - lost,
        source_checksum="812", target_checksum="813" if lost else "812", equal=not lost,
        seconds=0.4,
    )  # fmt: skip


def result(*, lost: int = 0) -> State:
    tables = (
        verdict("public", "customers", 120_402),
        verdict("public", "orders", 2_204_331),
        verdict("public", "order_lines", 8_801_220, lost=lost),
        verdict("sensors", "readings", 104_220_118),
        verdict("public", "Table with [/b] brackets", 12),
        *(verdict("public", f"log_{month:02}", 31_000 + month) for month in range(1, 13)),
    )
    proof = e.Proof(
        at=NOW, equal=not lost, seconds=12.0, tables=tables, sequences_checked=14,
        not_compared=("unlogged table public.cache", "3 large objects") if lost else (),
    )  # fmt: skip
    journal = drained_journal().add(
        e.PhaseEntered(phase=Phase.VALIDATE),
        e.Validated(proof=proof),
        e.PhaseEntered(phase=Phase.COMPLETE),
        e.Completed(proven=not lost, downtime_seconds=9.4),
        e.WorkerStopped(),
    )
    return with_sample(journal.state(), replay_sample(CAUGHT_UP, Readiness()))


def findings(*, blocked: bool = True) -> tuple[e.Finding, ...]:
    blockers = (
        e.Finding(
            id="wal_level", side="source", severity="blocker",
            title="wal_level is replica; logical decoding needs logical",
            detail="Changes cannot be decoded from this server's WAL as it is written now.",
            remedy="ALTER SYSTEM SET wal_level = 'logical';\n-- then restart the source",
        ),
    )  # fmt: skip
    others = (
        e.Finding(
            id="versions", side="both", severity="ok", title="PostgreSQL 17.2 to 17.4"
        ),
        e.Finding(
            id="identity", side="source", severity="warning",
            title='3 tables cannot replicate UPDATE and DELETE: public.events, audit."x[/b]", tmp',
            detail="They have no primary key and no replica identity. The source would refuse "
            "updates and deletes on them only if a publication named them; here they stop replay.",
            remedy='ALTER TABLE public.events REPLICA IDENTITY FULL;\n'
            'ALTER TABLE audit."x[/b]" REPLICA IDENTITY FULL;\n'
            "ALTER TABLE public.tmp REPLICA IDENTITY FULL;",
        ),
        e.Finding(
            id="slots", side="source", severity="ok", title="4 of 10 replication slots are free"
        ),
        e.Finding(
            id="unlogged", side="source", severity="info",
            title="1 unlogged table is copied but not replayed",
        ),
        e.Finding(id="pgcopydb", side="host", severity="ok", title="pgcopydb 0.18 is here"),
        e.Finding(id="empty", side="target", severity="ok", title="The target is empty"),
    )  # fmt: skip
    return (blockers if blocked else ()) + others
