"""Opening the wizard."""

import argparse
import os
import sys

from lmtui.cli.place import directory_of
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE
from lmtui.errors import UsageError
from lmtui.plan import Plan


def wizard(options: argparse.Namespace) -> int:
    """Open the wizard, or the live panel of a migration that is there."""
    if os.environ.get("TERM") in (None, "dumb") or not all(
        stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    ):
        raise UsageError(
            "The wizard needs a terminal",
            hint="Without one: lmtui migrate, lmtui status, lmtui cutover.",
        )
    os.environ.setdefault("TEXTUAL_FPS", "30")
    from screens.app import run_wizard

    directory = directory_of(options)
    return run_wizard(
        directory,
        source=getattr(options, "source", None) or os.environ.get(SOURCE_VARIABLE, ""),
        target=getattr(options, "target", None) or os.environ.get(TARGET_VARIABLE, ""),
        plan=Plan.load(directory),
    )
