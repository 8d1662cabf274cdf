"""What is copied as of which point, in words: tables copied by themselves, and what was kept."""

from collections.abc import Collection

from textual.content import Content

from lmtui.humane import bytes_text, count_about, count_noun, count_text, duration_text, rate_text
from lmtui.state import State
from lmtui.sync_state import Synchronised
from screens.glyphs import Glyphs
from screens.text import MUTED, STRONG, Part, fit, hanging, line, lines, sentences, spread

Relation = tuple[str, str]


def snapshot_line(state: State, *, alive: bool) -> Content | None:
    """For how long a snapshot is held on the source, and what that costs; None without one."""
    age = state.sample.sync.snapshot_age_seconds if state.sample else None
    if age is None or not alive:
        return None
    held = f"snapshot held for {duration_text(round(age))}"
    return line(held, (": deleted rows are not vacuumed meanwhile", MUTED))


def kept_line(sync: Synchronised) -> Content | None:
    """What the copy keeps of earlier snapshots; None where it has gone on by none."""
    kept = [point for point in sync.points[:-1] if point.tables]
    if not kept:
        return None
    count = count_noun(sum(point.tables for point in kept), "table")
    size = bytes_text(sum(point.bytes for point in kept))
    earlier = "an earlier snapshot" if len(kept) == 1 else f"{len(kept)} earlier snapshots"
    return line(f"kept {count} ({size})", (f", copied by {earlier}", MUTED))


def alone_line(state: State, width: int, glyphs: Glyphs) -> Content | None:
    """The tables that are copied by themselves, with their progress; None where there are none."""
    under_way = state.sync.under_way
    sync = state.sample.sync if state.sample else None
    copying = sync is not None and sync.tables > 0
    if state.sync.problem is not None or not (copying or under_way):
        return None
    verb = "copied anew" if under_way else "copied again"
    right: list[Part] = []
    if sync is not None and copying:
        done = f"{count_text(sync.tables_done)}/{count_noun(sync.tables, 'table')} {verb}"
        right = [
            (f"{count_about(sync.rows)} rows  {bytes_text(sync.bytes)}  ", MUTED),
            rate_text(sync.bytes_per_second),
        ]
    else:
        done = f"{count_noun(len(under_way), 'table')} {verb}, catching up"
    names = f": {names_text(under_way)}" if under_way else ""
    room = width - line(*right).cell_length - 3
    sign = (f"{glyphs.running} ", "$text-primary")
    return spread([sign, fit(f"{done}{names}", room, glyphs)], right, width).rstrip()


def names_text(relations: Collection[Relation]) -> str:
    """Their names, the first ones where there are many."""
    names = sorted(".".join(relation) for relation in relations)
    more = f" and {count_text(len(names) - 5)} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}"


def anew_text(sync: Synchronised, width: int, glyphs: Glyphs) -> Content:
    """Which tables are copied anew and why, or why they could not be and what to do."""
    names, problem = names_text(sync.under_way), sync.problem
    rows: list[Content] = []
    if problem is not None:
        sign, style = (glyphs.failed, "$text-error"), f"{STRONG} $text-error"
        title = f"Not whole on the target: {names}" if names else "Nothing was copied anew"
        rows += hanging(sign, title, style, width)
        rows += hanging((" ", ""), sentences(problem.title, problem.detail), "", width)
        way = "r copies it again." if len(sync.under_way) == 1 else "r copies all of them again."
        rows += hanging((" ", ""), sentences(problem.hint, way if names else ""), MUTED, width)
    elif names:
        why = f" ({sync.reason})" if sync.reason else ""
        rows += hanging((glyphs.running, "$text-primary"), f"Copied anew: {names}{why}", "", width)
    return lines(rows)


def resync_text(name: str, hypertable: str) -> Content:
    """What copying a table anew means; `hypertable` is the one that it is a chunk of."""
    whole: list[Part] = [(hypertable or name, STRONG)]
    if hypertable:
        whole = [(name, STRONG), " is a chunk. All of its hypertable ", (hypertable, STRONG)]
    return lines(
        [
            line(
                *whole,
                " is emptied on the target, and copied again as of a new point. Whoever reads the"
                " target sees it empty or half full meanwhile.",
            ),
            line(""),
            line(
                "Replay goes on for the other tables. What comes for this one waits in the spool"
                " here, and is applied behind the copy. The cutover waits until then."
            ),
            line(""),
            line(("A partition is copied by itself, without the others of its table.", MUTED)),
        ]
    )


def not_whole(sync: Synchronised) -> tuple[str, str] | None:
    """Title and detail of the banner where tables could not be copied anew."""
    if sync.problem is None or not sync.under_way:
        return None
    count = count_noun(len(sync.under_way), "table")
    verb = "is" if len(sync.under_way) == 1 else "are"
    rest = sentences(sync.problem.title, sync.problem.hint, "t shows them, r copies them again")
    return f"{count} {verb} not whole on the target", rest
