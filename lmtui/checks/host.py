"""The host that lmtui runs on: its programs, its disk and its memory."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
    """The programs that the initial copy is made with, and what this host has room for.

    `directory` is the work directory; `free` its free disk and `memory` the memory, in bytes.
    """

    pgcopydb: Program
    pg_dump: Program
    pg_restore: Program
    directory: Path
    free: int
    memory: int


def read_host(directory: Path, *, programs: bool = True) -> Host:
    """Ask the programs for their versions, where they are wanted, and the host for its room."""
    find = find_program if programs else lambda name, _pattern: Program(name)
    return Host(
        pgcopydb=find("pgcopydb", r"pgcopydb version v?(\d+(?:\.\d+)+)"),
        pg_dump=find("pg_dump", r"\(PostgreSQL\) (\d+(?:\.\d+)*)"),
        pg_restore=find("pg_restore", r"\(PostgreSQL\) (\d+(?:\.\d+)*)"),
        directory=directory,
        free=free_bytes(directory),
        memory=memory_bytes(),
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


def free_bytes(directory: Path) -> int:
    """The free disk for a directory that need not exist yet."""
    place = directory
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def memory_bytes() -> int:
    """The memory of this host, or what its container may use (cgroup v2) where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(total, int(text)) if text.isdigit() else total
