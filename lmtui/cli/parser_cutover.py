"""The flags of the cutover."""

import argparse

from lmtui.cli.parser_demo import positive

FENCES = ("none", "readonly", "terminate")


def whole_number(text: str) -> int:
    """A whole number from 1 on. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {text!r}")
    return int(text)


def add_keep_source_ready(parser: argparse.ArgumentParser) -> None:
    """The flag of `cutover` and `migrate`."""
    parser.add_argument(
        "--keep-source-ready", action="store_true",
        help="say after the cutover what it takes to go back: lmtui going-back",
    )  # fmt: skip


def add_accept_unproven(parser: "argparse._ActionsContainer") -> None:
    """The flag of `cutover` and `migrate`."""
    parser.add_argument(
        "--accept-unproven", action="store_true",
        help="end the migration also where its end is not proven, instead of going back to replay",
    )  # fmt: skip


def add_cutover(parser: argparse.ArgumentParser) -> None:
    """The flags of `lmtui cutover`."""
    parser.add_argument("--confirm", metavar="DBNAME", help="the source database's name")
    parser.add_argument(
        "--fence", choices=FENCES, default="readonly",
        help="how writers are kept from the source (default: readonly)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=whole_number, default=300, metavar="SECONDS",
        help="give up, and lift the fence, after this time (300)",
    )  # fmt: skip
    parser.add_argument(
        "--sequence-margin", type=whole_number, default=0, metavar="N",
        help="set the target's sequences N values further than the source's",
    )  # fmt: skip
    parser.add_argument(
        "--waive", nargs="+", action="extend", default=[], metavar="CODE",
        help="begin in spite of these blockers; kept in the ledger and the report",
    )  # fmt: skip
    parser.add_argument(
        "--copy-passwords", action="store_true",
        help="consent: copy the SCRAM verifiers of roles, where the source lets them be read",
    )  # fmt: skip
    add_keep_source_ready(parser)
    unproven = parser.add_mutually_exclusive_group()
    add_accept_unproven(unproven)
    unproven.add_argument(
        "--keep-fence", action="store_true",
        help="keep the source read-only where the end is not proven: lmtui unfence lifts the fence",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="print the steps with what they will take"
    )


def add_max_snapshot_age(parser: argparse.ArgumentParser) -> None:
    """For how long one snapshot may be held on the source."""
    parser.add_argument(
        "--max-snapshot-age", type=_hours, default=8.0, metavar="HOURS",
        help="copy the rest by another snapshot once one is so old, since it keeps the source from"
        " removing dead rows (8; 0 for no limit)",
    )  # fmt: skip


def _hours(text: str) -> float:
    return 0.0 if text == "0" else positive(text)
