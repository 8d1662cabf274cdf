"""How a migration stands, in words: what is wrong, what may be done now and why not."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from textual.content import Content

from lmtui.humane import bytes_text, duration_text
from lmtui.phases import Phase, Status
from lmtui.refused import Refused
from lmtui.sample import SourceSample
from lmtui.state import State
from screens.glyphs import Glyphs
from screens.sync_text import not_whole
from screens.text import MUTED, Part, fit, flat, line, phase_name, sentences, spread

REPLAYING = frozenset({Phase.CATCH_UP, Phase.REPLICATE})
CUTTING = frozenset({Phase.CUT_OVER, Phase.FINALIZE, Phase.VALIDATE})
ENDED = frozenset({Phase.COMPLETE, Phase.CLEANED_UP})


LIFTED = "The fence is lifted, replay goes on. "


class Banner(NamedTuple):
    """What needs the operator's eye: stays until it is no longer so."""

    level: str
    title: str
    detail: str = ""
    dismissable: bool = False


def base_screen(state: State) -> str:
    """Which screen belongs to this state: wizard, panel, cutting or result."""
    if not state.exists:
        return "wizard"
    if state.phase in ENDED:
        return "result"
    if state.phase in CUTTING and state.cutover.requested:
        return "cutting"
    return "panel"


def resumable(state: State, alive: bool) -> bool:
    """Whether `start` would go on with this migration."""
    return state.exists and not alive and state.phase not in ENDED


def not_begun(state: State, alive: bool) -> bool:
    """Whether the checks before the start ended it, so that all may still be chosen anew."""
    before = state.phase in (Phase.PLANNING, Phase.PREFLIGHT)
    return before and resumable(state, alive)


def refused(state: State) -> Refused | None:
    """The change at which replay stands, where it does."""
    failed = state.status is Status.FAILED and state.problem is not None
    return state.problem.refused if failed and state.problem is not None else None


def holds_snapshot(state: State, alive: bool) -> bool:
    """Whether the supervisor holds a snapshot and waits for the word to copy."""
    waits = state.status is Status.WAITING and state.problem is None
    return alive and waits and state.phase is Phase.COPY


def banner(state: State, alive: bool, dismissed: datetime | None = None) -> Banner | None:
    """The one thing that is wrong, and what to do about it.

    `dismissed` is when the cutover was asked for whose giving up was read and put away.
    """
    if not state.exists or state.phase in ENDED:
        return None
    if state.status is Status.FAILED:
        problem = state.problem
        if problem is not None and problem.refused is not None and not alive:
            keys = "r tries it again, k shows all of it and can skip it."
            if problem.refused in state.skips_allowed:
                keys = "It is to be skipped: r goes on."
            rest = sentences(keys, flat(problem.refused.why), f"Row: {problem.refused.key}")
            return Banner("failed", f"{problem.title}.", rest)
        title = f"{phase_name(state.phase)} failed"
        if problem is None:
            return Banner("failed", title, "Press r to resume." if not alive else "")
        key = "" if alive else "Press r to resume."
        rest = sentences(problem.detail, problem.hint, key)
        return Banner("failed", f"{title}: {problem.title}", rest)
    if not alive and state.status is Status.WAITING and state.problem is not None:
        problem = state.problem
        if not_begun(state, alive):
            keys = "w goes through the steps again, r checks again."
            return Banner("warning", f"{problem.title}.", sentences(keys, problem.detail))
        rest = sentences(problem.detail, problem.hint, "Press r to go on.")
        return Banner("warning", problem.title, rest)
    if holds_snapshot(state, alive):
        return Banner("info", "The snapshot is held, nothing is copied yet", "g goes on.")
    if not alive and state.status is Status.STOPPED:
        return Banner("warning", "Stopped", "The slot still keeps WAL. Press r to resume.")
    if not alive:
        return Banner(
            "failed",
            "No supervisor works on this migration: it ended without notice",
            "Nothing is lost. Press r to resume.",
        )
    if state.status is Status.STOPPING:
        return Banner("info", "Stopping in order", "This can take some seconds.")
    if state.status is Status.WAITING and state.problem is not None:
        return Banner("warning", state.problem.title, state.problem.hint or state.problem.detail)
    if state.drift and state.phase in REPLAYING:
        return Banner("warning", "The schema changed since the snapshot", "; ".join(state.drift))
    if (words := not_whole(state.sync)) is not None:
        return Banner("failed", *words)
    cutover = state.cutover
    if cutover.given_up and not cutover.requested and cutover.requested_at != dismissed:
        why = flat(cutover.given_up)
        lifted = "Replay goes on. " if "fence is lifted" in why else LIFTED
        return Banner(
            "warning",
            f"The cutover was given up: {why}",
            f"{lifted}Press c to try again, d to dismiss this.",
            dismissable=True,
        )
    return None


def bell_reason(before: State, was_alive: bool, state: State, alive: bool) -> str:
    """What an operator who looks elsewhere should hear of; empty for nothing."""
    if state.phase in ENDED and before.phase not in ENDED:
        return "done"
    if state.status is Status.FAILED and before.status is not Status.FAILED:
        return "failed"
    if was_alive and not alive and state.phase not in ENDED:
        return "gone"
    if state.caught_up and not before.caught_up:
        return "caught up"
    return "stalled" if stalled(state) and not stalled(before) else ""


def stalled(state: State) -> bool:
    """Whether replay does not move."""
    sample = state.sample
    return state.phase in REPLAYING and sample is not None and sample.replay.verdict == "stalled"


def gates_refusal(state: State, alive: bool) -> str:
    """Why the cutover's gates cannot even be looked at; empty where they can."""
    if state.phase in ENDED:
        return "the migration is complete"
    if not alive:
        first = "r or k" if refused(state) is not None else "r"
        return f"the migration stands still ({first} first)"
    if state.cutover.requested:
        return "it is under way"
    if state.phase not in REPLAYING:
        return f"it comes after the initial copy (now: {phase_name(state.phase).lower()})"
    if state.status is not Status.RUNNING and state.status is not Status.WAITING:
        return f"the migration is {state.status.value}"
    return "nothing was measured yet" if state.sample is None else ""


def resync_refusal(state: State, alive: bool) -> str:
    """Why no table can be copied anew now; empty where one can."""
    if state.phase in ENDED:
        return "the migration is complete"
    if state.phase not in REPLAYING:
        now = phase_name(state.phase).lower()
        return f"a table is copied anew only while replay runs (now: {now})"
    return "" if alive else "the migration stands still (lmtui resync TABLE goes on and copies it)"


def cutover_refusal(state: State, alive: bool, waived: Collection[str] = ()) -> str:
    """Why the cutover cannot begin now; empty where it can. `waived` are codes of blockers."""
    closed = gates_refusal(state, alive)
    if closed or state.sample is None:
        return closed
    readiness = state.sample.readiness
    left = [gate for gate in readiness.blockers if not (gate.waive and gate.code in waived)]
    if left:
        more = len(left) - 1
        return left[0].title + (f" (and {more} more)" if more else "")
    return "" if readiness.ready or readiness.blockers else "its gates are not checked yet"


class Safety(NamedTuple):
    """What the slot means for the source, as a level and a sentence."""

    level: str
    words: str


def source_safety(source: SourceSample) -> Safety:
    """Read `wal_status` (PostgreSQL documentation, pg_replication_slots)."""
    match source.wal_status:
        case "reserved":
            return Safety("ok", "safe: within max_wal_size")
        case "extended":
            return Safety("warning", "beyond max_wal_size, still kept")
        case "unreserved":
            return Safety("failed", "about to be removed: the slot is at risk")
        case "lost":
            return Safety("failed", "lost: WAL that was still needed is gone")
        case _:
            return Safety("info", "not measured yet")


def downtime_seconds(state: State, now: datetime) -> float | None:
    """Seconds since the fence went up, or the final downtime; None without a fence."""
    if state.phase in ENDED:
        return state.downtime_seconds
    if state.cutover.fenced_at is None:
        return None
    until = state.cutover.ready_at or now
    return max((until - state.cutover.fenced_at).total_seconds(), 0.0)


def header(state: State, now: datetime, width: int, glyphs: Glyphs) -> Content:
    """From where to where, and for how long."""
    right: list[Part] = []
    if state.started_at is not None:
        end = state.ended_at or now
        running = duration_text(int(max((end - state.started_at).total_seconds(), 0.0)))
        right = [(running, MUTED)]
    left: list[Part] = [("lmtui", "bold $text-primary")]
    if state.endpoints is not None:
        ends = state.endpoints
        room = width - 8 - 2 - line(*right).cell_length - len(glyphs.arrow) - 2
        source = _short(ends.source_database, ends.source)
        target = _short(ends.target_database, ends.target)
        source_room = max(room // 2, room - Content(target).cell_length)
        source = fit(source, source_room, glyphs)
        target = fit(target, room - Content(source).cell_length, glyphs)
        left += ["   ", source, (f" {glyphs.arrow} ", MUTED), target]
    return spread(left, right, width)


def _short(database: str, label: str) -> str:
    """`shop on db1.internal`: the database first, since a long host is cut at its end."""
    host = label.removesuffix(f"/{database}").rpartition("@")[2]
    return f"{database} on {host.removesuffix(':5432')}"


def title(state: State, alive: bool, glyphs: Glyphs) -> str:
    """The terminal's title: short, and without control characters of a database's name."""
    if not state.exists or state.endpoints is None:
        return "lmtui"
    name = "".join(c for c in state.endpoints.source_database if c.isprintable())
    if state.phase in ENDED:
        words = f"{glyphs.ok} done" if state.proven else f"{glyphs.failed} not proven"
    elif state.status is Status.FAILED or not alive:
        words = f"{glyphs.failed} {'failed' if state.status is Status.FAILED else 'stopped'}"
    elif stalled(state):
        words = f"{glyphs.warning} stalled"
    elif state.caught_up and state.phase in REPLAYING:
        words = f"{glyphs.ok} caught up"
    else:
        words = phase_name(state.phase).lower()
    return f"lmtui: {name} {words}"


def retained_words(source: SourceSample) -> str:
    """What the slot keeps, and how much more it may."""
    kept = bytes_text(source.retained_bytes)
    if source.safe_wal_size is None:
        return f"{kept}, without a limit"
    return f"{kept}, {bytes_text(max(source.safe_wal_size, 0))} more allowed"
