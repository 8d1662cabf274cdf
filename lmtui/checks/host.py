"""The programs of the host that lmtui runs on."""

import re
import shutil
import subprocess
from dataclasses import dataclass

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """A program found, or not.

    `path` is empty where it is not in PATH; `version` where `problem` says why it is not known.
    """

    name: str
    path: str = ""
    version: tuple[int, ...] = ()
    version_text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Host:
    """The programs that the initial copy is made with."""

    pgcopydb: Program
    pg_dump: Program


def read_host() -> Host:
    """Ask the programs for their versions."""
    return Host(
        pgcopydb=find_program("pgcopydb", r"pgcopydb version v?(\d+(?:\.\d+)+)"),
        pg_dump=find_program("pg_dump", r"\(PostgreSQL\) (\d+(?:\.\d+)*)"),
    )


def find_program(name: str, pattern: str) -> Program:
    """Find a program in PATH; the first group of `pattern` is its dotted version number."""
    path = shutil.which(name)
    if path is None:
        return Program(name)
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed name, found in PATH
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Program(name, path, problem=f"no answer within {TIMEOUT_SECONDS:.0f} s")
    except OSError as error:
        return Program(name, path, problem=str(error.strerror))
    said = f"{answer.stdout}\n{answer.stderr}".strip()
    match = re.search(pattern, said)
    if match is None:
        return Program(name, path, problem=f"exit code {answer.returncode}: {said[:200]}")
    number = match[1]
    return Program(name, path, tuple(int(part) for part in number.split(".")), number)
