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
from lmtui.remedies.remedy import ALTERNATIVE, RESTART, SQL, Remedy, Step
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


def _proof(lost: int) -> e.Proof:
    tables = (
        verdict("public", "customers", 120_402),
        verdict("public", "orders", 2_204_331),
        verdict("public", "order_lines", 8_801_220, lost=lost),
        verdict("sensors", "readings", 104_220_118),
        verdict("public", "Table with [/b] brackets", 12),
        *(verdict("public", f"log_{month:02}", 31_000 + month) for month in range(1, 13)),
    )
    return e.Proof(
        at=NOW, equal=not lost, seconds=12.0, tables=tables, sequences_checked=14,
        not_compared=("unlogged table public.cache", "3 large objects") if lost else (),
    )  # fmt: skip


def result(*, lost: int = 0) -> State:
    journal = drained_journal().add(
        e.PhaseEntered(phase=Phase.VALIDATE),
        e.Validated(proof=_proof(lost)),
        e.PhaseEntered(phase=Phase.COMPLETE),
        e.Completed(proven=not lost, downtime_seconds=9.4),
        e.WorkerStopped(),
    )
    return with_sample(journal.state(), replay_sample(CAUGHT_UP, Readiness()))


def cleaned_up() -> State:
    journal = drained_journal().add(
        e.PhaseEntered(phase=Phase.VALIDATE),
        e.Validated(proof=_proof(0)),
        e.PhaseEntered(phase=Phase.COMPLETE),
        e.Completed(proven=True, downtime_seconds=9.4),
        e.WorkerStopped(),
        e.PhaseEntered(phase=Phase.CLEANED_UP),
        e.CleanedUp(removed=("source: replication slot lmtui_shop dropped", "target: schema")),
    )
    return journal.state()


def worst_result() -> State:
    proof = replace(
        _proof(3),
        sequence_mismatches=("public.orders_id_seq: 812 and 790",),
        inventory=(
            "index public.orders_when is missing on the target",
            'column public."Table with [/b] brackets".[bold] is text and varchar(12)',
        ),
        changes_after_end=1,
    )
    journal = drained_journal().add(
        e.PhaseEntered(phase=Phase.VALIDATE),
        e.Validated(proof=proof),
        e.PhaseEntered(phase=Phase.COMPLETE),
        e.Completed(proven=False, downtime_seconds=86_400),
        e.WorkerStopped(),
    )
    return journal.state()


def _identity(table: str, *ways: str) -> tuple[Remedy, ...]:
    """A table's ways out, the best first."""
    return tuple(
        Remedy(
            name=table if place == 0 else f"{table}:{place + 1}",
            side="source",
            consent=f"Name rows of {table} by {way}; it locks the table for a moment",
            steps=(
                Step(
                    statement=f"ALTER TABLE {table} REPLICA IDENTITY {form};",
                    undo=f"ALTER TABLE IF EXISTS {table} REPLICA IDENTITY DEFAULT;",
                ),
            ),
            kind=ALTERNATIVE if place else SQL,
        )
        for place, way in enumerate(ways)
        for form in ("FULL" if way == "all their values" else f"USING INDEX {way.split()[-1]}",)
    )


WAL_LEVEL = Remedy(
    name="wal_level", side="source", consent="Set wal_level to logical on the source",
    steps=(
        Step(
            statement="ALTER SYSTEM SET wal_level = 'logical';",
            undo="ALTER SYSTEM RESET wal_level;",
        ),
    ),
    kind=RESTART,
)  # fmt: skip
KEYLESS = (
    *_identity("public.events", "the index events_key", "all their values"),
    *_identity('audit."x[/b]"', "all their values"),
    *_identity("public.tmp", "the index tmp_a", "the index tmp_b", "all their values"),
)


def findings(*, blocked: bool = True) -> tuple[e.Finding, ...]:
    """What preflight says; with a blocker in the last of its steps where `blocked`."""
    blockers = (
        e.Finding(
            id="source.wal_level", side="source", severity="blocker", topic="replication",
            title="wal_level is replica; logical decoding needs logical",
            detail="Changes cannot be decoded from this server's WAL as it is written now.",
            remedy="ALTER SYSTEM SET wal_level = 'logical';\n-- then restart the source",
            fixes=(WAL_LEVEL,),
        ),
    )  # fmt: skip
    others = (
        e.Finding(
            id="versions", side="both", severity="ok", topic="versions",
            title="PostgreSQL 17.2 to 17.4",
        ),
        e.Finding(
            id="extensions.versions", side="target", severity="warning", topic="extensions",
            title="2 extensions will have another version on the target",
            detail="timescaledb 2.17.2 (2.19.3 there), postgis 3.5.0 (not available).",
            remedy="ALTER EXTENSION timescaledb UPDATE TO '2.19.3';",
        ),
        e.Finding(
            id="identity.missing", side="source", severity="warning", topic="identity",
            title='3 tables cannot replicate UPDATE and DELETE: public.events, audit."x[/b]", tmp',
            detail="They have no primary key and no replica identity. The source would refuse "
            "updates and deletes on them only if a publication named them; here they stop replay.",
            remedy='ALTER TABLE public.events REPLICA IDENTITY FULL;\n'
            'ALTER TABLE audit."x[/b]" REPLICA IDENTITY FULL;\n'
            "ALTER TABLE public.tmp REPLICA IDENTITY FULL;",
            fixes=KEYLESS,
        ),
        e.Finding(
            id="slots", side="source", severity="ok", topic="replication",
            title="4 of 10 replication slots are free",
        ),
        e.Finding(
            id="unlogged", side="source", severity="info", topic="objects",
            title="1 unlogged table is copied but not replayed",
        ),
        e.Finding(
            id="scope.migrated", side="source", severity="ok", topic="scope",
            title="450.0 GiB will be migrated: 21 tables, 3 hypertables, 48 indexes",
        ),
        e.Finding(
            id="scope.left_out", side="source", severity="info", topic="scope",
            title="Not migrated: changes of 1 unlogged table (copied once)",
        ),
        e.Finding(
            id="pgcopydb", side="host", severity="ok", topic="tools", title="pgcopydb 0.18 is here"
        ),
        e.Finding(
            id="empty", side="target", severity="ok", topic="target", title="The target is empty"
        ),
    )  # fmt: skip
    return (blockers if blocked else ()) + others
