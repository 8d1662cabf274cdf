"""lmtui check."""

import argparse
import sys

from lmtui.checks import blocking, run_checks
from lmtui.checks.render import findings_json, render
from lmtui.cli.place import endpoints_of
from lmtui.errors import ExitCode


def check(options: argparse.Namespace) -> int:
    """Run preflight and print its findings."""
    source, target = endpoints_of(options)
    findings = run_checks(source, target, plugin=options.plugin)
    if options.json:
        sys.stdout.buffer.write(findings_json(findings) + b"\n")
    else:
        print_text(render(findings, colour=sys.stdout.isatty()))
    return ExitCode.BLOCKED if blocking(findings) else ExitCode.DONE


def print_text(text: str) -> None:
    """Write to stdout."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()
