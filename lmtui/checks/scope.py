"""What is migrated, and what is not."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok
from lmtui.checks.facts import Facts, hypertables
from lmtui.checks.wording import count
from lmtui.database import Connection, run
from lmtui.humane import bytes_text, count_text

_KINDS = {
    "table": "table", "partitioned table": "partitioned table", "hypertable": "hypertable",
    "chunk": "chunk", "view": "view", "materialized view": "materialized view",
    "sequence": "sequence", "index": "index", "function": "function", "type": "type",
}  # fmt: skip
_DATA = ("table", "hypertable", "chunk", "storage", "materialized view")
_PARTLY = (
    ("unlogged", "unlogged table", "changes of {} (copied once)"),
    ("large object", "large object", "changes of {} (copied once)"),
    ("foreign", "foreign table", "rows of {}"),
    ("temporary", "temporary table", "{} of sessions"),
    ("subscription", "subscription", "{} (created, not enabled)"),
)


def _migrated(facts: Facts, session: Connection) -> Outcome:
    rows = run(session, "check_scope", {"hypertables": hypertables(facts, session)})
    counts = {kind: (number, size) for kind, number, size in rows}
    parts = [
        count(counts[kind][0], name, "indexes" if name == "index" else "")
        for kind, name in _KINDS.items()
        if counts.get(kind, (0, 0))[0]
    ]
    data = sum(counts.get(kind, (0, 0))[1] for kind in _DATA)
    number = counts.get("row", (0, 0))[0]
    return ok(
        f"{bytes_text(facts.source.bytes)} will be migrated: "
        + (", ".join(parts) or "an empty database"),
        f"About {bytes_text(data)} in tables, {count_text(number)} rows by the statistics.",
    )


def _left_out(facts: Facts, session: Connection) -> Outcome:
    plan = facts.plan
    # As the plan has them: a name without a schema is in public.
    skipped = [name if "." in name else f"public.{name}" for name in plan.skip_table_data]
    rows = {
        kind: (number, size)
        for kind, number, size in run(session, "check_left_out", {"skipped": skipped})
    }
    tiered = len(run(session, "check_tiered")) if facts.source.timescaledb else 0
    lines = [
        words.format(f"{count(rows[kind][0], kind_words)}{_sized(rows[kind][1])}")
        for kind, kind_words, words in _PARTLY
        if rows[kind][0]
    ]
    if tiered:
        lines.append(f"tiered chunks of {count(tiered, 'hypertable')}")
    if skipped:
        size = _sized(rows["skipped"][1])
        lines.append(f"rows of {count(len(skipped), 'table')}{size}, as chosen (--skip-table-data)")
    if plan.skip_extensions:
        number = count(len(plan.skip_extensions), "extension")
        lines.append(f"{number}, as chosen (--skip-extensions)")
    if plan.skip_roles:
        lines.append("roles, owners and grants, as chosen (--skip-roles)")
    always = "passwords of roles, settings of the server, and the schema's changes meanwhile"
    if not lines:
        return ok("Everything in the database is migrated", f"Not migrated: {always}.")
    return info(f"Not migrated: {'; '.join(lines)}", f"Nor {always}.")


def _sized(size: int) -> str:
    return f" ({bytes_text(size)})" if size else ""


CHECKS = (
    Check(
        "scope.migrated", SOURCE, "what is migrated", _migrated,
        why="Sizes and counts of what is copied and replayed.",
    ),
    Check(
        "scope.left_out", SOURCE, "what is not migrated", _left_out,
        why="What is copied only once, or not at all, in one sentence. Good to know.",
    ),
)  # fmt: skip
