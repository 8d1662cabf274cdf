"""The supervisor's own command, which a front spawns."""

import argparse
import os

from lmtui.cli.place import directory_of


def supervise(options: argparse.Namespace) -> int:
    """Work on the migration in the directory until its end."""
    from lmtui.supervisor import supervise as run

    return run(directory_of(options), os.environ)
