"""lmtui demo."""

import argparse
import os
from pathlib import Path

from lmtui.cli.check import print_text
from lmtui.cli.wizard import open_wizard, refuse_without_terminal
from lmtui.client import DetachedClient
from lmtui.control import Stop
from lmtui.demo import host
from lmtui.errors import ExitCode, NoMigrationError
from lmtui.plan import Plan
from lmtui.workdir import WorkDirectory


def demo(options: argparse.Namespace) -> int:
    """Show a migration between two throw-away servers."""
    if options.stop:
        return _stop()
    if options.headless:
        from lmtui.demo.headless import headless

        return headless(options)
    refuse_without_terminal()
    found = host.running()
    if found is None:
        print_text("Starting two PostgreSQL servers and filling the source ...")
        work = getattr(options, "dir", None)
        found = host.begin(
            options.scenario, options.size, options.rate, work.absolute() if work else None
        )
    directory = WorkDirectory(Path(found.work))
    with host.attended():
        code = open_wizard(
            directory,
            source=found.source,
            target=found.target,
            plan=Plan.load(directory) if directory.exists else Plan(plugin=options.plugin),
        )
    if directory.worker_alive():
        again, stop = _commands()
        print_text(f"The demonstration goes on. To come back: {again}. To end it: {stop}.")
    else:
        host.end(found)
    return code


def _commands() -> tuple[str, str]:
    """How to come back and how to end it, from where the operator sits."""
    if os.environ.get("LMTUI_LAB") == "1":
        return "make demo", "make demo ARGS=--stop"
    return "lmtui demo", "lmtui demo --stop"


def _stop() -> int:
    found = host.running()
    if found is None:
        raise NoMigrationError("No demonstration runs")
    client = DetachedClient(WorkDirectory(Path(found.work)))
    if client.alive():
        client.request(Stop())
    host.end(found)
    print_text("The demonstration is ended; its servers are removed.")
    return ExitCode.DONE
