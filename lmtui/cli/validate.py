"""lmtui validate and report."""

import argparse
import sys

from lmtui.cli.check import print_text
from lmtui.cli.place import endpoints_of, existing
from lmtui.errors import ExitCode
from lmtui.journal import Reader
from lmtui.report import as_json as report_json
from lmtui.report import markdown
from lmtui.validation.compare import compare
from lmtui.validation.render import as_json, text


def validate(options: argparse.Namespace) -> int:
    """Compare both sides as they are now. While anybody writes, they cannot be equal."""
    source, target = endpoints_of(options)
    proof = compare(source, target)
    if options.json:
        sys.stdout.buffer.write(as_json(proof) + b"\n")
    else:
        print_text(text(proof))
    return ExitCode.DONE if proof.equal else ExitCode.NOT_PROVEN


def report(options: argparse.Namespace) -> int:
    """Print the report from the journal."""
    directory, _ = existing(options)
    reader = Reader(directory)
    state = reader.poll()
    if options.format == "json":
        sys.stdout.buffer.write(report_json(state, reader.records) + b"\n")
    else:
        print_text(markdown(state, reader.records))
    return ExitCode.DONE
