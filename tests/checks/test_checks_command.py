"""lmtui check, as it is called."""

import json
import os
import subprocess
import sys

import pytest
from preflight import execute, identity_form

from lmtui.checks import blocking
from lmtui.checks.registry import CHECKS
from lmtui.cli import main
from lmtui.client import DetachedClient
from lmtui.demo.cluster import Cluster
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import ExitCode
from lmtui.journal import Reader
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

Pair = tuple[Endpoint, Endpoint]


@pytest.fixture(autouse=True)
def _environment(
    fresh_databases: Pair, directory: WorkDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOURCE_VARIABLE, fresh_databases[0].uri())
    monkeypatch.setenv(TARGET_VARIABLE, fresh_databases[1].uri())
    monkeypatch.setenv("PGCOPYDB_DIR", str(directory.root))


def test_fix_and_clean(
    keyless: Pair, directory: WorkDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--only", "identity"]) == ExitCode.DONE
    assert "[identity.missing]" in capsys.readouterr().out
    assert not directory.root.exists()
    assert main(["check", "--fix", "identity.missing", "--dry-run"]) == ExitCode.DONE
    preview = capsys.readouterr().out
    assert "ALTER TABLE public.log REPLICA IDENTITY FULL;" in preview
    assert "put back by: ALTER TABLE IF EXISTS public.log REPLICA IDENTITY DEFAULT;" in preview
    assert identity_form(keyless[0]) == "d"
    code = main(["check", "--only", "identity", "--fix", "identity.missing", "--json"])
    said = capsys.readouterr()
    assert code == ExitCode.DONE
    [now] = [f for f in json.loads(said.out)["findings"] if f["id"] == "identity.missing"]
    assert now["severity"] == "ok"
    assert identity_form(keyless[0]) == "f"
    assert main(["clean"]) == ExitCode.DONE
    assert "put back" in capsys.readouterr().out
    assert identity_form(keyless[0]) == "d"


def test_fix_all(keyless: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fix-all"]) == ExitCode.DONE
    assert "lmtui clean" in capsys.readouterr().err
    assert identity_form(keyless[0]) == "f"
    assert main(["clean", "--prune"]) == ExitCode.DONE
    assert main(["clean"]) == ExitCode.NOT_FOUND


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--list", "--json"]) == ExitCode.DONE
    listed = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in listed] == [check.id for check in CHECKS]
    assert all(row["why"] and row["title"] and row["topic"] for row in listed)
    assert main(["check", "--list", "--only", "identity"]) == ExitCode.DONE
    assert "identity.missing" in capsys.readouterr().out


def test_explain(keyless: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "identity.missing"]) == ExitCode.DONE
    said = capsys.readouterr().out
    assert "REPLICA IDENTITY FULL;" in said
    assert main(["check", "--explain", "timescaledb.caggs"]) == ExitCode.USAGE
    assert main(["check", "--explain", "timescaledb.jobs"]) == ExitCode.DONE
    assert "does not apply" in capsys.readouterr().out


def test_it_finds_what_the_wizard_and_migrate_find_with_the_same_plan(
    keyless: Pair, directory: WorkDirectory, capsys: pytest.CaptureFixture[str]
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


def test_a_restart_is_waited_for_where_somebody_is_there(
    tmp_path_factory: pytest.TempPathFactory, target_server: Endpoint, directory: WorkDirectory
) -> None:
    place = tmp_path_factory.mktemp("restarted")
    with Cluster(place / "cluster", settings={"wal_level": "replica"}) as cluster:
        master, terminal = os.openpty()
        try:
            checking = subprocess.Popen(
                [
                    *(sys.executable, "-m", "lmtui", "check", "--fix", "source.wal_level"),
                    *("--only", "source.wal_level", "--json", "--dir", str(directory.root)),
                ],
                env={
                    **os.environ,
                    SOURCE_VARIABLE: cluster.endpoint("postgres").uri(),
                    TARGET_VARIABLE: target_server.uri(),
                },
                stdin=terminal,
                stderr=terminal,
                stdout=subprocess.PIPE,
            )
            said = b""
            while b"Restart it now" not in said:
                said += os.read(master, 1000)
            cluster.restart()
            out, _ = checking.communicate(timeout=60)
        finally:
            os.close(master)
            os.close(terminal)
        assert checking.returncode == ExitCode.DONE
        [finding] = json.loads(out)["findings"]
        assert finding["severity"] == "ok"


def test_what_lmtui_cannot_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fix", "no.such"]) == ExitCode.USAGE
    assert main(["check", "--fix", "source.size"]) == ExitCode.USAGE
    assert "cannot mend source.size" in capsys.readouterr().err
    assert main(["check", "--fix", "timescaledb.jobs"]) == ExitCode.USAGE
    assert "timescaledb.jobs does not apply to these servers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "identiy.missing"], "Was identity.missing or"),
        (["--only", "Identity"], "Was identity or"),
        (["--only", "identity,rights"], "Names are separated by blanks."),
        (["--list", "--only", "nonsense"], "There is no check nonsense"),
        (["--explain", "nonsense"], "There is no check nonsense"),
        (["--dry-run"], "Give one of them too."),
        (["--explain", "identity.missing", "--fix", "identity.missing"], "changes nothing"),
        (["--fix", "identity"], "All of it: lmtui check --fix-all --only identity"),
        (["--fix", "identity.mising"], "Was identity.missing or"),
        (["--fix", "identity.missing/public.lag"], "It has public.log."),
    ],
    ids=lambda value: "-".join(value)[:40],
)
def test_what_is_mistyped(
    keyless: Pair, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["check", *arguments]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert identity_form(keyless[0]) == "d"


def test_what_is_mended_is_looked_at_whatever_else_is(
    keyless: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(keyless[0], "create unlogged table c (id int primary key)")
    flags = ["--only", "identity", "--fix", "source.unlogged"]
    assert main(["check", *flags, "--dry-run", "--json"]) == ExitCode.DONE
    [remedy] = json.loads(capsys.readouterr().out)
    assert remedy["name"] == "public.c"
    assert remedy["steps"][0]["statement"] == "ALTER TABLE public.c SET LOGGED;"
    assert main(["check", *flags, "--json"]) == ExitCode.DONE
    found = {f["id"]: f["severity"] for f in json.loads(capsys.readouterr().out)["findings"]}
    assert (found["source.unlogged"], found["identity.missing"]) == ("ok", "warning")


def test_a_topic_is_explained(keyless: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "identity"]) == ExitCode.DONE
    said = capsys.readouterr().out
    assert "identity.missing: " in said
    assert "identity.chunks: " in said
    assert main(["check", "--explain", "identity", "--json"]) == ExitCode.DONE
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["identity.missing"]["finding"]["severity"] == "warning"
    assert rows["identity.chunks"]["finding"] is None
    assert all(row["why"] for row in rows.values())
