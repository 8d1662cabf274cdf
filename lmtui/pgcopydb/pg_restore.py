"""What pgcopydb runs for pg_restore where a copy goes on: `python -m lmtui.pgcopydb.pg_restore`.

Two things would end such a copy for good. pgcopydb restores a section again that is on the target
already, where it was killed before it could write that down. And foreign keys are checked when they
are made, while the tables are as of different points and agree only once replay has passed all of
them: so they are made NOT VALID here, and those that cannot be (of partitioned tables, before
PostgreSQL 18) are kept for later, both until `lmtui.migration.foreign_keys`.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

# The real program, and where the statements for later go.
PROGRAM_VARIABLE = "LMTUI_PG_RESTORE"
LATER_VARIABLE = "LMTUI_FOREIGN_KEYS"
_KEY = re.compile(r"^\d+; \d+ \d+ FK CONSTRAINT ")
_STATEMENT = re.compile(r"^ALTER TABLE .*?\n    ADD CONSTRAINT .*?;$", re.MULTILINE | re.DOTALL)
_ERROR = re.compile(r"ERROR:\s+(.*)")
_IS_THERE = re.compile(r" already exists$|^multiple primary keys for table .* are not allowed$")
_THERE = ("42710", "42P07", "42P16")
# What PostgreSQL says of a partitioned table: not supported, or a wrong object.
_PARTITIONED = ("0A000", "42809")


def divided(listed: str) -> tuple[str, str]:
    """A pg_restore list without the foreign keys, and a list of these alone. Pure."""
    lines = listed.splitlines(keepends=True)
    keys = [line for line in lines if _KEY.match(line)]
    return "".join(line for line in lines if not _KEY.match(line)), "".join(keys)


def not_valid(script: str) -> Iterator[str]:
    """The statements of a script that pg_restore wrote of foreign keys, NOT VALID each. Pure."""
    for found in _STATEMENT.finditer(script):
        statement = found[0].rstrip(";")
        yield statement if statement.endswith(" NOT VALID") else f"{statement} NOT VALID"


def is_there(errors: str) -> bool:
    """Whether all that went wrong is that it is there: pg_restore goes on behind an error. Pure."""
    found = _ERROR.findall(errors)
    return bool(found) and all(_IS_THERE.search(message) for message in found)


def main(arguments: Sequence[str]) -> int:
    """Restore as told, but for the foreign keys; returns the exit code."""
    program = os.environ[PROGRAM_VARIABLE]
    given, keys = list(arguments), ""
    if "--use-list" in given:
        place = given.index("--use-list") + 1
        listed = Path(given[place])
        rest, keys = divided(listed.read_text())
        if keys:
            given[place] = str(listed.with_suffix(".without_keys"))
            Path(given[place]).write_text(rest)
    code = _run([program, *given])
    if code or not keys:
        return code
    only = Path(arguments[place]).with_suffix(".keys")
    only.write_text(keys)
    script = subprocess.run(  # noqa: S603
        [program, "-f", "-", "--use-list", str(only), given[-1]],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return _make(_database(given), list(not_valid(script)))


def _run(command: list[str]) -> int:
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)  # noqa: S603
    words = done.stderr.decode(errors="replace")
    if done.returncode and is_there(words):
        return 0
    for line in words.splitlines(keepends=True):
        # What comes in one piece is logged in pieces.
        sys.stderr.write(line)
        sys.stderr.flush()
    return done.returncode


def _database(arguments: Sequence[str]) -> str:
    for place, word in enumerate(arguments):
        if word in ("--dbname", "-d"):
            return arguments[place + 1]
        if word.startswith("--dbname="):
            return word.removeprefix("--dbname=")
    return os.environ.get("PGDATABASE", "")


def _make(database: str, statements: list[str]) -> int:
    later: list[str] = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        # Those of chunks and hypertables are made each by itself, as for tables, only so.
        connection.execute(
            "select set_config('timescaledb.restoring', 'on', false) from pg_extension"
            " where extname = 'timescaledb'"
        )
        for statement in statements:
            try:
                connection.execute(statement.encode())
            except psycopg.Error as error:
                if error.sqlstate in _PARTITIONED and "partitioned" in str(error):
                    later.append(statement.removesuffix(" NOT VALID"))
                elif error.sqlstate not in _THERE:
                    sys.stderr.write(f"pg_restore: error: {error}\n")
                    return 1
    Path(os.environ[LATER_VARIABLE]).write_text(json.dumps(later))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
