"""Connections that a machine knows, without their passwords."""

from pathlib import Path

from lmtui.endpoint import Endpoint
from lmtui.known import Known, known


def test_nothing_is_known_where_there_is_nothing(tmp_path: Path) -> None:
    assert known({}, tmp_path) == []


def test_the_environment_comes_first(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres://u@h/d", "PGDATABASE": "d e", "PGHOST": "h"}
    assert known(environment, tmp_path) == [
        Known("$DATABASE_URL", "postgres://u@h/d"),
        Known("$PGDATABASE", "host=h dbname='d e'"),
    ]


def test_services_are_named(tmp_path: Path) -> None:
    (tmp_path / ".pg_service.conf").write_text(
        "# ours\n[shop]\nhost=db1\ndbname=shop\npassword=se%cret\n[plain]\nhost=db2\n"
    )
    assert known({}, tmp_path) == [
        Known("service in .pg_service.conf", "service=shop dbname=shop"),
        Known("service in .pg_service.conf", "service=plain"),
    ]


def test_lines_of_the_password_file_lose_their_password(tmp_path: Path) -> None:
    (tmp_path / ".pgpass").write_text(
        "# a comment: with: colons: in: it\n"
        "db1:5432:shop:mover:hunter2\n"
        "*:*:sh\\:op:it's:x\\:y\n"
        "db1:5432:*:mover:hunter2\n"
        "torn:line\n"
    )
    found = known({}, tmp_path)
    assert found == [
        Known(".pgpass", "host=db1 port=5432 dbname=shop user=mover"),
        Known(".pgpass", "dbname=sh:op user='it\\'s'"),
    ]
    assert "hunter2" not in str(found)
    for one in found:
        assert Endpoint.parse("source", one.text).database in ("shop", "sh:op")


def test_a_file_that_is_none_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".pg_service.conf").write_text("no section at all\n")
    assert known({"PGPASSFILE": str(tmp_path / "missing")}, tmp_path) == []
