"""The report of a migration: what was done, when, and what proves it. Pure functions.

It is made from the journal and the ledger, which hold no secrets, and is fit to be filed: Markdown
for a reader (`lmtui.report_text` words it), HTML for a browser, JSON for a program.
"""

from collections.abc import Sequence

import msgspec

from lmtui import events as e
from lmtui import report_html, report_text
from lmtui.humane import count_noun
from lmtui.ledger import Entry
from lmtui.phases import Phase, Status
from lmtui.report_facts import (
    Change,
    Copied,
    Dated,
    GivenBack,
    ProofReport,
    Report,
    SkippedChange,
    Span,
    Step,
)
from lmtui.sample import Applied
from lmtui.state import State

# Each entry with whether it was put back.
Ledger = Sequence[tuple[Entry, bool]]
_STOPS = frozenset({Status.FAILED, Status.STOPPED})


def report(state: State, records: Sequence[e.Record], ledger: Ledger = ()) -> Report:
    """The facts of a migration from its state, its whole journal and its ledger."""
    return Report(
        id=state.id,
        lmtui_version=state.version,
        endpoints=state.endpoints,
        plugin=state.plugin,
        slot=state.slot,
        phase=state.phase.value,
        status=state.status.value,
        problem=state.problem,
        proven=state.proven,
        started_at=state.started_at,
        ended_at=state.ended_at,
        downtime_seconds=None if state.proven is None else state.downtime_seconds,
        drain_seconds=state.drain.seconds if state.drain else None,
        end_lsn=state.drain.end_lsn if state.drain else None,
        applied_lsn=state.drain.applied_lsn if state.drain else None,
        fence=state.cutover.fence or None,
        confirmed_by=state.cutover.by,
        accepted_unproven=state.proven is False and state.cutover.accept_unproven,
        waived=_waived(state, ledger),
        rows_per_second=_row_rate(state, records),
        rehearsal=state.rehearsal,
        ahead=tuple(one.event for one in records if isinstance(one.event, e.VerifiedAhead)),
        phases=_spans(records),
        copy=_copied(state),
        replay=state.sample.replay.applied if state.sample else None,
        steps=tuple(
            Step(name=step.step, status=step.status, seconds=step.seconds, detail=step.detail)
            for step in state.cutover.steps
        ),
        proof=_proof(state.proof) if state.proof else None,
        given_back=_given_back(records),
        findings=state.findings,
        drift=state.drift,
        chunks_dropped=state.chunks_dropped,
        skipped=_skipped(state, records),
        touched=state.sample.replay.touched if state.sample else (),
        kept=state.sample.replay.kept if state.sample else (),
        jobs_paused=state.jobs_paused,
        warnings=_warnings(records),
        stops=_stops(records),
        removed=state.removed,
        going_back=state.going_back if state.phase is Phase.COMPLETE else None,
        left_to_do=_left_to_do(state),
        ledger=tuple(
            Change(
                id=entry.id, at=entry.at, side=entry.side, what=entry.what, before=entry.before,
                undo=entry.undo, until=entry.until, put_back=undone,
            )
            for entry, undone in ledger
        ),
    )  # fmt: skip


def markdown(state: State, records: Sequence[e.Record], ledger: Ledger = ()) -> str:
    """The report for a reader."""
    return report_text.markdown(report(state, records, ledger))


def as_html(state: State, records: Sequence[e.Record], ledger: Ledger = ()) -> str:
    """The report for a browser, in one file."""
    database = state.endpoints.source_database if state.endpoints else ""
    return report_html.page(markdown(state, records, ledger), f"Migration of {database}")


def as_json(state: State, records: Sequence[e.Record], ledger: Ledger = ()) -> str:
    """The report for a program, indented, with a newline at its end."""
    encoded = msgspec.json.encode(report(state, records, ledger))
    return msgspec.json.format(encoded).decode() + "\n"


def _waived(state: State, ledger: Ledger) -> tuple[str, ...]:
    """Codes, with what was waived where the ledger tells."""
    said = {entry.what.rpartition(": ")[2]: entry.before for entry, _ in ledger
            if entry.what.startswith("waived by the operator")}  # fmt: skip
    return tuple(f"{code}: {said.get(code, '')}".rstrip(": ") for code in state.cutover.waived)


def _row_rate(state: State, records: Sequence[e.Record]) -> float | None:
    """Rows applied a second from the replay's first beginning to the proven drain."""
    began = next((one.at for one in records if isinstance(one.event, e.ReplayStarted)), None)
    ended = next(
        (one.at for one in reversed(records) if isinstance(one.event, e.DrainProven)), None
    )
    if began is None or ended is None or state.sample is None or ended <= began:
        return None
    applied = state.sample.replay.applied
    rows = applied.insert + applied.update + applied.delete
    return round(rows / (ended - began).total_seconds(), 1)


def _skipped(state: State, records: Sequence[e.Record]) -> tuple[SkippedChange, ...]:
    skipped = {change.change for change in state.skipped}
    other = "open" if state.drain is None else "applied"
    found = []
    for record in records:
        match record.event:
            case e.ChangeSkipped(change=change):
                found.append(SkippedChange(at=record.at, outcome="skipped", change=change))
            case e.SkipAllowed(change=change) if change.change not in skipped:
                found.append(SkippedChange(at=record.at, outcome=other, change=change))
    return tuple(found)


def _spans(records: Sequence[e.Record]) -> tuple[Span, ...]:
    spans = []
    phase, began = "", None
    for record in records:
        given_back = isinstance(record.event, e.CutoverGivenBack)
        ends = isinstance(record.event, e.PhaseEntered | e.Completed | e.CleanedUp) or given_back
        if ends and began is not None:
            spans.append(Span(phase=phase, at=began, seconds=(record.at - began).total_seconds()))
            began = None
        if isinstance(record.event, e.PhaseEntered):
            phase, began = record.event.phase.value, record.at
        elif given_back:
            phase, began = Phase.REPLICATE.value, record.at
    if began is not None:
        last = (records[-1].at - began).total_seconds()
        spans.append(Span(phase=phase, at=began, seconds=last))
    return tuple(spans)


def _copied(state: State) -> Copied | None:
    plan = state.copy_plan
    if plan is None:
        return None
    return Copied(
        tables=plan.tables, indexes=plan.indexes, bytes=plan.bytes, seconds=state.copy_seconds
    )


def _proof(proof: e.Proof) -> ProofReport:
    return ProofReport(
        verdict="equal" if proof.equal else "different",
        at=proof.at,
        seconds=proof.seconds,
        changes_after_end=proof.changes_after_end,
        writers_after_end=proof.writers_after_end,
        rows=proof.rows,
        changes_skipped=proof.changes_skipped,
        compared=proof.tables,
        sequences_checked=proof.sequences_checked,
        sequence_mismatches=proof.sequence_mismatches,
        inventory=proof.inventory,
        not_compared=proof.not_compared,
    )


def _given_back(records: Sequence[e.Record]) -> tuple[GivenBack, ...]:
    found: list[GivenBack] = []
    proof, seconds = None, None
    for record in records:
        match record.event:
            case e.CutoverRequested():
                proof, seconds = None, None
            case e.Validated(proof=compared):
                proof = compared
            case e.FenceLifted(seconds=lasted):
                seconds = lasted
            case e.CutoverGivenBack(reasons=reasons):
                found.append(
                    GivenBack(
                        at=record.at, reasons=reasons, read_only_seconds=seconds,
                        proof=_proof(proof) if proof else None,
                    )
                )  # fmt: skip
    return tuple(found)


def _warnings(records: Sequence[e.Record]) -> tuple[Dated, ...]:
    return tuple(
        Dated(at=record.at, text=record.event.text)
        for record in records
        if isinstance(record.event, e.Noted) and record.event.level == "warning"
    )


def _stops(records: Sequence[e.Record]) -> tuple[Dated, ...]:
    stops = []
    for record in records:
        match record.event:
            case e.StatusChanged(status=status, problem=problem) if status in _STOPS:
                words = f": {problem.title}. {problem.detail}".rstrip(". ") if problem else ""
                stops.append(Dated(at=record.at, text=f"{status.value.capitalize()}{words}"))
            case e.CutoverGivenUp(reason=reason):
                stops.append(Dated(at=record.at, text=f"Cutover given up: {reason}"))
            case e.CutoverGivenBack(reasons=reasons):
                words = f"Cutover not proven, back to replay: {'; '.join(reasons)}"
                stops.append(Dated(at=record.at, text=words))
    return tuple(stops)


def _left_to_do(state: State) -> tuple[str, ...]:
    todo: list[str] = []
    if state.problem is not None:
        todo.append(f"{state.problem.title}: {state.problem.hint or 'see its detail'}")
    if state.proven is None:
        if state.phase is not Phase.CLEANED_UP:
            todo += state.cutover.ways
            todo.append("The migration is not at its end: lmtui status says where it stands.")
        return tuple(todo)
    if state.proven:
        todo.append("Point the applications at the target.")
    else:
        todo.append(
            "The data are not proven equal. Do not use the target in the source's place before "
            "every difference is understood."
        )
    applied = state.sample.replay.applied if state.sample else Applied()
    if applied.unmatched:
        todo.append(f"Look into {count_noun(applied.unmatched, 'change')} that found no row.")
    if state.skipped:
        todo.append(f"Look into what was skipped: {count_noun(len(state.skipped), 'change')}.")
    if state.proof and state.proof.not_compared:
        todo.append("Check what was not compared by other means.")
    if state.proof and state.proof.inventory:
        todo.append("Look through the inventory differences.")
    todo.append("Set passwords on the target for roles that log in: none were copied.")
    if state.phase is not Phase.CLEANED_UP:
        todo.append(
            "Once you no longer need to go back, run lmtui clean: it removes what lmtui made on "
            "both sides and puts back what it changed."
        )
    return tuple(todo)
