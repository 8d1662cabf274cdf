"""The command line."""

import argparse

from lmtui import __version__


def main() -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="lmtui")
    parser.add_argument("--version", action="version", version=f"lmtui {__version__}")
    parser.parse_args()
    return 0
