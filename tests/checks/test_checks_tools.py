from pathlib import Path

import pytest
from preflight import checked, severities

from lmtui.checks.host import find_program
from lmtui.endpoint import Endpoint

PATTERN = r"pgcopydb version v?(\d+(?:\.\d+)+)"


def _script(directory: Path, name: str, body: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("pgcopydb version 0.18", (0, 18)),
        ("pgcopydb version 0.17-1.pgdg12+1", (0, 17)),
        ("pgcopydb version v0.18.1", (0, 18, 1)),
    ],
)
def test_a_version_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: tuple[int, ...]
) -> None:
    _script(tmp_path, "pgcopydb", f"echo '{said}'; echo 'compiled with PostgreSQL 17.5'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("pgcopydb", PATTERN).version == version


def test_a_program_that_does_not_run_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path, "pgcopydb", "echo 'libpq.so.5 is missing' >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path))
    program = find_program("pgcopydb", PATTERN)
    assert not program.version
    assert program.problem == "exit code 127: libpq.so.5 is missing"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (None, "blocker"),
        ("echo 'pgcopydb version 0.17'", "blocker"),
        ("exit 1", "failed"),
        ("echo 'pgcopydb version 0.18'", "ok"),
    ],
)
def test_pgcopydb(
    fresh_databases: tuple[Endpoint, Endpoint],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str | None,
    severity: str,
) -> None:
    if body is not None:
        _script(tmp_path, "pgcopydb", body)
    for name in ("pg_dump", "pg_restore"):
        _script(tmp_path, name, f"echo '{name} (PostgreSQL) 18.1'")
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = checked(*fresh_databases)
    assert findings["tools.pgcopydb"].severity == severity
    assert not severities(findings, "blocker", "failed") - {"tools.pgcopydb"}


@pytest.mark.postgres
def test_a_pg_dump_older_than_the_source(
    fresh_databases: tuple[Endpoint, Endpoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path, "pgcopydb", "echo 'pgcopydb version 0.18'")
    _script(tmp_path, "pg_dump", "echo 'pg_dump (PostgreSQL) 11.22 (Debian 11.22-0)'")
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = checked(*fresh_databases, only="tools.pg_dump")["tools.pg_dump"]
    assert finding.severity == "blocker"
    assert "11.22" in finding.detail
