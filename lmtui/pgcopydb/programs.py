"""PostgreSQL's programs as pgcopydb finds them: those of the path, but for pg_restore."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from lmtui.pgcopydb.pg_restore import LATER_VARIABLE, PROGRAM_VARIABLE

# pgcopydb looks for the others where it has found psql.
_OTHERS = ("psql", "pg_dump", "pg_dumpall", "vacuumdb")


def with_own_restore(
    environment: Mapping[str, str], directory: Path, later: Path
) -> dict[str, str]:  # fmt: skip
    """The environment in which pgcopydb runs `lmtui.pgcopydb.pg_restore`.

    The programs are put into `directory`; foreign keys that are to be made later, into `later`.
    """
    path = environment.get("PATH", os.defpath)
    directory.mkdir(exist_ok=True)
    for name in _OTHERS:
        if found := shutil.which(name, path=path):
            link = directory / name
            link.unlink(missing_ok=True)
            link.symlink_to(found)
    own = directory / "pg_restore"
    own.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lmtui.pgcopydb.pg_restore "$@"\n')
    own.chmod(0o755)
    return {
        **{name: value for name, value in environment.items() if name != "PG_CONFIG"},
        "PATH": f"{directory}{os.pathsep}{path}",
        PROGRAM_VARIABLE: shutil.which("pg_restore", path=path) or "pg_restore",
        LATER_VARIABLE: str(later),
    }
