"""Opening the wizard."""

import argparse
import os
import sys

from msgspec.structs import replace

from lmtui.cli.place import directory_of, providers_of
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE
from lmtui.errors import UsageError
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory


def wizard(options: argparse.Namespace) -> int:
    """Open the wizard, or the live panel of a migration that is there."""
    refuse_without_terminal()
    directory = directory_of(options)
    given = {name: value for name, value in providers_of(options).items() if value}
    return open_wizard(
        directory,
        source=getattr(options, "source", None) or os.environ.get(SOURCE_VARIABLE, ""),
        target=getattr(options, "target", None) or os.environ.get(TARGET_VARIABLE, ""),
        plan=replace(Plan.load(directory), **given),
    )


def refuse_without_terminal() -> None:
    """Raise UsageError where no wizard can be shown."""
    if os.environ.get("TERM") in (None, "dumb") or not all(
        stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    ):
        raise UsageError(
            "The wizard needs a terminal",
            hint="Without one: lmtui migrate, lmtui status, lmtui cutover; lmtui demo --headless.",
        )


def open_wizard(directory: WorkDirectory, *, source: str, target: str, plan: Plan) -> int:
    """Open the terminal interface and return its exit code."""
    os.environ.setdefault("TEXTUAL_FPS", "30")
    from screens.app import run_wizard

    return run_wizard(directory, source=source, target=target, plan=plan)
