"""The report of a migration: what was done, when, and what proves it. Pure functions.

It is made from the journal alone, which holds no secrets, and is fit to be filed: Markdown for a
reader (`lmtui.report_text` words it), JSON for a program.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from lmtui import events as e
from lmtui import report_text
from lmtui.phases import Phase, Status
from lmtui.sample import Applied
from lmtui.state import State

_STOPS = frozenset({Status.FAILED, Status.STOPPED})


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One stay in a phase, from `at` (UTC), stops included."""

    phase: str
    at: datetime
    seconds: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the cutover. `status` is running, done or failed."""

    name: str
    status: str
    seconds: float
    detail: str = ""


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said on the way."""

    at: datetime
    text: str


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The initial copy. Bytes of the source's disk; `seconds` is None where it did not end."""

    tables: int
    indexes: int
    bytes: int
    seconds: float | None


class ProofReport(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of both sides. `verdict` is equal or different."""

    verdict: str
    at: datetime
    seconds: float
    changes_after_end: int
    compared: tuple[e.TableVerdict, ...]
    sequences_checked: int
    sequence_mismatches: tuple[str, ...]
    inventory: tuple[str, ...]
    not_compared: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A migration as its journal tells it. None where something has not come to pass."""

    id: str
    lmtui_version: str
    endpoints: e.Endpoints | None
    plugin: str
    slot: str
    phase: str
    status: str
    problem: e.Problem | None
    proven: bool | None
    started_at: datetime | None
    ended_at: datetime | None
    downtime_seconds: float | None
    drain_seconds: float | None
    end_lsn: str | None
    applied_lsn: str | None
    fence: str | None
    phases: tuple[Span, ...]
    copy: Copied | None
    replay: Applied | None
    steps: tuple[Step, ...]
    proof: ProofReport | None
    findings: tuple[e.Finding, ...]
    drift: tuple[str, ...]
    chunks_dropped: tuple[str, ...]
    touched: tuple[str, ...]
    kept: tuple[str, ...]
    jobs_paused: tuple[str, ...]
    warnings: tuple[Dated, ...]
    stops: tuple[Dated, ...]
    removed: tuple[str, ...]
    left_to_do: tuple[str, ...]


def report(state: State, records: Sequence[e.Record]) -> Report:
    """The facts of a migration from its state and its whole journal."""
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
        phases=_spans(records),
        copy=_copied(state),
        replay=state.sample.replay.applied if state.sample else None,
        steps=tuple(
            Step(name=step.step, status=step.status, seconds=step.seconds, detail=step.detail)
            for step in state.cutover.steps
        ),
        proof=_proof(state.proof) if state.proof else None,
        findings=state.findings,
        drift=state.drift,
        chunks_dropped=state.chunks_dropped,
        touched=state.sample.replay.touched if state.sample else (),
        kept=state.sample.replay.kept if state.sample else (),
        jobs_paused=state.jobs_paused,
        warnings=_warnings(records),
        stops=_stops(records),
        removed=state.removed,
        left_to_do=_left_to_do(state),
    )


def markdown(state: State, records: Sequence[e.Record]) -> str:
    """The report for a reader."""
    return report_text.markdown(report(state, records))


def as_json(state: State, records: Sequence[e.Record]) -> bytes:
    """The report for a program, indented, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report(state, records))) + b"\n"


def _spans(records: Sequence[e.Record]) -> tuple[Span, ...]:
    spans = []
    phase, began = "", None
    for record in records:
        ends = isinstance(record.event, e.PhaseEntered | e.Completed | e.CleanedUp)
        if ends and began is not None:
            spans.append(Span(phase=phase, at=began, seconds=(record.at - began).total_seconds()))
            began = None
        if isinstance(record.event, e.PhaseEntered):
            phase, began = record.event.phase.value, record.at
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
        compared=proof.tables,
        sequences_checked=proof.sequences_checked,
        sequence_mismatches=proof.sequence_mismatches,
        inventory=proof.inventory,
        not_compared=proof.not_compared,
    )


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
    return tuple(stops)


def _left_to_do(state: State) -> tuple[str, ...]:
    todo: list[str] = []
    if state.problem is not None:
        todo.append(f"{state.problem.title}: {state.problem.hint or 'see its detail'}")
    if state.proven is None:
        if state.phase is not Phase.CLEANED_UP:
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
    if applied.unmatched or applied.skipped:
        todo.append(
            f"Look into {applied.unmatched} changes that found no row and {applied.skipped} "
            "that were skipped."
        )
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
