"""The report, from a journal that was written by hand."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from lmtui import events as e
from lmtui.ledger import Entry
from lmtui.phases import Phase, Status
from lmtui.report import as_html, as_json, markdown, report
from lmtui.report_facts import Report
from lmtui.sample import Applied, ReplaySample, Sample
from lmtui.state import State, reduce_all, with_sample

BEGIN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)

ENDPOINTS = e.Endpoints(
    source="app@db1:5432/shop",
    target="tsdbadmin@cloud:33333/shop",
    source_database="shop",
    target_database="shop",
    source_version="17.4",
    target_version="17.6",
    source_timescaledb="2.19.3",
    target_timescaledb="2.19.3",
)
ORDERS = e.TableVerdict(
    schema="public",
    name="orders",
    kind="table",
    source_rows=12345,
    target_rows=12345,
    source_checksum="1:2",
    target_checksum="1:2",
    equal=True,
    seconds=0.5,
)
PROOF = e.Proof(
    at=BEGIN + timedelta(hours=1),
    equal=True,
    seconds=2.5,
    tables=(ORDERS,),
    sequences_checked=3,
    not_compared=("unlogged table public.cache: its changes are not in the WAL",),
    inventory=("index public.x: missing on the target",),
)


def journal(*events: tuple[float, e.AnyEvent]) -> list[e.Record]:
    """Records of events, each so many seconds after the beginning."""
    return [
        e.Record(seq=seq, at=BEGIN + timedelta(seconds=after), event=event)
        for seq, (after, event) in enumerate(events, 1)
    ]


def begun() -> list[tuple[float, e.AnyEvent]]:
    return [
        (0, e.MigrationPlanned(id="m1", version="0.1.0", endpoints=ENDPOINTS, slot="lmtui_m1",
                               plugin="wal2json", cutover="manual")),
        (1, e.PhaseEntered(phase=Phase.PREFLIGHT)),
        (2, e.FindingsRecorded(findings=(
            e.Finding(id="a", side="source", severity="ok", title="wal_level is logical"),
            e.Finding(id="b", side="source", severity="warning", title="No primary key",
                      detail="public.a|b"),
        ))),
        (5, e.PhaseEntered(phase=Phase.PREPARE)),
        (8, e.PhaseEntered(phase=Phase.SCHEMA)),
        (10, e.PhaseEntered(phase=Phase.COPY)),
        (11, e.CopyPlanned(tables=14, indexes=20, bytes=10 * 1024**3)),
    ]  # fmt: skip


def finished(proof: e.Proof = PROOF) -> list[tuple[float, e.AnyEvent]]:
    return [
        *begun(),
        (111, e.CopyFinished(seconds=100.0)),
        (112, e.PhaseEntered(phase=Phase.CATCH_UP)),
        (200, e.PhaseEntered(phase=Phase.REPLICATE)),
        (210, e.Noted(level="warning", text="spool is large")),
        (211, e.Noted(level="info", text="all is well")),
        (300, e.PhaseEntered(phase=Phase.CUT_OVER)),
        (300, e.CutoverRequested(fence="readonly", timeout_seconds=300)),
        (301, e.CutoverStep(step="fence", status="done", seconds=0.25)),
        (302, e.CutoverStep(step="drain", status="done", seconds=0.04)),
        (302, e.DrainProven(end_lsn="0/A0", applied_lsn="0/A8", seconds=0.04)),
        (302, e.PhaseEntered(phase=Phase.FINALIZE)),
        (303, e.PhaseEntered(phase=Phase.VALIDATE)),
        (305, e.Validated(proof=proof)),
        (306, e.PhaseEntered(phase=Phase.COMPLETE)),
        (306, e.Completed(proven=proof.equal, downtime_seconds=2.4)),
    ]


def sections(text: str) -> set[str]:
    return set(re.findall(r"^## (.*)$", text, re.MULTILINE))


def both(events: Iterable[tuple[float, e.AnyEvent]]) -> tuple[State, list[e.Record]]:
    records = journal(*events)
    return reduce_all(records), records


def test_a_proven_migration_says_all_that_an_operator_files() -> None:
    state, records = both(finished())
    sample = Sample(at=BEGIN, replay=ReplaySample(applied=Applied(insert=1234, transactions=7)))
    text = markdown(with_sample(state, sample), records)
    assert sections(text) == {
        "Servers", "Phases", "Initial copy", "Replay", "Cutover", "Proof", "Preflight",
        "Warnings", "What is left to do",
    }  # fmt: skip
    for words in (
        "# Migration of shop",
        "Complete and proven equal, with a downtime of 2.4 s.",
        "| PostgreSQL | 17.4 | 17.6 |",
        "| copy | 2026-03-01 22:00:10 | 1 min 42 s |",
        "14 tables and 20 indexes, 10.0 GiB on the source's disk in 1 min 40 s (102.4 MiB/s).",
        "| Rows inserted | 1,234 |",
        "| fence | done | 250 ms |  |",
        "end LSN 0/A0",
        "applied LSN 0/A8",
        "| public.orders | table | 12,345 | 12,345 | equal | 500 ms |  |",
        "3 of 3 sequences are not behind",
        "- unlogged table public.cache: its changes are not in the WAL",
        "- index public.x: missing on the target",
        "| warning | source | No primary key | public.a\\|b |",
        "2026-03-01 22:03:30: spool is large",
        "Point the applications at the target.",
        "lmtui clean",
    ):
        assert words in text
    assert "all is well" not in text


def test_the_json_holds_the_same_facts() -> None:
    state, records = both(finished())
    decoded = msgspec.json.decode(as_json(state, records))
    assert decoded["downtime_seconds"] == 2.4
    assert decoded["drain_seconds"] == 0.04
    assert [step["name"] for step in decoded["steps"]] == ["fence", "drain"]
    assert decoded["proof"]["verdict"] == "equal"
    assert decoded["proof"]["compared"][0]["name"] == "orders"
    assert decoded["proof"]["not_compared"] == list(PROOF.not_compared)
    assert msgspec.json.decode(as_json(state, records), type=Report) == report(state, records)


def test_what_differs_is_said_first() -> None:
    lost = replace(ORDERS, target_rows=12344, target_checksum="9:9", equal=False, note="")
    proof = replace(
        PROOF, equal=False, tables=(lost,), sequence_mismatches=("public.s: missing on the target",)
    )
    text = markdown(*both(finished(proof)))
    assert "At its end, but not proven equal" in text
    assert "| public.orders | table | 12,345 | 12,344 | DIFFERENT |" in text
    assert "public.orders: 1:2 on the source, 9:9 on the target" in text
    assert "2 of 3 sequences are not behind" in text
    assert "Point the applications" not in text
    assert "not proven equal. Do not use the target" in text


def test_a_migration_under_way_claims_no_downtime_and_no_proof() -> None:
    state, records = both(begun())
    facts = report(state, records)
    assert (facts.downtime_seconds, facts.proof, facts.proven) == (None, None, None)
    text = markdown(state, records)
    assert "Not complete: phase copy, running." in text
    assert "Begun, not ended: 14 tables" in text
    assert {"Proof", "Cutover"}.isdisjoint(sections(text))


def test_stops_and_cutovers_given_up_are_kept() -> None:
    problem = e.Problem(title="A change could not be applied", detail="23505: duplicate key")
    state, records = both(
        [
            *begun(),
            (50, e.StatusChanged(status=Status.FAILED, problem=problem)),
            (60, e.StatusChanged(status=Status.RUNNING)),
            (70, e.CutoverGivenUp(reason="cancelled by the operator")),
        ]
    )
    text = markdown(state, records)
    assert "22:00:50: Failed: A change could not be applied. 23505: duplicate key" in text
    assert "22:01:10: Cutover given up: cancelled by the operator" in text


def test_a_phase_that_is_entered_twice_is_listed_twice() -> None:
    state, records = both(
        [*begun(), (20, e.PhaseEntered(phase=Phase.PREPARE)), (30, e.WorkerStopped())]
    )
    spans = report(state, records).phases
    assert [(span.phase, span.seconds) for span in spans] == [
        ("preflight", 4.0), ("prepare", 3.0), ("schema", 2.0), ("copy", 10.0), ("prepare", 10.0),
    ]  # fmt: skip


def test_an_empty_directory_gives_an_empty_report() -> None:
    assert "Not complete" in markdown(State(), [])


LEDGER = [
    (Entry(id=1, side="source", what="database made read-only", before="not set",
           undo="alter database shop reset default_transaction_read_only", until="fence",
           at=BEGIN), True),
    (Entry(id=2, side="source", what="waived by the operator: schema_drift",
           before="The schema has changed: table t is new", undo="", until="told"), False),
]  # fmt: skip


def test_it_says_who_waived_what_and_what_was_changed() -> None:
    events = [
        *((at, event) for at, event in finished() if not isinstance(event, e.CutoverRequested)),
    ]
    events.insert(-9, (300, e.CutoverRequested(
        fence="readonly", timeout_seconds=300, waived=("schema_drift",), by="anna on bastion",
    )))  # fmt: skip
    state, records = both(events)
    facts = report(state, records, LEDGER)
    assert facts.waived == ("schema_drift: The schema has changed: table t is new",)
    text = markdown(state, records, LEDGER)
    assert "Confirmed by anna on bastion." in text
    assert "- schema_drift: The schema has changed: table t is new" in text
    assert (
        "| 1 | 2026-03-01 22:00:00 | source | database made read-only | not set | put back |"
        in text
    )
    decoded = msgspec.json.decode(as_json(state, records, LEDGER))
    assert [line["put_back"] for line in decoded["ledger"]] == [True, False]


def test_rows_and_writers_are_named() -> None:
    row = e.RowDifference(relation="public.t", key="id = 1", source="a = 1", target=None)
    proof = replace(
        PROOF,
        equal=False,
        rows=(row,),
        changes_after_end=2,
        writers_after_end=("app web 10.0.0.1",),
    )
    text = markdown(*both(finished(proof)))
    assert "- public.t, id = 1: a = 1 on the source, missing on the target" in text
    assert "- app web 10.0.0.1" in text


def test_the_page_holds_all_and_fetches_nothing() -> None:
    proof = replace(PROOF, inventory=("view public.<b>|v*: defined `so`",))
    page = as_html(*both(finished(proof)), LEDGER)
    assert page.startswith("<!doctype html>")
    assert "<h1>Migration of shop</h1>" in page
    assert "<strong>Complete and proven equal, with a downtime of 2.4 s.</strong>" in page
    assert '<td>public.orders</td><td>table</td><td class="right">12,345</td>' in page
    assert "<li>view public.&lt;b&gt;|v*: defined `so`</li>" in page
    assert "http" not in page
    assert page.count("<table>") == page.count("</table>") > 4
