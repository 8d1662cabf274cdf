"""A pgcopydb that misbehaves as it is told: python fake_pgcopydb.py MODE, or --children.

It writes a line to stderr, which is the log, when it is ready.
"""

import json
import os
import signal
import subprocess
import sys
import time
from typing import NoReturn


def log(severity: str, message: str) -> None:
    """One line as PGCOPYDB_LOG_JSON makes it (measured on 0.18)."""
    line = {
        "timestamp": "2026-01-15 09:30:00.123", "pid": os.getpid(), "error_level": 4,
        "error_severity": severity, "file_name": "copydb.c", "file_line_num": 1, "message": message,
    }  # fmt: skip
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def ready() -> None:
    """Say that it is as far as it goes."""
    log("INFO", "ready")


def hang() -> NoReturn:
    """Work without an end; SIGTERM ends it."""
    while True:
        time.sleep(60)


def deaf() -> None:
    """Ignore what should end it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def child(mode: str) -> None:
    """A child in the same process group, up and running."""
    process = subprocess.Popen([sys.executable, __file__, mode], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()


def main() -> int:
    """Do what the mode says."""
    mode = sys.argv[1]
    if mode.startswith("child"):
        if mode == "child-deaf":
            deaf()
        sys.stdout.write("\n")
        sys.stdout.flush()
        hang()
    if mode == "hangs":
        ready()
        hang()
    if mode == "ignores":
        deaf()
        ready()
        hang()
    if mode == "parent":
        child("child")
        child("child-deaf")
        ready()
        hang()
    if mode == "deserts":
        child("child-deaf")
        ready()
        return 0
    if mode == "lies":
        log("ERROR", "Failed to copy table public.orders, see above for details")
        return 0
    if mode == "complains":
        sys.stderr.write("pg_restore: error: not a line of JSON\n")
        log("INFO", "connecting to postgres://app:s3cr3t@db1/shop")
        log("ERROR", '[SOURCE 7] connection to "postgres://app:s3cr3t@db1/shop" failed\n')
        log("WARN", "a warning")
        sys.stderr.write('{"error_severity": "ERROR", "message": \n')
        log("FATAL", "Failed with host=db1 password='s3 cr3t' sslpassword=s3cr3t")
        return 12
    raise SystemExit(f"no mode {mode}")


if __name__ == "__main__":
    sys.exit(main())
