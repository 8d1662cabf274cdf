"""The process that outlives whoever started a throw-away cluster, to stop and remove it.

Its standard input is a pipe from the starter. The pipe ends when the starter closes it or dies in
any way, SIGKILL included, which no signal handler in the starter could promise.
"""

import shutil
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Wait for the end of standard input, then stop the server and remove its directory."""
    pg_ctl, directory = sys.argv[1], Path(sys.argv[2])
    sys.stdin.buffer.read()
    data = directory / "data"
    if (data / "postmaster.pid").exists():
        # A server that has just ended by itself makes this fail; what matters is that it is gone.
        subprocess.run(  # noqa: S603
            [pg_ctl, "stop", "-D", str(data), "-m", "immediate", "-w", "-s"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
