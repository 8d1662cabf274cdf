"""The command line's commands and flags, and what it says of wrong ones."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmtui import __version__
from lmtui.cli import main
from lmtui.cli.parser import _build, parse
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE
from lmtui.errors import ExitCode


def subparsers() -> dict[str, argparse.ArgumentParser]:
    """The commands' parsers by name."""
    (commands,) = (
        action for action in _build()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return commands.choices


COMMANDS = sorted(subparsers())
REQUIRED = {"abort": ["--confirm", "shop"], "skip": ["0/1A2B"], "resync": ["orders"]}


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in (SOURCE_VARIABLE, TARGET_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGCOPYDB_DIR", str(tmp_path / "default"))
    monkeypatch.setenv("TERM", "dumb")
    yield
    # No wrong call leaves anything behind.
    assert not (tmp_path / "default").exists()


def test_commands_are_those_of_the_design() -> None:
    wanted = {
        "check", "snapshot", "migrate", "status", "cutover", "validate", "report", "stop", "resume",
        "abort", "clean", "demo", "supervise", "retry", "skip", "resync",
    }  # fmt: skip
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([*command, "--help"])
    said = capsys.readouterr()
    assert ended.value.code == 0
    assert said.out.startswith(f"usage: {' '.join(['lmtui', *command])} ")
    assert "--dir DIR" in said.out
    assert said.err == ""
    assert "None" not in said.out


def test_every_option_says_what_it_is_for() -> None:
    for name, parser in subparsers().items():
        for action in parser._actions:
            assert action.help, f"{name} {action.option_strings}"


def test_help_names_every_command_but_the_supervisors_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    listed = set(re.findall(r"^    ([\w-]+)", capsys.readouterr().out, re.MULTILINE))
    assert listed == set(COMMANDS) - {"supervise"}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"lmtui {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_directory_is_taken_before_and_after_the_command(command: str) -> None:
    rest = REQUIRED.get(command, [])
    before = parse(["--dir", "/a", command, *rest])
    after = parse([command, "--dir", "/a", *rest])
    joined = parse([command, *rest, "--dir=/a"])
    assert before.dir == after.dir == joined.dir == Path("/a")
    assert parse(["--dir", "/a", command, "--dir", "/b", *rest]).dir == Path("/b")
    assert not hasattr(parse([command, *rest]), "dir")


@pytest.mark.parametrize(
    "command", ["check", "snapshot", "migrate", "resume", "validate", "abort", "clean"]
)
def test_servers_are_taken_before_and_after_the_command(command: str) -> None:
    rest = REQUIRED.get(command, [])
    for arguments in (
        ["--source", "s", "--target", "t", command, *rest],
        [command, "--source", "s", "--target", "t", *rest],
        ["--source", "s", command, *rest, "--target", "t"],
    ):
        options = parse(arguments)
        assert (options.source, options.target) == ("s", "t")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_names_a_function_that_is_there(command: str) -> None:
    import importlib

    module, _, function = parse([command, *REQUIRED.get(command, [])]).run.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_without_a_command_it_is_the_wizard() -> None:
    assert parse([]).run == "lmtui.cli.wizard:wizard"
    assert parse(["--dir", "/a"]).dir == Path("/a")


def test_what_migrate_takes() -> None:
    options = parse(
        [
            "migrate", "--skip-roles", "--table-jobs", "8", "--index-jobs", "3",
            "--skip-extensions", "a", "b", "--skip-table-data", "public.x", "public.y",
            "--drop-if-exists", "--plugin", "test_decoding", "--cutover", "when-caught-up",
            "--fence", "terminate", "--detach", "--yes",
        ]
    )  # fmt: skip
    assert (options.table_jobs, options.index_jobs) == (8, 3)
    assert options.skip_extensions == ["a", "b"]
    assert options.skip_table_data == ["public.x", "public.y"]
    assert (options.plugin, options.cutover, options.fence) == (
        "test_decoding", "when-caught-up", "terminate",
    )  # fmt: skip
    plain = parse(["migrate"])
    assert (plain.plugin, plain.cutover, plain.fence) == ("auto", "manual", "readonly")
    assert not any((plain.resume, plain.yes, plain.detach, plain.skip_roles))


@pytest.mark.parametrize(
    "arguments",
    [
        "nonsense",
        "--nonsense",
        "migrate --nonsense",
        "migrate --table-jobs 0",
        "migrate --table-jobs -1",
        "migrate --table-jobs many",
        "migrate --table-jobs 1.5",
        "migrate --index-jobs ''",
        "migrate --table-jobs ²",
        "migrate --plugin pgoutput",
        "migrate --cutover never",
        "migrate --fence brick",
        "migrate --skip-extensions",
        "migrate shop",
        "cutover --timeout 0",
        "cutover --timeout soon",
        "cutover --fence brick",
        "report --format pdf",
        "abort",
        "demo --rate 0",
        "demo --rate nan",
        "demo --rate -5",
        "demo --size inf",
        "demo --size much",
        "status --dir",
    ],
)
def test_wrong_call_ends_with_2_and_says_why(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    assert ended.value.code == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert "usage: lmtui" in said.err
    # Not the name of the function that read it.
    assert "invalid _" not in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "title"),
    [
        ([], ExitCode.USAGE, "The wizard needs a terminal"),
        (["demo"], ExitCode.USAGE, "The wizard needs a terminal"),
        (["check"], ExitCode.USAGE, "The source has no connection string"),
        (["check", "--source", "dbname=a"], ExitCode.USAGE, "The target has no connection string"),
        (["migrate", "--yes"], ExitCode.USAGE, "The source has no connection string"),
        (["status"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["status", "--json"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["cutover", "--confirm", "shop"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["stop"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["resume"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["migrate", "--resume"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["report"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["abort", "--confirm", "shop"], ExitCode.NOT_FOUND, "There is no migration in"),
        (["clean"], ExitCode.NOT_FOUND, "There is no migration in"),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(
    arguments: list[str], code: ExitCode, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"lmtui: {title}")


def test_password_in_a_wrong_connection_string_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for text in ("postgres://u:s3cr%zzet@h/db", "postgres://u:s3cr/zzet@h/db"):
        assert main(["check", "--source", text, "--target", "dbname=b"]) == ExitCode.USAGE
        said = capsys.readouterr().err
        assert "cannot be read" in said
        assert "s3cr" not in said
        assert "zzet" not in said
