"""lmtui status."""

import argparse
import sys
import time
from typing import Any

import msgspec

from lmtui.cli.check import print_text
from lmtui.cli.place import existing
from lmtui.client import DetachedClient
from lmtui.cutover.readiness import readiness
from lmtui.errors import ExitCode
from lmtui.events import Completed
from lmtui.fenced import CUTTING, read_only, read_only_words, ways_out
from lmtui.humane import bytes_text, count_noun, duration_text
from lmtui.narration import event_line, progress_line
from lmtui.phases import Phase, Status
from lmtui.refused import Refused
from lmtui.sample import Applied, Sample
from lmtui.state import State
from lmtui.unproven import details

FOLLOW_SECONDS = 1.0


def status(options: argparse.Namespace) -> int:
    """Print where the migration stands, once or until it ends."""
    directory, _ = existing(options)
    client = DetachedClient(directory)
    while True:
        alive, state = client.alive(), client.poll()
        if options.json:
            sys.stdout.buffer.write(msgspec.json.encode(as_data(state, alive=alive)) + b"\n")
            sys.stdout.flush()
        else:
            print_text("\n".join(as_lines(state, alive=alive)))
        if not options.follow or not alive:
            return ExitCode.DONE
        time.sleep(FOLLOW_SECONDS)


def as_data(state: State, *, alive: bool) -> dict[str, Any]:
    """The state as `--json` gives it; fields are only ever added."""
    sample = state.sample or Sample(at=state.recent[-1].at)
    # Judged anew: the sample may be older than what the state knows.
    now = readiness(state, sample)
    return {
        "id": state.id,
        "source": _source(state, sample),
        "target": state.endpoints.target if state.endpoints else "",
        "plugin": state.plugin,
        "phase": state.phase,
        "status": _status(state, alive=alive),
        "at": sample.at,
        "copy": sample.copy,
        "replay": sample.replay,
        "spool": sample.spool,
        "caught_up": state.caught_up,
        "synchronised": {
            "points": state.sync.points,
            "under_way": [".".join(name) for name in state.sync.under_way],
            "aside": {".".join(name): why for name, why in state.sync.aside.items()},
            "now": sample.sync,
            "error": state.sync.problem,
        },
        "drift": state.drift,
        "skipped": state.skipped,
        "skips_allowed": state.skips_allowed,
        "cutover": {
            "ready": now.ready and alive,
            "level": now.level if alive else "blocked",
            "blockers": now.blockers,
            "warnings": now.warnings,
            "waived": state.cutover.waived,
            "verified_ahead": state.ahead,
            "steps": state.cutover.steps,
            "given_up": state.cutover.given_up,
            "ways": state.cutover.ways,
            "not_proven": state.not_proven,
            "accept_unproven": state.cutover.accept_unproven,
        },
        "proven": state.proven,
        "downtime_seconds": state.downtime_seconds,
        "worker": {"alive": alive, "pid": state.worker_pid if alive else None},
        "error": state.problem,
    }


def _source(state: State, sample: Sample) -> dict[str, Any]:
    return {
        "endpoint": state.endpoints.source if state.endpoints else "",
        "retained_bytes": sample.source.retained_bytes,
        "wal_status": sample.source.wal_status,
        "safe_wal_size": sample.source.safe_wal_size,
        "writers": sample.source.writers,
        "jobs_paused": state.jobs_paused,
        "read_only": read_only(state),
    }


def _status(state: State, *, alive: bool) -> Status:
    """What the journal says, but for a worker that was killed before it could say it."""
    if state.worker_pid and not alive and state.status in (Status.RUNNING, Status.STOPPING):
        return Status.STOPPED
    return state.status


def as_lines(state: State, *, alive: bool) -> list[str]:
    """The state for a reader."""
    lines = []
    if state.endpoints is not None:
        lines.append(f"{state.endpoints.source} → {state.endpoints.target}")
    worker = f"worker {state.worker_pid}" if alive else "no worker"
    lines.append(f"phase {state.phase.value}, {_status(state, alive=alive).value}, {worker}")
    # What an operator must know first, where the problem does not say so itself.
    if read_only(state) and (state.problem is None or alive):
        works = alive and state.phase in CUTTING
        lines.append(f"{read_only_words(state)}{'' if works else f': {ways_out(state)}'}")
    if line := progress_line(state):
        lines.append(line)
    if state.problem is not None:
        lines += [state.problem.title, state.problem.detail, state.problem.hint]
    elif state.worker_pid and not alive:
        lines.append("The worker was ended from outside; lmtui resume goes on from here.")
    lines += _points(state)
    lines += _given_up(state)
    lines += _not_applied(state)
    lines += [f"drift: {one}" for one in state.drift]
    if state.sample is not None:
        lines += [f"written to since the snapshot: {one}" for one in state.sample.replay.touched]
        lines += [f"kept of dropped chunks: {one}" for one in state.sample.replay.kept]
    sample = state.sample
    if alive and sample is not None:
        lines += [
            f"cutover waits: {gate.title}. {gate.detail} ({gate.code}"
            f"{', may be waived' if gate.waive else ''})"
            for gate in readiness(state, sample).blockers
        ]
    if state.proven is not None:
        ended = [one.event for one in state.recent if isinstance(one.event, Completed)]
        lines.append(event_line(ended[-1]) if ended else f"proven: {state.proven}")
        if state.going_back is not None and state.phase is Phase.COMPLETE:
            lines.append("The source is kept ready: lmtui going-back says what going back takes.")
    return [line for line in lines if line]


def _points(state: State) -> list[str]:
    """As of which places of the stream the tables were copied, where it is more than one."""
    sync = state.sync
    lines = []
    if len(sync.points) > 1:
        lines += [
            f"copied as of {point.lsn} ({point.at:%Y-%m-%d %H:%M:%S} UTC):"
            f" {count_noun(point.tables, 'table')}, {bytes_text(point.bytes)}"
            for point in sync.points
            if point.tables
        ]
    if names := [".".join(name) for name in sync.under_way]:
        lines.append(f"copied anew ({sync.reason}): {', '.join(names)}")
    if sync.problem is not None:
        lines += [sync.problem.title, sync.problem.detail, sync.problem.hint]
    age = state.sample.sync.snapshot_age_seconds if state.sample is not None else None
    if age is not None:
        lines.append(f"snapshot held on the source for {duration_text(age)}")
    return lines


def _given_up(state: State) -> list[str]:
    """Why the last cutover came to no end, what differed, and what to do."""
    cutover, proof = state.cutover, state.not_proven
    lines = []
    if cutover.given_up and not cutover.requested:
        lines.append(f"The last cutover came to no end: {cutover.given_up}")
    if proof is not None:
        lines += [f"{words} (compared at {proof.at:%H:%M:%S} UTC)" for words in details(proof)]
    return [*lines, *(cutover.ways if lines else ())]


def _not_applied(state: State) -> list[str]:
    """What of the replay is not on the target: shown in every phase, also where it is nothing."""
    if state.sample is None and not state.skipped:
        return []
    applied = state.sample.replay.applied if state.sample else Applied()
    return [
        f"changes that found no row: {applied.unmatched}, skipped: {len(state.skipped)}",
        *(f"skipped: {change.named}: {change.why}" for change in state.skipped),
        *(f"to be skipped where it cannot be applied: {one.named}" for one in _open_skips(state)),
    ]


def _open_skips(state: State) -> list[Refused]:
    """What may be skipped and is not yet decided: behind the drain, all of it is."""
    return [one for one in state.skips_allowed if one not in state.skipped and state.drain is None]
