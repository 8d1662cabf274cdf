"""lmtui going-back."""

import argparse

import msgspec

from lmtui.cli.check import print_text
from lmtui.cli.place import existing, same_endpoints
from lmtui.cutover.kept_ready import look
from lmtui.errors import BlockedError, ExitCode
from lmtui.events import SourceKeptReady
from lmtui.going_back import lacking, steps
from lmtui.journal import Journal
from lmtui.ledger import Ledger
from lmtui.phases import Phase
from lmtui.report_files import write_report
from lmtui.workdir import Lock


def going_back(options: argparse.Namespace) -> int:
    """Look at both sides, say what going back takes, and keep it in the report."""
    directory, state = existing(options)
    source, target = same_endpoints(options, state)
    if state.phase is not Phase.COMPLETE:
        raise BlockedError(
            "There is nothing to go back from",
            detail=f"The migration is in the phase {state.phase.value}.",
            hint="Until the drain is proven a cutover can be cancelled; after clean, the source is "
            "without its fence.",
        )
    lock = Lock(directory)
    try:
        found = look(directory, Ledger(directory), source, target, state.slot)
        journal = Journal(directory)
        try:
            journal.append(SourceKeptReady(going_back=found))
        finally:
            journal.close()
        write_report(directory)
    finally:
        lock.release()
    if options.json:
        print_text(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        print_text("\n".join([*steps(found, source.label, target.label), *lacking(found)]))
    return ExitCode.DONE
