"""What the community edition of TimescaleDB really has: found, mended, and put back.

The servers are those that LMTUI_COMMUNITY names; where there are none, stubs stand in elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from awkward import KEEPER, SECRET
from preflight import elsewhere, execute, statements

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.clean import clean_remedies
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint
from lmtui.events import Finding
from lmtui.remedies.apply import apply_remedies
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]
NAME = "uses_all"
BATCH_DELETE = "timescaledb.enable_compressed_direct_batch_delete"
MARKERS = "timescaledb.enable_compression_wal_markers"
SETUP = (
    "create table m (at timestamptz not null, d int not null, v float8, primary key (at, d))",
    "select create_hypertable('m', 'at', chunk_time_interval => interval '1 day')",
    "insert into m select timestamptz '2026-01-01' + i * interval '1 hour', 1, i"
    " from generate_series(0, 71) i",
    "alter table m set (timescaledb.compress, timescaledb.compress_segmentby = 'd')",
    "select compress_chunk(c) from show_chunks('m') c",
    "insert into m values ('2026-01-01 00:30', 1, 1)",
    "select add_retention_policy('m', interval '90 years')",
    "create procedure tidy(job_id int, config jsonb) language sql as 'select 1'",
    "select add_job('tidy', '10 years', initial_start => now() + interval '9 years')",
    "create materialized view hourly with (timescaledb.continuous,"
    " timescaledb.materialized_only = false) as"
    " select time_bucket('1 hour', at) b, sum(v) s from m group by 1 with no data",
    "call refresh_continuous_aggregate('hourly', null, null)",
)
# All that the remedies of these checks may change.
STATE = """
select array_agg(line order by line) from (
    select format('setting %s %s', name, setting) as line from pg_file_settings
    union all
    select format('default %s %s %s', setdatabase, setrole, setconfig) from pg_db_role_setting
    union all
    select format('job %s %s %s', job_id, proc_name, scheduled)
      from timescaledb_information.jobs) as lines
"""


@pytest.fixture(scope="module")
def superuser(community_source: Endpoint, community_target: Endpoint) -> Iterator[Pair]:
    """A source that uses all there is, and an empty target; both belong to a plain role."""
    servers = (community_source, community_target)
    for server in servers:
        execute(
            server,
            f"create role {KEEPER} login replication password '{SECRET}'",
            f"grant set on parameter session_replication_role to {KEEPER}",
        )
    pair = tuple(create_database(server, NAME, timescaledb=True) for server in servers)
    for side in pair:
        execute(side, f"alter database {NAME} owner to {KEEPER}")
    execute(elsewhere(pair[0], user=KEEPER, password=SECRET), *SETUP)
    yield (pair[0], pair[1])
    for server in servers:
        execute(
            server,
            f"drop database {NAME} with (force)",
            f"revoke set on parameter session_replication_role from {KEEPER}",
            f"drop role {KEEPER}",
        )


@pytest.fixture(params=["superuser", "owner"])
def pair(request: pytest.FixtureRequest, superuser: Pair) -> Pair:
    """Both sides, as the superuser and as the owner."""
    if request.param == "superuser":
        return superuser
    source, target = (elsewhere(side, user=KEEPER, password=SECRET) for side in superuser)
    return source, target


def _found(pair: Pair, directory: WorkDirectory, *names: str) -> Mapping[str, Finding]:
    found = run_checks(*pair, only=names, directory=directory.root)
    return {finding.id: finding for finding in found}


def _one(pair: Pair, directory: WorkDirectory, name: str) -> Finding:
    return _found(pair, directory, name)[name]


def test_what_it_has_is_found(pair: Pair, directory: WorkDirectory) -> None:
    found = _found(pair, directory, "timescaledb", "extensions")
    assert not [one for one in found.values() if one.severity == "failed"]
    assert found["timescaledb.compressed"].severity == "info"
    assert "public.m (3 of 3 chunks)" in found["timescaledb.compressed"].detail
    assert found["timescaledb.chunk_status"].severity == "info"
    assert found["timescaledb.chunk_status"].title.startswith("1 compressed chunk ")
    assert found["timescaledb.aggregates"].severity == "info"
    assert "public.hourly" in found["timescaledb.aggregates"].detail
    assert found["timescaledb.jobs"].severity == "warning"
    assert "policy_retention; these go on: " in found["timescaledb.jobs"].detail
    assert found["timescaledb.wal_markers"].severity == "ok"
    assert found["timescaledb.license"].severity == "ok"
    assert found["extensions.timescaledb_version"].severity == "ok"


def test_a_job_is_paused_and_runs_again(
    pair: Pair, superuser: Pair, directory: WorkDirectory
) -> None:
    before = execute(superuser[0], STATE)
    finding = _one(pair, directory, "timescaledb.jobs")
    assert all_remedies([finding]) == ()
    apply_remedies(directory, pair, named_remedies([finding], [finding.id]))
    assert execute(superuser[0], STATE) != before
    assert _one(pair, directory, finding.id).severity == "info"
    clean_remedies(directory, *pair)
    assert execute(superuser[0], STATE) == before


def test_deletes_of_whole_batches_are_switched_off(
    pair: Pair, superuser: Pair, directory: WorkDirectory
) -> None:
    name = "timescaledb.batch_delete"
    before = execute(superuser[0], STATE)
    finding = _one(pair, directory, name)
    assert finding.severity == "blocker"
    with closing(psycopg.connect(pair[0].conninfo(application="till 7"))):
        apply_remedies(directory, pair, all_remedies([finding]))
        assert "till 7" in _one(pair, directory, name).detail
    while (now := _one(pair, directory, name)).severity != "ok":
        assert "till 7" in now.detail
    assert execute(pair[0], f"show {BATCH_DELETE}") == [("off",)]
    clean_remedies(directory, *pair)
    assert execute(superuser[0], STATE) == before


def _set(side: Endpoint, *statements: str) -> None:
    """Run these, then wait until new sessions have what was reloaded."""
    before = execute(side, "select pg_conf_load_time()")
    execute(side, *statements, "select pg_reload_conf()")
    while execute(side, "select pg_conf_load_time()") == before:
        pass


def test_marks_of_compression_are_switched_on(superuser: Pair, directory: WorkDirectory) -> None:
    name = "timescaledb.wal_markers"
    untouched = execute(superuser[0], STATE)
    _set(superuser[0], f"alter system set {MARKERS} = off")
    try:
        before = execute(superuser[0], STATE)
        plain = tuple(elsewhere(side, user=KEEPER, password=SECRET) for side in superuser)
        finding = _one((plain[0], plain[1]), directory, name)
        assert (finding.severity, finding.fixes) == ("blocker", ())
        assert "as a superuser" in finding.remedy
        finding = _one(superuser, directory, name)
        apply_remedies(directory, superuser, all_remedies([finding]))
        assert _one(superuser, directory, name).severity == "ok"
        clean_remedies(directory, *superuser)
        assert execute(superuser[0], STATE) == before
    finally:
        _set(superuser[0], f"alter system reset {MARKERS}")
    assert execute(superuser[0], STATE) == untouched


def test_compressing_as_it_is_written_is_switched_off(
    pair: Pair, superuser: Pair, directory: WorkDirectory
) -> None:
    name, settings = "timescaledb.direct_compress", ("copy", "insert")
    if not _found(pair, directory, name):
        pytest.skip("this TimescaleDB does not have it")
    untouched = execute(superuser[0], STATE)
    for one in settings:
        execute(
            superuser[0], f"alter database {NAME} set timescaledb.enable_direct_compress_{one} = on"
        )
    try:
        before = execute(superuser[0], STATE)
        finding = _one(pair, directory, name)
        assert (finding.severity, len(finding.fixes)) == ("blocker", 2)
        apply_remedies(directory, pair, all_remedies([finding]))
        while (now := _one(pair, directory, name)).severity != "ok":
            assert now.title.endswith("is off")
        clean_remedies(directory, *pair)
        assert execute(superuser[0], STATE) == before
    finally:
        for one in settings:
            execute(
                superuser[0],
                f"alter database {NAME} reset timescaledb.enable_direct_compress_{one}",
            )
    assert execute(superuser[0], STATE) == untouched


def test_a_target_of_the_apache_edition(
    superuser: Pair, community: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("apache")
    settings = {"timescaledb.license": "apache"}
    with Cluster(place / "t", programs=community, settings=settings) as apache:
        target = create_database(apache.endpoint("postgres", "target"), NAME, timescaledb=True)
        [finding] = run_checks(superuser[0], target, only=["timescaledb.license"])
        assert finding.severity == "blocker"
        assert "uses 3 features" in finding.detail
        assert not finding.fixes
        plain = create_database(superuser[0], "uses_little", timescaledb=True)
        try:
            [finding] = run_checks(plain, target, only=["timescaledb.license"])
            assert finding.severity == "ok"
        finally:
            execute(superuser[0], "drop database uses_little with (force)")


def test_a_job_that_runs_just_now(pair: Pair, superuser: Pair, directory: WorkDirectory) -> None:
    source = elsewhere(superuser[0], user=KEEPER, password=SECRET)
    execute(
        source,
        "create procedure waits(job_id int, config jsonb) language plpgsql as"
        " $$ begin perform pg_sleep(60); end $$",
    )
    [(job,)] = execute(source, "select add_job('waits', '1 year', initial_start => now())")
    ours = f"select pid from pg_stat_activity where application_name ~ '\\[{job}\\]$'"
    try:
        while not execute(superuser[0], ours):
            pass
        finding = _one(pair, directory, "timescaledb.jobs_running")
        assert finding.severity == "warning"
        assert f"[{job}]" in finding.detail
    finally:
        execute(source, f"select delete_job({job})", "drop procedure waits(int, jsonb)")
        execute(superuser[0], f"select pg_terminate_backend(pid) from ({ours}) as job")


def _finalized(superuser: Pair) -> bool:
    """Whether this TimescaleDB still knows the old form of continuous aggregates."""
    query = (
        "select true from pg_attribute where attrelid = '{}'::regclass and attname = 'finalized'"
    )
    return bool(execute(superuser[0], query.format("_timescaledb_catalog.continuous_agg")))


def test_an_old_aggregate_is_rewritten_in_the_way_that_is_told(
    superuser: Pair, pair: Pair, directory: WorkDirectory
) -> None:
    """As near as it gets: no version that is still here can create one in the old form."""
    if not _finalized(superuser):
        pytest.skip("this TimescaleDB knows no other form")
    execute(
        pair[0],
        "create materialized view former with (timescaledb.continuous,"
        " timescaledb.materialized_only = false) as"
        " select time_bucket('1 hour', at) b, sum(v) s from m group by 1 with no data",
        "call refresh_continuous_aggregate('former', null, null)",
    )
    rows = execute(pair[0], "select * from former order by 1")
    assert len(rows) == 72
    [(view,)] = execute(pair[0], "select pg_get_viewdef('former'::regclass)")
    done, since = view.split("UNION ALL")
    try:
        execute(
            superuser[0],
            # The old form groups what it has materialized.
            f"create or replace view former as {done} group by b, s union all {since}",
            "update _timescaledb_catalog.continuous_agg set finalized = false"
            " where user_view_name = 'former'",
        )
        finding = _one(pair, directory, "timescaledb.aggregates")
        assert (finding.severity, finding.fixes) == ("blocker", ())
        assert finding.detail.startswith("public.former.")
        rights = [one for one in statements(finding.remedy) if one.startswith("GRANT ")]
        calls = [one for one in statements(finding.remedy) if one.startswith("CALL ")]
        assert (len(rights), len(calls)) == (0 if pair is superuser else 2, 1)
        execute(superuser[0], *rights)
        execute(pair[0], *calls)
        [left] = _found(pair, directory, "timescaledb.aggregates").values()
        assert left.detail.startswith("public.former_old.")
        assert execute(pair[0], "select * from former order by 1") == rows
        execute(pair[0], "drop materialized view former_old")
        assert _one(pair, directory, "timescaledb.aggregates").severity == "info"
    finally:
        _drop_aggregates(pair[0], "former", "former_old", "former_new")


def _drop_aggregates(side: Endpoint, *names: str) -> None:
    found: list[Any] = execute(
        side, "select view_name::text from timescaledb_information.continuous_aggregates"
    )
    for (name,) in found:
        if name in names:
            execute(side, f"drop materialized view {name}")


def test_a_table_of_the_access_method_that_ended(
    superuser: Pair, pair: Pair, directory: WorkDirectory
) -> None:
    if not execute(superuser[0], "select true from pg_am where amname = 'hypercore'"):
        pytest.skip("this TimescaleDB does not have it any more")
    execute(
        pair[0],
        "create table col (at timestamptz not null, v int)",
        "select create_hypertable('col', 'at')",
        "insert into col values (now(), 1)",
        "alter table col set access method hypercore",
    )
    try:
        finding = _one(pair, directory, "timescaledb.removed")
        assert finding.severity == "blocker"
        assert "hypercore table public.col" in finding.detail
        execute(pair[0], "alter table col set access method heap")
        assert _one(pair, directory, "timescaledb.removed").severity == "ok"
    finally:
        execute(pair[0], "drop table col")
