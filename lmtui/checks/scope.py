"""What is migrated, and what is not."""

from lmtui.checks.check import SOURCE, Check, Outcome, info, ok
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count
from lmtui.database import Connection, run
from lmtui.humane import bytes_text, count_text

_KINDS = {
    "table": "table", "partitioned table": "partitioned table", "hypertable": "hypertable",
    "chunk": "chunk", "view": "view", "materialized view": "materialized view",
    "sequence": "sequence", "index": "index", "function": "function", "type": "type",
}  # fmt: skip


def _migrated(facts: Facts, session: Connection) -> Outcome:
    counts = {kind: (number, size) for kind, number, size in run(session, "check_scope")}
    parts = [
        count(counts[kind][0], name, "indexes" if name == "index" else "")
        for kind, name in _KINDS.items()
        if counts.get(kind, (0, 0))[0]
    ]
    data = sum(counts.get(kind, (0, 0))[1] for kind in ("table", "chunk", "materialized view"))
    rows = counts.get("row", (0, 0))[0]
    return ok(
        f"{bytes_text(facts.source.bytes)} will be migrated: "
        + (", ".join(parts) or "an empty database"),
        f"About {bytes_text(data)} in tables, {count_text(rows)} rows by the statistics.",
    )


def _left_out(facts: Facts, session: Connection) -> Outcome:
    rows = dict(run(session, "check_left_out"))
    tiered = len(run(session, "check_tiered")) if facts.source.timescaledb else 0
    lines = []
    if rows["unlogged"]:
        lines.append(f"changes of {count(rows['unlogged'], 'unlogged table')} (copied once)")
    if rows["large object"]:
        lines.append(f"changes of {count(rows['large object'], 'large object')} (copied once)")
    if rows["foreign"]:
        lines.append(f"rows of {count(rows['foreign'], 'foreign table')}")
    if tiered:
        lines.append(f"tiered chunks of {count(tiered, 'hypertable')}")
    if rows["temporary"]:
        lines.append(f"{count(rows['temporary'], 'temporary table')} of sessions")
    if rows["subscription"]:
        lines.append(f"{count(rows['subscription'], 'subscription')} (created, not enabled)")
    if skipped := facts.plan.skip_table_data:
        lines.append(f"rows of {count(len(skipped), 'table')}, as chosen (--skip-table-data)")
    if extensions := facts.plan.skip_extensions:
        lines.append(f"{count(len(extensions), 'extension')}, as chosen (--skip-extensions)")
    if facts.plan.skip_roles:
        lines.append("roles, owners and grants, as chosen (--skip-roles)")
    always = "passwords of roles, settings of the server, and the schema's changes meanwhile"
    if not lines:
        return ok("Everything in the database is migrated", f"Not migrated: {always}.")
    return info(f"Not migrated: {'; '.join(lines)}", f"Nor {always}.")


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
