"""Continuous aggregates in the form before TimescaleDB 2.7, and how their owner rewrites them."""

from collections.abc import Sequence

from lmtui.checks.facts import Server
from lmtui.checks.wording import identifier, literal

_PLAN = "_timescaledb_catalog.continuous_agg_migrate_plan"


def rewriting(source: Server, names: Sequence[str]) -> str:
    """The way in words; lmtui does not go it by itself.

    TimescaleDB's call commits each of its steps, so that it can stop half way, and drops rows where
    its watermark is wrong. Whoever calls it owns what is written.
    """
    role = identifier(source.role)
    rights = [
        f"As a superuser, let {source.role} write down TimescaleDB's plan for that:",
        f"GRANT SELECT, INSERT, UPDATE ON {_PLAN}, {_PLAN}_step TO {role};",
        f"GRANT USAGE ON SEQUENCE {_PLAN}_step_step_id_seq TO {role};",
    ]
    return "\n".join(
        [
            *([] if source.superuser else rights),
            "On the source, as its owner, one at a time; what is replaced is kept beside it as"
            " NAME_old:",
            *(
                f"CALL {source.timescaledb_schema}.cagg_migrate({literal(name)}, override => true);"
                for name in names
            ),
            "Compare the rows of both, then drop the old one (DROP MATERIALIZED VIEW NAME_old). A"
            " call that fails leaves NAME_new behind. TimescaleDB 2.18 to 2.22 may refuse an"
            " aggregate that is materialized only (timescaledb#8744); 2.25 and later have no such"
            " call any more.",
        ]
    )
