"""The flags of the demonstration."""

import argparse
import math


def add_demo(parser: argparse.ArgumentParser) -> None:
    """The flags of `lmtui demo`, but for the plugin."""
    parser.add_argument(
        "--headless", action="store_true", help="run to the end without a wizard, and prove it"
    )
    parser.add_argument("--scenario", default="shop", metavar="NAME", help="what to show (shop)")
    parser.add_argument(
        "--rate", type=positive, default=500.0, metavar="ROWS", help="rows written a second (500)"
    )
    parser.add_argument(
        "--size", type=positive, default=1.0, metavar="FACTOR", help="how much data (1.0)"
    )
    parser.add_argument("--stop", action="store_true", help="end a demonstration left running")


def positive(text: str) -> float:
    """A number above 0, as argparse wants it read."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number
