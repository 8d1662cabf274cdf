"""The command line's commands, flags and help."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from lmtui import __version__
from lmtui.cli.parser_cutover import (
    FENCES,
    add_accept_unproven,
    add_cutover,
    add_keep_source_ready,
    add_max_snapshot_age,
    whole_number,
)
from lmtui.cli.parser_demo import add_demo

_DESCRIPTION = """\
Move a live PostgreSQL or TimescaleDB database to TimescaleDB with seconds of downtime.

Without a command: the wizard, or the live panel of the migration in the work directory.
Connection strings come from --source and --target, or from PGCOPYDB_SOURCE_PGURI and
PGCOPYDB_TARGET_PGURI; passwords may stay in ~/.pgpass or a service file."""

_EPILOG = """\
exit codes: 0 done, 1 failed, 2 wrong call, 3 blocked by a check or waiting for the operator,
4 no such migration, 5 already running, 6 finished but not proven, 130 interrupted"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments; exits with 2, saying what is wrong, or with 0 after help."""
    parser = _build()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        options.run = "lmtui.cli.wizard:wizard"
    return options


def _build() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument(
        "--dir", type=Path, metavar="DIR",
        help="the work directory: journal, logs and spool of one migration "
        "(default: $PGCOPYDB_DIR, else ~/.local/state/lmtui)",
    )  # fmt: skip
    servers = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    servers.add_argument(
        "--source", metavar="URI", help="the source database (default: $PGCOPYDB_SOURCE_PGURI)"
    )
    servers.add_argument(
        "--target", metavar="URI", help="the target database (default: $PGCOPYDB_TARGET_PGURI)"
    )
    for side in ("source", "target"):
        servers.add_argument(
            f"--{side}-provider", metavar="NAME",
            help=f"the service that runs the {side} (default: recognised)",
        )  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="lmtui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        parents=[shared, servers],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lmtui {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(
        name: str, run: str, words: str, *, parents: Sequence[argparse.ArgumentParser] = ()
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}.",
            parents=[shared, *parents],
        )  # fmt: skip
        made.set_defaults(run=run)
        return made

    both = [servers]
    check = command(
        "check",
        "lmtui.cli.check:check",
        "look at both servers; change nothing but what --fix names",
        parents=both,
    )
    _add_plugin(check)
    _add_json(check)
    _add_check(check)
    snapshot = command(
        "snapshot", "lmtui.cli.migrate:snapshot",
        "create the replication slot and its snapshot, and hold them for migrate", parents=both,
    )  # fmt: skip
    _add_plugin(snapshot)
    migrate = command(
        "migrate", "lmtui.cli.migrate:migrate",
        "copy the existing data, replay live changes, and cut over when told", parents=both,
    )  # fmt: skip
    migrate.add_argument(
        "--resume", action="store_true", help="go on with a migration that stopped or failed"
    )
    migrate.add_argument(
        "--reuse-target", action="store_true",
        help="where the slot was lost: begin the stream anew, compare what is on the target, and"
        " copy again only what differs",
    )  # fmt: skip
    _add_choices(migrate)
    _add_plugin(migrate)
    resume = command(
        "resume", "lmtui.cli.migrate:resume",
        "go on with a migration that stopped or failed, as it was planned", parents=both,
    )  # fmt: skip
    retry = command(
        "retry", "lmtui.cli.stopped:retry",
        "try again the change that the target refused, and go on", parents=both,
    )  # fmt: skip
    skip = command(
        "skip", "lmtui.cli.stopped:skip",
        "pass over, for good, the one change that the target refused, and go on", parents=both,
    )  # fmt: skip
    skip.add_argument("change", metavar="LSN", help="the change at which replay stands: LSN[#N]")
    resync = command(
        "resync", "lmtui.cli.resync:resync",
        "copy tables anew while replay goes on for the others", parents=both,
    )  # fmt: skip
    resync.add_argument(
        "tables", nargs="+", metavar="TABLE",
        help="a table (schema.name); a hypertable or a partitioned table is copied as a whole",
    )  # fmt: skip
    resync.add_argument("--no-wait", action="store_true", help="return at once")
    unfence = command(
        "unfence", "lmtui.cli.stopped:unfence",
        "make the source writable again behind which a cutover has stopped, and go on replaying",
        parents=both,
    )  # fmt: skip
    for going_on in (resume, retry, skip, unfence):
        going_on.add_argument("--detach", action="store_true", help="return at once")
    status = command("status", "lmtui.cli.status:status", "say where the migration stands")
    _add_json(status)
    status.add_argument(
        "--follow", action="store_true", help="go on saying it until the migration ends"
    )
    add_cutover(command("cutover", "lmtui.cli.cutover:cutover", "cut over to the target"))
    words = "say what it takes to go back to a source that was kept ready"
    _add_json(command("going-back", "lmtui.cli.going_back:going_back", words, parents=both))
    words = "do all of a cutover but the fence and the finish, and time it"
    _add_json(command("rehearse", "lmtui.cli.cutover:rehearse", words))
    validate = command(
        "validate", "lmtui.cli.validate:validate",
        "compare every table of both sides by count and checksum", parents=both,
    )  # fmt: skip
    _add_json(validate)
    validate.add_argument(
        "--repair", nargs="+", action="extend", default=[], metavar="TABLE",
        help="copy the rows of these tables (schema.name) that differ from the source",
    )  # fmt: skip
    validate.add_argument("--confirm", metavar="DBNAME", help="consent: the source's name")
    report = command("report", "lmtui.cli.validate:report", "print the report of the migration")
    report.add_argument(
        "--format", choices=("md", "json", "html"), default="md", help="default: md"
    )
    command(
        "stop", "lmtui.cli.cutover:stop", "stop in order; resume goes on, also with an "
        "unfinished initial copy",
    )  # fmt: skip
    abort = command(
        "abort", "lmtui.cli.clean:abort",
        "give up: stop, remove the slot, and empty the target of what was copied", parents=both,
    )  # fmt: skip
    abort.add_argument(
        "--confirm", metavar="DBNAME", required=True, help="the source database's name"
    )
    clean = command(
        "clean", "lmtui.cli.clean:clean",
        "remove what lmtui made on both sides and put back what it changed; the data stay",
        parents=both,
    )  # fmt: skip
    clean.add_argument("--prune", action="store_true", help="remove the work directory as well")
    words = "show a migration between two throw-away servers"
    demo = command("demo", "lmtui.cli.demo:demo", words)
    _add_plugin(demo)
    add_demo(demo)
    supervise = commands.add_parser("supervise", parents=[shared])
    supervise.set_defaults(run="lmtui.cli.supervise:supervise")
    return parser


def _add_plugin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plugin", choices=("auto", "wal2json", "test_decoding"), default="auto",
        help="the output plugin on the source (default: the first that it allows)",
    )  # fmt: skip


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_scope(parser: argparse.ArgumentParser) -> None:
    """What preflight judges a migration by."""
    parser.add_argument(
        "--skip-roles", action="store_true",
        help="do not create the source's roles on the target",
    )  # fmt: skip
    parser.add_argument(
        "--table-jobs",
        type=whole_number,
        default=4,
        metavar="N",
        help="tables copied at a time (4)",
    )
    parser.add_argument(
        "--index-jobs",
        type=whole_number,
        default=2,
        metavar="N",
        help="indexes built at a time (2)",
    )
    parser.add_argument(
        "--skip-extensions", nargs="+", action="extend", default=[], metavar="NAME",
        help="extensions that are not created on the target",
    )  # fmt: skip
    parser.add_argument(
        "--skip-table-data", "--exclude-table-data", nargs="+", action="extend", default=[],
        metavar="TABLE",
        help="tables (schema.name) that are created but neither copied, replayed nor compared",
    )  # fmt: skip
    _add_inserts_only(parser)
    parser.add_argument(
        "--hypertables", type=Path, default=None, metavar="FILE",
        help="plain tables that become hypertables on the target, as TOML: [[hypertable]] with"
        " table (schema.name), column and interval",
    )  # fmt: skip
    parser.add_argument(
        "--drop-if-exists", action="store_true",
        help="drop objects of the same name on the target first",
    )  # fmt: skip


def _add_choices(parser: argparse.ArgumentParser) -> None:
    _add_scope(parser)
    parser.add_argument(
        "--cutover", choices=("manual", "when-caught-up"), default="manual",
        help="who decides on the cutover (default: manual)",
    )  # fmt: skip
    parser.add_argument(
        "--fence", choices=FENCES, default="readonly",
        help="how writers are kept from the source during the cutover (default: readonly)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-dropped-chunks", action="store_true",
        help="leave on the target what drop_chunks and retention drop on the source meanwhile",
    )  # fmt: skip
    add_keep_source_ready(parser)
    add_max_snapshot_age(parser)
    add_accept_unproven(parser)
    parser.add_argument(
        "--hook", type=shlex.split, default=[], metavar="COMMAND",
        help="run when caught up, stalled, failed, not proven or done; LMTUI_EVENT says which",
    )  # fmt: skip
    parser.add_argument(
        "--detach", action="store_true", help="return at once; lmtui status shows the progress"
    )
    parser.add_argument("--yes", action="store_true", help="begin without asking")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="ID",
        help="these checks or topics alone",
    )
    parser.add_argument(
        "--fix", nargs="+", action="extend", default=[], metavar="ID[/NAME]",
        help="apply the remedies of these findings, or one of them; clean puts them back",
    )  # fmt: skip
    parser.add_argument(
        "--fix-all", action="store_true",
        help="apply every remedy that can be put back and is not heavy",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="print the statements of --fix, and run none"
    )
    parser.add_argument(
        "--explain", metavar="ID", help="a check or topic at length, with its remedies"
    )
    parser.add_argument("--list", action="store_true", help="all checks, without any server")
    _add_scope(parser)


def _add_inserts_only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--inserts-only", nargs="+", action="extend", default=[], metavar="TABLE",
        help="tables (schema.name) that may stay without a replica identity: an update or a delete "
        "of theirs stops the replay",
    )  # fmt: skip
