"""Applying remedies: busy tables, restarts, what is refused, and the command line."""

import threading
from contextlib import closing

import psycopg
import pytest
from preflight import elsewhere, execute, identity_form

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.clean import clean_remedies
from lmtui.database import connect
from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import AlreadyRunningError, LmtuiError, ServerError, UsageError
from lmtui.events import Finding
from lmtui.jobs import Job, schedule_statement, to_be_resumed
from lmtui.ledger import Ledger
from lmtui.remedies.apply import apply_remedies
from lmtui.remedies.putting_back import create_extension
from lmtui.remedies.remedy import RESTART, Remedy, Step
from lmtui.workdir import Lock, WorkDirectory

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


def _identity(pair: Pair) -> Finding:
    [finding] = run_checks(*pair, only=["identity.missing"])
    return finding


def test_a_busy_table_is_tried_again(
    keyless: Pair, directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.remedies.apply.LOCK_SECONDS", 0.05)
    monkeypatch.setattr("lmtui.remedies.apply.PAUSE_SECONDS", 0.01)
    remedies = named_remedies([_identity(keyless)], ["identity.missing"])
    told: list[str] = []
    with closing(psycopg.connect(keyless[0].conninfo())) as reader:
        reader.execute("select * from log")
        free = threading.Event()

        def hear(words: str) -> None:
            told.append(words)
            if words.startswith("busy") and not free.is_set():
                free.set()
                reader.rollback()

        apply_remedies(directory, keyless, remedies, tell=hear)
    assert free.is_set()
    assert told[0] == "ALTER TABLE public.log REPLICA IDENTITY FULL;"
    assert identity_form(keyless[0]) == "f"


def test_a_table_that_stays_busy_is_left_as_it_was(
    keyless: Pair, directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.remedies.apply.LOCK_SECONDS", 0.02)
    monkeypatch.setattr("lmtui.remedies.apply.PAUSE_SECONDS", 0.0)
    remedies = named_remedies([_identity(keyless)], ["identity.missing"])
    with closing(psycopg.connect(keyless[0].conninfo())) as reader:
        reader.execute("select * from log")
        with pytest.raises(ServerError) as raised:
            apply_remedies(directory, keyless, remedies)
    assert raised.value.sqlstate == "55P03"
    assert identity_form(keyless[0]) == "d"
    assert Ledger(directory).open_entries() == []


def test_an_index_that_cannot_be_made_leaves_nothing(
    keyless: Pair, directory: WorkDirectory
) -> None:
    execute(keyless[0], "insert into log values ('a'), ('a')")
    remedy = Remedy(
        name="x",
        side="source",
        consent="Make an index",
        steps=(
            Step(
                statement="CREATE UNIQUE INDEX CONCURRENTLY i ON public.log (line);",
                undo="DROP INDEX CONCURRENTLY IF EXISTS public.i;",
            ),
        ),
    )
    with pytest.raises(ServerError, match="source refused: CREATE UNIQUE INDEX"):
        apply_remedies(directory, keyless, [remedy])
    assert execute(keyless[0], "select relname from pg_class where relname = 'i'") == []
    assert Ledger(directory).open_entries() == []


def test_what_is_put_back_may_be_gone(keyless: Pair, directory: WorkDirectory) -> None:
    apply_remedies(directory, keyless, all_remedies([_identity(keyless)]))
    execute(keyless[0], "drop table log")
    assert len(clean_remedies(directory, *keyless)) == 1


def test_what_is_final_is_told_and_stays(keyless: Pair, directory: WorkDirectory) -> None:
    step = Step(statement="DROP TABLE public.log;")
    remedy = Remedy(name="x", side="source", consent="Drop it", steps=(step,), fresh=True)
    apply_remedies(directory, keyless, [remedy])
    assert clean_remedies(directory, *keyless) == (
        "source: DROP TABLE public.log, stays: it cannot be put back",
    )
    with pytest.raises(ServerError):
        apply_remedies(directory, keyless, [remedy])
    assert len(clean_remedies(directory, *keyless)) == 1


def test_a_fresh_session_waits_briefly_too(
    keyless: Pair, directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtui.remedies.apply.LOCK_SECONDS", 0.02)
    monkeypatch.setattr("lmtui.remedies.apply.PAUSE_SECONDS", 0.0)
    step = Step(statement="DROP TABLE public.log;")
    remedy = Remedy(name="x", side="source", consent="Drop it", steps=(step,), fresh=True)
    with closing(psycopg.connect(keyless[0].conninfo())) as reader:
        reader.execute("select * from log")
        with pytest.raises(ServerError) as raised:
            apply_remedies(directory, keyless, [remedy])
    assert raised.value.sqlstate == "55P03"
    assert clean_remedies(directory, *keyless) == ()


def test_an_extension_that_was_dropped_is_created_again(
    timescale_databases: Pair, directory: WorkDirectory
) -> None:
    query = "select extversion from pg_extension where extname = 'timescaledb'"
    [(version,)] = before = execute(timescale_databases[1], query)
    back = create_extension("timescaledb", version, "public")
    step = Step(statement="DROP EXTENSION timescaledb;", undo=back)
    remedy = Remedy(name="x", side="target", consent="Drop it", steps=(step,), fresh=True)
    apply_remedies(directory, timescale_databases, [remedy])
    assert execute(timescale_databases[1], query) == []
    assert len(clean_remedies(directory, *timescale_databases)) == 1
    assert execute(timescale_databases[1], query) == before
    # Harmless where it was not dropped.
    execute(timescale_databases[1], back)
    assert execute(timescale_databases[1], query) == before


def test_a_job_that_a_remedy_paused_is_to_run_again(
    timescale_databases: Pair, directory: WorkDirectory
) -> None:
    found = [Job(1001, "tidy", False), Job(1002, "other", False)]
    with closing(connect(timescale_databases[0])) as source:
        pause, back = (f"{schedule_statement(source, 1001, scheduled=s)};" for s in (False, True))
        remedy = Remedy(
            name="1001",
            side="source",
            consent="Pause it",
            steps=(Step(statement=pause, undo=back),),
        )
        apply_remedies(directory, timescale_databases, [remedy])
        assert to_be_resumed(source, Ledger(directory), found) == {1001}
        clean_remedies(directory, *timescale_databases)
        assert to_be_resumed(source, Ledger(directory), found) == set()


def test_nothing_is_put_back_on_another_server(keyless: Pair, directory: WorkDirectory) -> None:
    apply_remedies(directory, keyless, all_remedies([_identity(keyless)]))
    other = elsewhere(keyless[0], dbname="postgres")
    with pytest.raises(UsageError, match="not the one that was changed"):
        clean_remedies(directory, other, keyless[1])
    assert identity_form(keyless[0]) == "f"


def test_nothing_is_changed_while_a_migration_runs(keyless: Pair, directory: WorkDirectory) -> None:
    directory.create()
    lock = Lock(directory)
    try:
        with pytest.raises(AlreadyRunningError):
            apply_remedies(directory, keyless, all_remedies([_identity(keyless)]))
    finally:
        lock.release()
    assert identity_form(keyless[0]) == "d"


@pytest.mark.parametrize("version", [17, 18])
def test_what_needs_a_restart_is_tracked_until_then(
    tmp_path_factory: pytest.TempPathFactory, directory: WorkDirectory, version: int
) -> None:
    try:
        binaries(version)
    except LmtuiError as error:
        pytest.skip(error.title)
    settings = {
        "wal_level": "replica",
        "max_wal_senders": "1",
        "max_replication_slots": "1",
        "max_locks_per_transaction": "10",
        "max_connections": "20",
    }
    ids = ["source.wal_level", "source.senders", "source.slots", "source.locks", "target.locks"]
    place = tmp_path_factory.mktemp("low")
    with (
        Cluster(place / "s", version=version, settings=settings) as sources,
        Cluster(place / "t", version=version, settings=settings) as targets,
    ):
        pair = sources.endpoint("postgres"), targets.endpoint("postgres", "target")
        execute(
            pair[0],
            "select pg_create_physical_replication_slot('other')",
            "do $$ begin for n in 1..120 loop execute format('create table t%s (id int)', n);"
            " end loop; end $$",
        )
        found = {f.id: f for f in run_checks(*pair, only=ids)}
        assert {found[i].severity for i in ids[:3]} == {"blocker"}
        assert {found[i].severity for i in ids[3:]} == {"warning"}
        remedies = all_remedies(found.values())
        assert {remedy.kind for remedy in remedies} == {RESTART}
        assert len(remedies) == len(ids)
        apply_remedies(directory, pair, remedies)
        for finding in run_checks(*pair, only=ids):
            assert finding.severity != "ok"
            assert not finding.fixes
            assert "restart" in (finding.detail + finding.remedy).lower()
        for cluster in (sources, targets):
            cluster.restart()
        assert {f.severity for f in run_checks(*pair, only=ids)} == {"ok"}
        clean_remedies(directory, *pair)
        for side in pair:
            assert execute(
                side,
                "select name from pg_file_settings where name <> 'port' and sourcefile ~ 'auto'",
            ) == []  # fmt: skip
