"""What holds for the code as a whole."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
MODULES = sorted(path for name in ("lmtui", "screens") for path in (TOP / name).rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}
QUERIES = sorted((TOP / "lmtui" / "queries").glob("*.sql"))
INTERFACE = {"textual", "rich", "screens"}


def name_of(path: Path) -> str:
    return str(path.relative_to(TOP))


def imported_by(*arguments: str) -> set[str]:
    """The names in sys.modules after a program that ends with the interpreter's exit code."""
    program = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n"
        f"sys.argv[1:] = {list(arguments[1:])!r}\n"
        f"{arguments[0]}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=TOP
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_files_are_short() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert not {name: count for name, count in lines.items() if count > 300}


def test_files_and_what_is_public_in_them_say_what_they_are() -> None:
    silent = []
    for path, tree in TREES.items():
        public = [tree] + [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
        ]
        silent += [f"{name_of(path)}: {node}" for node in public if not ast.get_docstring(node)]
    assert not silent


def test_names_are_of_things() -> None:
    """A name that could be any class's says nothing of this one."""
    vague = re.compile(r"(Manager|Helper|Util|Utils|Utility)$|^(utils?|helpers?|misc|common)$")
    found = []
    for path, tree in TREES.items():
        named = [str(getattr(node, "name", "")) for node in ast.walk(tree)]
        found += [f"{name_of(path)}: {n}" for n in [*named, path.stem] if vague.search(n)]
    assert not found


def test_engine_does_not_know_the_interface() -> None:
    """But for the one function that opens it."""
    found = set()
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if {name.partition(".")[0] for name in names} & INTERFACE:
                found.add(name_of(path))
    assert {name for name in found if name.startswith("lmtui/")} == {"lmtui/cli/wizard.py"}


def test_command_line_is_imported_alone() -> None:
    found = imported_by("import lmtui.cli")
    assert not found & {"textual", "rich", "screens", "psycopg", "sqlite3", "humanize", "msgspec"}


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_are_quick(argument: str) -> None:
    """They read no more than the parser needs."""
    found = imported_by("from lmtui.cli import main\nmain()", argument)
    assert {name for name in found if name.startswith("lmtui")} == {
        "lmtui",
        "lmtui.cli",
        "lmtui.cli.parser",
        "lmtui.cli.parser_cutover",
        "lmtui.cli.parser_demo",
        "lmtui.errors",
    }
    assert not found & {"textual", "rich", "psycopg", "msgspec", "asyncio"}


def test_queries_say_what_they_are_for() -> None:
    silent = []
    for path in QUERIES:
        text = path.read_text()
        comment = re.match(r"(?:-- .+\n)+", text)
        if not (comment and comment[0].endswith(".\n") and text[comment.end() :].strip()):
            silent.append(path.name)
    assert not silent


def test_every_query_is_used() -> None:
    text = "".join(path.read_text() for path in MODULES)
    composed = tuple(re.findall(r'f"([a-z_]+_)\{', text))
    unused = [path.stem for path in QUERIES if f'"{path.stem}"' not in text]
    assert not [name for name in unused if not name.startswith(composed)]


def test_nothing_is_left_to_do_or_passed_over() -> None:
    mark = re.compile(
        r"\b(TODO|FIXME|XXX|HACK)\b|except\b[^:\n]*:\s*\n\s*pass\b(?!\s*else:)|except:"
    )
    assert not [name_of(path) for path in [*MODULES, *QUERIES] if mark.search(path.read_text())]
