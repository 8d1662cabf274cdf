"""Plain tables of the source that become hypertables on the target, or could."""

from lmtui.checks.alignment import not_preloaded
from lmtui.checks.check import (
    BOTH,
    SOURCE,
    TARGET,
    Check,
    Outcome,
    blocker,
    info,
    ok,
    warning,
)  # fmt: skip
from lmtui.checks.extensions import TIMESCALEDB
from lmtui.checks.facts import Facts, numbers
from lmtui.checks.wording import count, listing
from lmtui.database import Connection
from lmtui.humane import bytes_text
from lmtui.hypertables.candidates import candidates
from lmtui.hypertables.plan_file import text
from lmtui.hypertables.planned import judge
from lmtui.hypertables.wanted import Candidate, Wanted
from lmtui.remedies.putting_back import drop_extension
from lmtui.remedies.remedy import SQL, Remedy, Step
from lmtui.validation.relations import quoted

# A smaller table gains little by chunks.
LARGE_BYTES = 2**30
_NAMED = 5


def _version(facts: Facts) -> str:
    """The target's TimescaleDB, or the one that it would create; empty where it has none."""
    return facts.target.timescaledb or facts.target.available.get(TIMESCALEDB, "")


def _planned_any(facts: Facts) -> bool:
    return bool(facts.plan.hypertables)


def _may_have_some(facts: Facts) -> bool:
    return not facts.source.timescaledb and not facts.plan.hypertables and bool(_version(facts))


def _candidates(facts: Facts, session: Connection) -> Outcome:
    large = [
        one
        for one in candidates(session, _version(facts), LARGE_BYTES)
        if one.columns[0] not in one.integers
    ]
    if not large:
        return ok("No large table of the source looks like a time series")
    ready = [one for one in large if one.suggested and one.suggested.column not in one.integers]
    others = [one for one in large if one not in ready]
    lines = []
    if ready:
        lines.append(f"{_described(ready)}.")
    if others:
        against = others[0].obstacles[_likeliest(others[0])]
        lines.append(
            f"{'Not as they are' if ready else 'As they are, none can'}: {_described(others)}."
            f" {_name(others[0])}: {' '.join(against)}"
        )
    wanted = [one.suggested for one in ready[:_NAMED] if one.suggested]
    looks = "looks" if len(large) == 1 else "look"
    return info(
        f"{count(len(large), 'large table')} {looks} like time series, and could become"
        f" {'a hypertable' if len(large) == 1 else 'hypertables'} on the target",
        "\n".join(lines),
        f"For lmtui migrate --hypertables FILE, this in the file:\n{text(wanted).rstrip()}"
        if wanted
        else "",
    )


def _name(one: Candidate) -> str:
    return quoted(one.schema, one.name)


def _described(some: list[Candidate]) -> str:
    """Each with its size and its likeliest column."""
    return listing(
        [f"{_name(one)} ({bytes_text(one.bytes)}) by {_likeliest(one)}" for one in some],
        limit=_NAMED,
    )


def _likeliest(one: Candidate) -> str:
    """The column that is suggested, unless it is a number."""
    by = one.suggested.column if one.suggested else one.columns[0]
    return one.columns[0] if by in one.integers else by


def _planned(facts: Facts, session: Connection) -> Outcome:
    plan = facts.plan
    skipped = {name if "." in name else f"public.{name}" for name in plan.skip_table_data}
    verdicts = judge(session, plan.hypertables, numbers(_version(facts)), skipped)
    wrong = [one for one in verdicts if one.problems]
    if wrong:
        return blocker(
            f"{count(len(wrong), 'table')} cannot become"
            f" {'a hypertable' if len(wrong) == 1 else 'hypertables'} as planned",
            "\n".join(f"{_short(one.wanted)}: {' '.join(one.problems)}" for one in wrong),
            "Mend it on the source, or change the file of --hypertables (in the wizard: the step"
            " Hypertables).",
        )
    doubtful = [one for one in verdicts if one.doubts]
    if doubtful:
        return warning(
            f"{count(len(doubtful), 'table')} might not become"
            f" {'a hypertable' if len(doubtful) == 1 else 'hypertables'}",
            "\n".join(
                f"{_short(one.wanted)}: {' '.join(doubt.words for doubt in one.doubts)}"
                for one in doubtful
            ),
            "To be sure, on the source before the migration; it reads the whole table, and locks it"
            " meanwhile:\n"
            + "\n".join(doubt.statement for one in doubtful for doubt in one.doubts),
        )
    return ok(
        f"{count(len(verdicts), 'table')} can become"
        f" {'a hypertable' if len(verdicts) == 1 else 'hypertables'}",
        listing([f"{_short(one.wanted)}, chunks of {one.wanted.interval}" for one in verdicts]),
    )


def _short(wanted: Wanted) -> str:
    return f"{quoted(wanted.schema, wanted.name)} by {wanted.column}"


def _target(facts: Facts, _session: Connection) -> Outcome:
    target = facts.target
    if facts.source.timescaledb:
        return blocker(
            "The source has TimescaleDB, and its tables are moved as they are",
            f"TimescaleDB {facts.source.timescaledb} is in the source's database. Tables are made"
            " hypertables on the way only where the source is plain PostgreSQL.",
            "Leave --hypertables out; make them hypertables on the source before, or on the"
            " target afterwards.",
        )
    if target.timescaledb:
        return ok("The target has TimescaleDB for the hypertables", target.timescaledb)
    if TIMESCALEDB not in target.available:
        return blocker(
            "The target has no TimescaleDB for the hypertables",
            "The extension timescaledb is not available there.",
            "Install TimescaleDB on the target's server, or leave --hypertables out.",
        )
    if not target.timescaledb_loaded:
        return not_preloaded(target)
    fix = Remedy(
        name=TIMESCALEDB,
        side=TARGET,
        consent=f"Create TimescaleDB {target.available[TIMESCALEDB]} on the target; put back only"
        " while the target is empty",
        steps=(Step(statement="CREATE EXTENSION timescaledb;", undo=drop_extension(TIMESCALEDB)),),
        kind=SQL,
        fresh=True,
    )
    return blocker(
        "The target's database has no TimescaleDB yet",
        f"TimescaleDB {target.available[TIMESCALEDB]} is available there, and not created.",
        "\n".join(["On the target, in a new session (psql -X):", *fix.statements]),
        (fix,),
    )


CHECKS = (
    Check(
        "hypertables.candidates", SOURCE, "large tables that could become hypertables",
        _candidates, _may_have_some,
        why="A large table of events or measurements gains most by becoming a hypertable, and it is"
        " easiest on the way. Good to know; by the statistics, no table is read.",
    ),
    Check(
        "hypertables.planned", BOTH, "the tables that are to become hypertables", _planned,
        _planned_any,
        why="What TimescaleDB refuses would stop the migration when the schema is made, or hours"
        " later. Blocks; a warning where a column may be NULL and none was seen.",
    ),
    Check(
        "hypertables.target", TARGET, "TimescaleDB for the hypertables on the target", _target,
        _planned_any,
        why="Hypertables need the extension on the target, and a source without it. Blocks.",
    ),
)  # fmt: skip
