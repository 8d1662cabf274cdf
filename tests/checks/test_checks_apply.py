"""Applying remedies: busy tables, restarts, what is refused, and the command line."""

import json
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from preflight import elsewhere, execute

from lmtui.checks import blocking, run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.checks.registry import CHECKS
from lmtui.clean import clean_remedies
from lmtui.cli import main
from lmtui.client import DetachedClient
from lmtui.demo.cluster import Cluster
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import AlreadyRunningError, ExitCode, ServerError, UsageError
from lmtui.events import Finding
from lmtui.journal import Reader
from lmtui.ledger import Ledger
from lmtui.plan import Plan
from lmtui.remedies.apply import apply_remedies
from lmtui.remedies.remedy import RESTART, Remedy, Step
from lmtui.workdir import Lock, WorkDirectory

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


@pytest.fixture
def directory(tmp_path: Path) -> WorkDirectory:
    """A work directory that is not made yet."""
    return WorkDirectory(tmp_path / "work")


@pytest.fixture
def keyless(fresh_databases: Pair) -> Pair:
    """The source has a table without a key."""
    execute(fresh_databases[0], "create table log (line text)")
    return fresh_databases


def _identity(pair: Pair) -> Finding:
    [finding] = run_checks(*pair, only=["identity.missing"])
    return finding


def _form(source: Endpoint) -> str:
    [(form,)] = execute(source, "select relreplident from pg_class where relname = 'log'")
    return str(form)


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
    assert _form(keyless[0]) == "f"


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
    assert _form(keyless[0]) == "d"
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


def test_nothing_is_put_back_on_another_server(keyless: Pair, directory: WorkDirectory) -> None:
    apply_remedies(directory, keyless, all_remedies([_identity(keyless)]))
    other = elsewhere(keyless[0], dbname="postgres")
    with pytest.raises(UsageError, match="not the one that was changed"):
        clean_remedies(directory, other, keyless[1])
    assert _form(keyless[0]) == "f"


def test_nothing_is_changed_while_a_migration_runs(keyless: Pair, directory: WorkDirectory) -> None:
    directory.create()
    lock = Lock(directory)
    try:
        with pytest.raises(AlreadyRunningError):
            apply_remedies(directory, keyless, all_remedies([_identity(keyless)]))
    finally:
        lock.release()
    assert _form(keyless[0]) == "d"


def test_what_needs_a_restart_is_tracked_until_then(
    tmp_path_factory: pytest.TempPathFactory, target_server: Endpoint, directory: WorkDirectory
) -> None:
    settings = {
        "wal_level": "replica",
        "max_wal_senders": "1",
        "max_replication_slots": "1",
        "max_locks_per_transaction": "10",
        "max_connections": "20",
    }
    ids = ["source.wal_level", "source.senders", "source.slots", "source.locks"]
    with Cluster(tmp_path_factory.mktemp("low") / "cluster", settings=settings) as cluster:
        pair = (cluster.endpoint("postgres"), target_server)
        execute(
            pair[0],
            "select pg_create_physical_replication_slot('other')",
            "do $$ begin for n in 1..120 loop execute format('create table t%s (id int)', n);"
            " end loop; end $$",
        )
        found = {f.id: f for f in run_checks(*pair, only=ids)}
        assert {found[i].severity for i in ids[:3]} == {"blocker"}
        assert found["source.locks"].severity == "warning"
        remedies = all_remedies(found.values())
        assert {remedy.kind for remedy in remedies} == {RESTART}
        apply_remedies(directory, pair, remedies)
        for finding in run_checks(*pair, only=ids):
            assert finding.severity != "ok"
            assert not finding.fixes
            assert "restart" in (finding.detail + finding.remedy).lower()
        cluster.restart()
        assert {f.severity for f in run_checks(*pair, only=ids)} == {"ok"}
        clean_remedies(directory, *pair)
        assert execute(
            pair[0],
            "select name from pg_file_settings where name <> 'port' and sourcefile ~ 'auto'",
        ) == []  # fmt: skip


class TestCommand:
    """lmtui check, as it is called."""

    @pytest.fixture(autouse=True)
    def _environment(
        self, fresh_databases: Pair, directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(SOURCE_VARIABLE, fresh_databases[0].uri())
        monkeypatch.setenv(TARGET_VARIABLE, fresh_databases[1].uri())
        monkeypatch.setenv("PGCOPYDB_DIR", str(directory.root))

    def test_fix_and_clean(
        self, keyless: Pair, directory: WorkDirectory, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["check", "--only", "identity"]) == ExitCode.DONE
        assert "[identity.missing]" in capsys.readouterr().out
        assert not directory.root.exists()
        assert main(["check", "--fix", "identity.missing", "--dry-run"]) == ExitCode.DONE
        preview = capsys.readouterr().out
        assert "ALTER TABLE public.log REPLICA IDENTITY FULL;" in preview
        assert "put back by: ALTER TABLE IF EXISTS public.log REPLICA IDENTITY DEFAULT;" in preview
        assert _form(keyless[0]) == "d"
        code = main(["check", "--only", "identity", "--fix", "identity.missing", "--json"])
        said = capsys.readouterr()
        assert code == ExitCode.DONE
        [now] = [f for f in json.loads(said.out)["findings"] if f["id"] == "identity.missing"]
        assert now["severity"] == "ok"
        assert _form(keyless[0]) == "f"
        assert main(["clean"]) == ExitCode.DONE
        assert "put back" in capsys.readouterr().out
        assert _form(keyless[0]) == "d"

    def test_fix_all(self, keyless: Pair, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "--fix-all"]) == ExitCode.DONE
        assert "lmtui clean" in capsys.readouterr().err
        assert _form(keyless[0]) == "f"
        assert main(["clean", "--prune"]) == ExitCode.DONE
        assert main(["clean"]) == ExitCode.NOT_FOUND

    def test_list(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "--list", "--json"]) == ExitCode.DONE
        listed = json.loads(capsys.readouterr().out)
        assert [row["id"] for row in listed] == [check.id for check in CHECKS]
        assert all(row["why"] and row["title"] and row["topic"] for row in listed)
        assert main(["check", "--list", "--only", "identity"]) == ExitCode.DONE
        assert "identity.missing" in capsys.readouterr().out

    def test_explain(self, keyless: Pair, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "--explain", "identity.missing"]) == ExitCode.DONE
        said = capsys.readouterr().out
        assert "REPLICA IDENTITY FULL;" in said
        assert main(["check", "--explain", "timescaledb.caggs"]) == ExitCode.USAGE
        assert main(["check", "--explain", "timescaledb.jobs"]) == ExitCode.DONE
        assert "does not apply" in capsys.readouterr().out

    def test_it_finds_what_the_wizard_and_migrate_find_with_the_same_plan(
        self, keyless: Pair, directory: WorkDirectory, capsys: pytest.CaptureFixture[str]
    ) -> None:
        execute(keyless[0], "create extension hstore", "create table bag (h hstore)")
        execute(keyless[1], "create table bag (id int)")
        flags = [
            *("--skip-extensions", "hstore", "--inserts-only", "public.log", "--skip-roles"),
            *("--table-jobs", "900", "--drop-if-exists", "--source-provider", "rds"),
        ]
        plan = Plan(
            skip_extensions=("hstore",), inserts_only=("public.log",), skip_roles=True,
            table_jobs=900, drop_if_exists=True, source_provider="rds",
        )  # fmt: skip
        found = DetachedClient(directory).check(*keyless, plan)
        assert main(["check", "--json", *flags]) == ExitCode.BLOCKED
        told = {f["id"]: f for f in json.loads(capsys.readouterr().out)["findings"]}
        assert list(told) == [finding.id for finding in found]
        for finding in found:
            assert told[finding.id]["severity"] == finding.severity
            assert told[finding.id]["title"] == finding.title
        assert main(["migrate", "--yes", *flags]) == ExitCode.BLOCKED
        assert f"found {len(blocking(found))} blocker" in capsys.readouterr().err
        assert not Reader(directory).poll().exists

    def test_what_lmtui_cannot_mend(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "--fix", "no.such"]) == ExitCode.USAGE
        assert main(["check", "--fix", "source.size"]) == ExitCode.USAGE
        assert "cannot mend source.size" in capsys.readouterr().err


def test_preflight_that_is_killed_leaves_no_slot(fresh_databases: Pair, tmp_path: Path) -> None:
    source, target = fresh_databases
    with closing(psycopg.connect(source.conninfo())) as writer:
        # The probe's slot waits for this transaction, which outlives the probe.
        writer.execute("create table held (id int)")
        child = subprocess.Popen(
            [sys.executable, "-m", "lmtui", "check", "--dir", str(tmp_path)],
            env={
                "PATH": "/usr/bin",
                SOURCE_VARIABLE: source.uri(),
                TARGET_VARIABLE: target.uri(),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        probe = "select slot_name from pg_replication_slots where slot_name ~ '^lmtui_probe'"
        while not execute(source, probe):
            assert child.poll() is None
        child.kill()
        child.wait()
        while execute(source, probe):
            pass
        assert writer.info.transaction_status.name == "INTRANS"


def test_preflight_writes_nothing_and_holds_nothing(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create table t (id int primary key)")
    # Who writes is given a transaction id, whatever is written.
    numbers = "select pg_snapshot_xmax(pg_current_snapshot())"
    before = [execute(side, numbers) for side in (source, target)]
    longest: list[float] = [0.0]
    end = threading.Event()

    def watch() -> None:
        with closing(psycopg.connect(source.conninfo(), autocommit=True)) as session:
            while not end.is_set():
                [(age,)] = session.execute(
                    "select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)"
                    " from pg_stat_activity where application_name = 'lmtui check'"
                ).fetchall()
                longest.append(float(age))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run_checks(source, target)
    finally:
        end.set()
        watcher.join()
    assert [execute(side, numbers) for side in (source, target)] == before
    assert max(longest) < 5
