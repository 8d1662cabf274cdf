"""lmtui clean and abort."""

import argparse

from lmtui.clean import STAYS, clean_remedies, refuse_in_use
from lmtui.clean import clean as put_back
from lmtui.cli.check import print_text
from lmtui.cli.cutover import stop
from lmtui.cli.place import directory_of, endpoints_of, existing, same_endpoints
from lmtui.errors import BlockedError, ExitCode
from lmtui.phases import Phase


def clean(options: argparse.Namespace) -> int:
    """Put back what lmtui changed and remove what it made."""
    directory = directory_of(options)
    if not directory.exists and directory.ledger.exists():
        done = clean_remedies(directory, *endpoints_of(options), prune=options.prune)
    else:
        directory, state = existing(options)
        source, target = same_endpoints(options, state)
        done = put_back(directory, source, target, prune=options.prune)
    for line in done:
        print_text(line)
    print_text("Nothing of lmtui is left on either side.")
    if options.prune:
        kept = " but for what is not lmtui's" if directory.root.exists() else ""
        print_text(f"Pruned {directory.root}{kept}")
    return ExitCode.DONE


def abort(options: argparse.Namespace) -> int:
    """Give a migration up: stop it, put everything back, and empty the target."""
    directory, state = existing(options)
    source, target = same_endpoints(options, state)
    name = state.endpoints.source_database if state.endpoints else ""
    if options.confirm != name:
        raise BlockedError(
            "The abort is not confirmed",
            detail=f"Given was {options.confirm!r}, the source database is {name!r}.",
        )
    if state.phase in (Phase.COMPLETE, Phase.CLEANED_UP):
        raise BlockedError(
            "The migration is at its end; its target is not emptied any more",
            hint="lmtui clean removes what lmtui made.",
        )
    refuse_in_use(state)
    if directory.worker_alive():
        stop(options)
    done = put_back(directory, source, target, empty=True)
    for line in done:
        print_text(line)
    but = ", but for what stays" if any(line.endswith(STAYS) for line in done) else ""
    print_text(f"Given up. Both sides are as they were before{but}.")
    return ExitCode.DONE
