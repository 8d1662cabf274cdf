"""What the sections of the live panel say: pure functions of the state and a width."""

from collections.abc import Callable

from textual.content import Content

from lmtui.humane import (
    bytes_text,
    count_about,
    count_noun,
    count_text,
    duration_text,
    eta_text,
    rate_text,
)
from lmtui.phases import Phase
from lmtui.sample import Applied, CopySample, TableCopy
from lmtui.state import State
from screens.disks import forecast_line
from screens.events_text import event_text
from screens.glyphs import Glyphs
from screens.standing import (
    Safety,
    cutover_refusal,
    gates_refusal,
    retained_words,
    source_safety,
)
from screens.sync_text import alone_line, kept_line, snapshot_line
from screens.text import (
    BAD,
    GOOD,
    MUTED,
    STRONG,
    WARN,
    Part,
    bar,
    fit,
    flat,
    line,
    lines,
    severity_sign,
    spread,
)

_VERDICT_STYLES = {"falling behind": WARN, "caught up": GOOD, "stalled": BAD}


def copy_text(state: State, width: int, tables: int, glyphs: Glyphs) -> Content:
    """The initial copy: one line once it is finished; `tables` in flight while it runs."""
    plan = state.copy_plan
    copy = state.sample.copy if state.sample else CopySample()
    total = copy.bytes_total or (plan.bytes if plan else 0)
    if state.copy_seconds is not None:
        count = copy.tables_total or (plan.tables if plan else 0)
        words = f"Initial copy: {count_noun(count, 'table')}, {bytes_text(total)}"
        done = line((f"{glyphs.ok} ", GOOD), f"{words} in {duration_text(state.copy_seconds)}")
        alone = alone_line(state, width, glyphs)
        return lines([done, alone] if alone else [done])
    if plan is None and not total:
        reading = state.phase is Phase.COPY
        words = (
            "Reading what is to be copied." if reading else "The slot and the schema come first."
        )
        return line((words, MUTED))
    share = copy.bytes_done / total if total else 0.0
    copying = [table for table in copy.tables if table.state == "copying"]
    rows = [
        line(bar(share, width - 6, glyphs), (f" {share:4.0%}".rjust(6), STRONG)),
        spread(
            [f"{bytes_text(copy.bytes_done)} of {bytes_text(total)}"],
            [
                rate_text(copy.bytes_per_second),
                *_rows_rate(copy),
                ("   ETA ", MUTED),
                _eta(copy.eta_seconds, glyphs),
            ],
            width,
        ),
        spread(
            [
                ("tables ", MUTED),
                f"{count_text(copy.tables_done)}/{count_text(copy.tables_total)}",
                ("   indexes ", MUTED),
                f"{count_text(copy.indexes_done)}/{count_text(copy.indexes_total)}",
                *_rows_copied(copy),
            ],
            [(f"{len(copying)} in flight" if copying else "", MUTED)],
            width,
        ),
    ]
    rows += [row for row in (kept_line(state.sync), alone_line(state, width, glyphs)) if row]
    rows += [_table_in_flight(table, width, glyphs) for table in copying[:tables]]
    return lines(rows)


def _eta(seconds: float | None, glyphs: Glyphs) -> str:
    return glyphs.dash if seconds is None else eta_text(seconds)


def _rows_copied(copy: CopySample) -> list[Part]:
    """How many rows, as far as the source knows how many it has."""
    if not copy.rows_total:
        return []
    return [
        ("   rows about ", MUTED),
        f"{count_about(copy.rows_done)} of {count_about(copy.rows_total)}",
    ]


def _rows_rate(copy: CopySample) -> list[Part]:
    """How many rows a second, as far as the source knows how many it has."""
    if not copy.rows_total:
        return []
    return [("   about ", MUTED), f"{count_about(copy.rows_per_second)} rows/s"]


def _table_in_flight(table: TableCopy, width: int, glyphs: Glyphs) -> Content:
    size = f"{bytes_text(table.bytes_done)} of {bytes_text(table.bytes_total)}"
    share = table.bytes_done / table.bytes_total if table.bytes_total else 0.0
    right: list[Part] = [(size, MUTED), f" {min(share, 1.0):4.0%}"]
    room = width - line(*right).cell_length - 4
    name = fit(f"{table.schema}.{table.name}", room, glyphs)
    return spread([(f"{glyphs.running} ", "$text-primary"), name], right, width)


def replays(state: State) -> bool:
    """Whether there is anything to say of the replay."""
    return state.sample is not None and state.sample.replay.verdict != "waiting"


def replay_text(state: State, width: int, glyphs: Glyphs, *, alive: bool = True) -> Content:
    """Verdict, lags and rates; where nothing works, that they are of an earlier moment."""
    sample = state.sample
    if sample is None or not replays(state):
        words = "Not started: changes are received and kept in the spool meanwhile."
        if not alive:
            words = "Not replaying now; what was received is in the spool."
        skipped = f"{count_text(len(state.skipped))} skipped so far. " if state.skipped else ""
        return _cut(line((skipped, WARN), (words, MUTED)), width, glyphs)
    replay = sample.replay
    verdict = replay.verdict.lower()
    style = _VERDICT_STYLES.get(verdict, "$text-primary")
    words = replay.verdict[:1].upper() + replay.verdict[1:]
    if not alive:
        words, style = "Not replaying now", WARN
    eta: list[Part] = []
    if not alive:
        eta = [("as measured at ", MUTED), f"{sample.at:%H:%M:%S} UTC"]
    elif replay.eta_seconds is not None and not state.caught_up and verdict != "caught up":
        eta = [("caught up in ", MUTED), eta_text(replay.eta_seconds)]
    why: list[Part] = []
    if replay.why and alive:
        room = width - len(words) - line(*eta).cell_length - 5
        why = [("  ", ""), fit(replay.why, room, glyphs)]
    rows = [
        spread([(words, f"bold {style}"), *why], eta, width),
        columns(
            [
                ("behind", f"{bytes_text(replay.lag_bytes)}, {duration_text(replay.lag_seconds)}"),
                # The receiver reports a little later than the applier: never more than all.
                ("to receive", bytes_text(min(replay.receive_lag_bytes, replay.lag_bytes))),
                ("to apply", bytes_text(replay.apply_lag_bytes)),
            ],
            width,
            glyphs,
        ),
        columns(
            [
                ("source writes", rate_text(replay.source_wal_rate)),
                ("replayed", rate_text(replay.target_replay_rate)),
                ("rows", f"{count_text(round(replay.rows_per_second))}/s"),
            ],
            width,
            glyphs,
        ),
    ]
    return lines(rows)


def applied_text(state: State, width: int, glyphs: Glyphs) -> Content:
    """Rows applied by kind since the snapshot, and always how many were not."""
    if state.sample is None:
        return line("")
    applied = state.sample.replay.applied
    skipped = max(applied.skipped, len(state.skipped))
    lacking: list[Part] = [
        # A change that finds no row stops the replay, so that there are none behind it.
        (f"{count_text(applied.unmatched)} unmatched", BAD if applied.unmatched else MUTED),
        (f", {count_text(skipped)} skipped", WARN if skipped else MUTED),
    ]
    room = width - line(*lacking).cell_length - 2
    done = line(("applied  ", MUTED), _kinds(applied, count_text))
    if done.cell_length > room:
        if not applied.unmatched and not skipped:
            lacking = [("none skipped", MUTED)]
            room = width - line(*lacking).cell_length - 2
        done = line(("applied  ", MUTED), _kinds(applied, count_about))
    return spread([_cut(done, room, glyphs)], lacking, width)


def _kinds(applied: Applied, count: Callable[[float], str]) -> str:
    kinds = {
        "insert": applied.insert,
        "update": applied.update,
        "delete": applied.delete,
        "truncate": applied.truncate,
    }
    return ", ".join(
        f"{count(number)} {kind}{'s' * (number != 1)}"
        for kind, number in kinds.items()
        if number or kind != "truncate"
    )


def columns(cells: list[tuple[str, str]], width: int, glyphs: Glyphs) -> Content:
    """Label and value pairs in columns, so that rows stand below each other; the first is wider."""
    other = width * 22 // 76
    each = [width - other * (len(cells) - 1)] + [other] * (len(cells) - 1)
    parts: list[Part] = []
    for room, (label, value) in zip(each, cells, strict=True):
        cell = _cut(line((f"{label} ", MUTED), value), room - 1, glyphs)
        parts += [cell, " " * (room - cell.cell_length)]
    return line(*parts).rstrip()


def source_text(
    state: State, width: int, glyphs: Glyphs, *, tall: bool = False, alive: bool = True
) -> Content:
    """What the slot costs the source, and what waits on the disk here; `tall` names the jobs.

    Where nothing works, it is as it was measured last: the slot keeps more meanwhile.
    """
    if state.sample is None:
        return line(("Not measured yet.", MUTED))
    source, spool = state.sample.source, state.sample.spool
    safety = source_safety(source)
    if not alive and safety.level == "ok":
        at = f"{state.sample.at:%H:%M:%S} UTC"
        safety = Safety("info", f"safe at {at}, growing since")
    sign, style = severity_sign(safety.level, glyphs)
    status = f"wal_status {source.wal_status or 'unknown'}, "
    jobs = state.jobs_paused
    paused = f"{count_noun(len(jobs), 'job')} paused" if jobs else ""
    slot: list[Part] = [(f"{sign} ", style), status, (safety.words, style)]
    if line(*slot).cell_length + len(paused) + 2 > width:
        paused = ""
    rows = [
        spread(slot, [(paused, MUTED)], width).rstrip(),
        spread(
            [("WAL kept ", MUTED), retained_words(source)],
            [
                ("spool ", MUTED), bytes_text(spool.bytes),
                ("  free here ", MUTED), bytes_text(spool.free_bytes),
            ],
            width,
        ),
    ]  # fmt: skip
    rows += [row for row in (snapshot_line(state, alive=alive), forecast_line(state)) if row]
    if jobs and tall:
        rows.append(line(("paused on the source: ", MUTED), ", ".join(map(flat, jobs))))
    return lines(_cut(row, width, glyphs) for row in rows)


def recent_text(state: State, width: int, height: int, glyphs: Glyphs) -> Content:
    """The latest events, the newest first."""
    rows = []
    for record in reversed(state.recent[-height:] if height > 0 else ()):
        level, words = event_text(record.event)
        sign, style = severity_sign(level, glyphs)
        at = f"{record.at:%H:%M:%S} "
        rows.append(_cut(line((at, MUTED), (f"{sign} ", style), flat(words)), width, glyphs))
    return lines(rows)


def cutover_text(state: State, alive: bool, width: int, glyphs: Glyphs) -> Content:
    """Whether the cutover may begin, and if not, why."""
    refusal = cutover_refusal(state, alive)
    if refusal:
        # The gates can be looked at before they are open.
        words = line((f"{glyphs.pending} No cutover yet: ", MUTED), refusal)
        more = "" if gates_refusal(state, alive) else "   c shows the gates"
        if words.cell_length + len(more) <= width:
            return line(words, (more, MUTED))
        return _cut(words, width, glyphs)
    warnings = len(state.sample.readiness.warnings) if state.sample else 0
    more = f" ({count_noun(warnings, 'warning')})" if warnings else ""
    return line((f"{glyphs.ok} Ready to cut over{more}: press c", f"bold {GOOD}"))


def _cut(content: Content, width: int, glyphs: Glyphs) -> Content:
    if content.cell_length <= width:
        return content
    return line(content.truncate(max(width - 1, 0)), glyphs.ellipsis)
