"""Compression's settings and jobs in the inventory, with TimescaleDB's community edition."""

import uuid

import pytest

from lmtui.database import connect
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.validation.compare import compare
from lmtui.validation.inventory import inventory_differences

pytestmark = pytest.mark.postgres

TABLE = (
    "create table public.m (at timestamptz not null, d int not null, e int, v float8)",
    "select public.create_hypertable('public.m', 'at')",
)
COMPRESS = (
    "alter table public.m set (timescaledb.compress, timescaledb.compress_segmentby = 'd',"
    " timescaledb.compress_orderby = 'at desc')",
)
OTHERWISE = (
    "alter table public.m set (timescaledb.compress, timescaledb.compress_segmentby = 'd, e',"
    " timescaledb.compress_orderby = 'at asc nulls first')",
)


def _databases(*servers: Endpoint) -> list[Endpoint]:
    name = f"inventory_{uuid.uuid4().hex[:8]}"
    return [create_database(server, name, timescaledb=True) for server in servers]


def _run(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_compression_settings_differ(
    community_source: Endpoint, community_target: Endpoint
) -> None:
    source, target = _databases(community_source, community_target)
    for endpoint in (source, target):
        _run(endpoint, *TABLE, *COMPRESS)
    assert inventory_differences(source, target) == ()
    _run(target, *OTHERWISE)
    assert inventory_differences(source, target) == (
        "compression setting of public.m: segment by d, order by at desc nulls first on the "
        "source, segment by d, e, order by at nulls first on the target",
    )


def test_one_job_paused_that_was_not(
    community_source: Endpoint, community_target: Endpoint
) -> None:
    source, target = _databases(community_source, community_target)
    for endpoint in (source, target):
        _run(endpoint, *TABLE, *COMPRESS,
             "select public.add_compression_policy('public.m', interval '6 days')",
             "select public.add_retention_policy('public.m', interval '90 days')",
             "select public.alter_job(1001, scheduled => false)")  # fmt: skip
    assert compare(source, target, paused=()).inventory == ()
    _run(target, "select public.alter_job(1000, scheduled => false)",
         "select public.alter_job(1001, scheduled => true)")  # fmt: skip
    assert compare(source, target, paused=()).inventory == (
        "schedule of job 1000 (policy_compression): active on the source, paused on the target",
        "schedule of job 1001 (policy_retention): paused on the source, active on the target",
    )
    # Not before the end: lmtui holds them all on the target.
    assert compare(source, target).inventory == ()
    # What lmtui has paused on the source is active there, as far as the operator is concerned.
    _run(source, "select public.alter_job(1000, scheduled => false)")
    assert compare(source, target, paused={1000}).inventory == (
        "schedule of job 1000 (policy_compression): active on the source, paused on the target",
        "schedule of job 1001 (policy_retention): paused on the source, active on the target",
    )
