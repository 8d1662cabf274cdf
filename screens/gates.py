"""The gates of the cutover: each with its state, and what to do about those that are not open."""

from collections.abc import Iterable, Sequence

from textual.content import Content

from lmtui.humane import bytes_text, duration_text, eta_text
from lmtui.sample import Gate, Readiness
from lmtui.state import State
from screens import standing
from screens.glyphs import Glyphs
from screens.text import BAD, GOOD, MUTED, STRONG, Part, hanging, line, lines, severity_sign

COLUMNS = 4
A_MINUTE = 60
# Every gate by its short name, with the codes that close it or warn of it.
GATES = {
    "caught up": {"not_replicating", "not_caught_up", "stalled", "falling_behind", "fence_clock"},
    "schema": {"schema_drift", "chunks_dropped", "chunks_kept"},
    "identity": {"identity_missing"},
    "all applied": {"changes_unmatched", "changes_skipped"},
    "compared ahead": {
        "validation_failed",
        "validation_stale",
        "not_proven",
        "resync",
        "foreign_keys",
    },
    "writers": {"writers", "fence_kept"},
    "transactions": {"prepared_transactions", "open_transactions"},
    "jobs": {"jobs"},
    "slot and disk": {"slot_in_danger", "disk"},
    "rights": {"fence_rights", "target_rights"},
    "sequences": {"sequences_near_end"},
}
# What a slower look at both servers answers; before its first, these are not known.
_BY_EVIDENCE = {"identity", "transactions", "jobs", "rights", "sequences"}
_REST = "preflight"


def gate_levels(state: State) -> dict[str, str]:
    """The state of every gate by its short name: failed, warning, ok, or info where unknown."""
    sample = state.sample
    readiness = sample.readiness if sample else Readiness()
    unknown = set(GATES) if sample is None else set()
    if sample is None or sample.evidence is None:
        unknown |= _BY_EVIDENCE
    if state.ahead is None:
        unknown.add("compared ahead")
    levels = {name: "info" if name in unknown else "ok" for name in (*GATES, _REST)}
    for level, gates in (
        ("warning", (*readiness.warnings, *readiness.waived)),
        ("failed", readiness.blockers),
    ):
        for gate in gates:
            levels[_name(gate)] = level
    return levels


def _name(gate: Gate) -> str:
    return next((name for name, codes in GATES.items() if gate.code in codes), _REST)


def verdict_text(state: State, alive: bool, glyphs: Glyphs) -> Content:
    """Whether it may begin, in one sentence."""
    if refusal := standing.cutover_refusal(state, alive):
        return line((f"{glyphs.failed} Not possible: ", f"bold {BAD}"), refusal)
    words = "Ready to cut over"
    if state.sample is not None:
        replay = state.sample.replay
        words += f": {bytes_text(replay.lag_bytes)}, {duration_text(replay.lag_seconds)} behind"
    return line((f"{glyphs.ok} {words}", f"bold {GOOD}"))


def grid_text(state: State, width: int, glyphs: Glyphs) -> Content:
    """Every gate with its sign, in columns."""
    room, cells = width // COLUMNS, list(gate_levels(state).items())
    rows = []
    for start in range(0, len(cells), COLUMNS):
        parts: list[Part] = []
        for name, level in cells[start : start + COLUMNS]:
            sign, style = severity_sign(level, glyphs)
            quiet = MUTED if level in ("ok", "info") else STRONG
            parts += [(f"{sign} ", style), (name.ljust(room - 2), quiet)]
        rows.append(line(*parts).rstrip())
    return lines(rows)


def open_text(state: State, width: int, glyphs: Glyphs) -> Content:
    """What is closed or warned of, the gravest first, each with what to do about it."""
    readiness = state.sample.readiness if state.sample else Readiness()
    rows: list[Content] = []
    for gate in (*readiness.blockers, *readiness.waived, *readiness.warnings):
        rows += _gate(gate, width, glyphs)
    return lines(rows or [line(("Nothing else stands in the way.", MUTED))])


def _gate(gate: Gate, width: int, glyphs: Glyphs) -> Iterable[Content]:
    rows = hanging(severity_sign(gate.level, glyphs), gate.title, STRONG, width)
    waive = f"To go on all the same: behind the name, type waive {gate.code}"
    for words in (gate.detail, gate.hint, waive if gate.waive else ""):
        rows += hanging((" ", ""), words, MUTED, width) if words else []
    return rows


def steps_text(state: State) -> Content:
    """What will happen, how long each step may take, and until when it can be taken back."""
    left, read = "", ""
    if state.sample is not None:
        replay, size = state.sample.replay, state.sample.copy.bytes_total
        eta = replay.eta_seconds
        about = "" if eta is None else f", {'' if eta < 1 else 'about '}{eta_text(eta)}"
        left = f" ({bytes_text(replay.lag_bytes)}{about})"
        read = f" ({_comparing(size)})" if size else ""
    rows: Sequence[tuple[str, str, str]] = (
        ("1. ", "Fence: writes to the source stop (some seconds).", " Downtime begins."),
        ("2. ", f"Drain: the rest is replayed{left} and proven.", ""),
        ("3. ", f"Sequences are set, both sides compared{read}.", ""),
    )
    return lines(
        [
            *(line((number, MUTED), words, (more, MUTED)) for number, words, more in rows),
            line(("Until 2 is proven, x cancels and the source takes writes again.", MUTED)),
        ]
    )


def _comparing(size: int) -> str:
    """How long a comparison of everything may take: a guess, and not said to the second."""
    from lmtui.forecast import compare_seconds

    quick, slow = (round(seconds / A_MINUTE) * A_MINUTE for seconds in compare_seconds(size))
    return f"{eta_text(quick or A_MINUTE)} to {eta_text(slow)}" if slow else "under a minute"
