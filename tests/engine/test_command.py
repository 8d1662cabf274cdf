"""pgcopydb's arguments: nothing secret, nothing that was measured to break it."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import UsageError
from lmtui.pgcopydb.command import clone, environment, filters, parse_version, services
from lmtui.plan import Plan


def arguments(plan: Plan | None = None, **more: object) -> list[str]:
    given = {"as_owner": True, "filters": None, "resume": False} | more
    return clone(plan or Plan(), Path("/w/pgcopydb"), "00000003-1", **given)  # type: ignore[arg-type]


def after(found: list[str], flag: str) -> str:
    return found[found.index(flag) + 1]


def test_clone_reads_the_snapshot_and_stops_at_the_first_failure() -> None:
    found = arguments(Plan(table_jobs=7, index_jobs=3))
    assert found[:2] == ["pgcopydb", "clone"]
    assert after(found, "--snapshot") == "00000003-1"
    assert after(found, "--dir") == "/w/pgcopydb"
    assert (after(found, "--table-jobs"), after(found, "--index-jobs")) == ("7", "3")
    assert "--fail-fast" in found


@pytest.mark.parametrize("as_owner", [False, True])
@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("filtered", [None, Path("/w/filters.ini")])
def test_flags(as_owner: bool, resume: bool, drop: bool, filtered: Path | None) -> None:
    found = arguments(Plan(drop_if_exists=drop), as_owner=as_owner, resume=resume, filters=filtered)
    for flag in ("--no-owner", "--no-acl", "--skip-ext-comments"):
        assert (flag in found) is not as_owner
    assert ("--resume" in found) is resume
    assert ("--drop-if-exists" in found) is drop
    assert ("--filters" in found) is (filtered is not None)
    # Measured: it starts anew, or makes no hypertables, or follows by itself.
    for flag in ("--restart", "--skip-extensions", "--follow", "--source", "--target"):
        assert flag not in found
    assert not any("://" in argument or "password" in argument for argument in found)


def test_connection_strings_go_through_the_environment() -> None:
    source = Endpoint.parse("source", "postgres://app:s3cr3t@db1/shop?options=-c%20work_mem%3D9MB")
    target = Endpoint.parse("target", "postgres://app:s3cr3t@db2/shop")
    found = environment({"PATH": "/bin", SOURCE_VARIABLE: "before"}, source, target, "1a2b")
    assert found["PATH"] == "/bin"
    assert found["LMTUI_MIGRATION"] == "1a2b"
    assert found["PGCOPYDB_LOG_JSON"] == "on"
    unlimited = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
    for variable, options in (
        (SOURCE_VARIABLE, f"-c work_mem=9MB {unlimited}"),
        (TARGET_VARIABLE, unlimited),
    ):
        endpoint = Endpoint.parse("source", found[variable])
        assert endpoint.parameters.items() >= {("password", "s3cr3t"), ("options", options)}


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (Plan(), ""),
        (Plan(skip_extensions=("a", "b")), "[exclude-extension]\na\nb\n"),
        (Plan(skip_table_data=("public.x",)), "[exclude-table-data]\npublic.x\n"),
        (
            Plan(skip_extensions=("a",), skip_table_data=("public.x", "s.y")),
            "[exclude-extension]\na\n\n[exclude-table-data]\npublic.x\ns.y\n",
        ),
    ],
)
def test_filters(plan: Plan, text: str) -> None:
    assert filters(plan) == text


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("pgcopydb version 0.18\ncompiled with PostgreSQL 17.2", (0, 18)),
        ("13:14:15 12 INFO   Running pgcopydb version 0.17-1.pgdg", (0, 17)),
        ("pgcopydb 1.2.3", (1, 2)),
        ("pgcopydb: command not found", None),
        ("", None),
    ],
)
def test_version(output: str, version: tuple[int, int] | None) -> None:
    assert parse_version(output) == version


def test_secrets_that_pgcopydb_would_show_come_by_a_service() -> None:
    source = Endpoint("source", {"dbname": "d", "password": "p", "sslpassword": "s e#c"})
    target = Endpoint("target", {"dbname": "d", "service": "theirs"})
    text = services(source, target, "[theirs]\nhost=there\n")
    assert text == "[lmtui_source]\nsslpassword=s e#c\n[theirs]\nhost=there\n"
    found = environment({}, source, target, "1a2b")
    assert "s e#c" not in unquote(found[SOURCE_VARIABLE])
    assert "service=lmtui_source" in found[SOURCE_VARIABLE]
    assert "service=theirs" in found[TARGET_VARIABLE]
    assert services(target, target, "[theirs]") == ""
    both = Endpoint("source", {"service": "theirs", "sslpassword": "s"})
    with pytest.raises(UsageError, match="beside a service") as raised:
        services(both, target, "")
    assert "section" in raised.value.hint
