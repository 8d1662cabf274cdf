"""lmtui check."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence

from lmtui.checks import blocking, run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.checks.explain import (
    explanation,
    explanations_json,
    list_json,
    list_text,
    preview,
    preview_json,
)
from lmtui.checks.registry import chosen
from lmtui.checks.render import findings_json, render
from lmtui.cli.place import directory_of, endpoints_of, plan_of
from lmtui.endpoint import Endpoint
from lmtui.errors import ExitCode, UsageError
from lmtui.events import Finding
from lmtui.remedies.apply import apply_remedies
from lmtui.remedies.remedy import RESTART, Remedy
from lmtui.remedies.restart import await_restart, started


def check(options: argparse.Namespace) -> int:
    """Run preflight and print its findings; mend what is named."""
    if options.list:
        return _list(options)
    mends = bool(options.fix or options.fix_all)
    if options.explain:
        if mends:
            raise UsageError("--explain changes nothing", hint="Leave out --fix, or --explain.")
        return _explain(options)
    if options.dry_run and not mends:
        raise UsageError(
            "--dry-run says what --fix or --fix-all would change",
            hint="Give one of them too. Without them, lmtui check changes nothing.",
        )
    # What is to be mended is looked at, whatever else is.
    ids = _ids(options.fix)
    only = [*options.only, *ids] if options.only else []
    findings = _findings(options, only)
    if mends:
        named = named_remedies(findings, options.fix)
        everything = all_remedies(findings) if options.fix_all else ()
        remedies = tuple({(r.side, r.statements): r for r in (*everything, *named)}.values())
        if options.dry_run:
            return _preview(options, remedies)
        findings = _apply(options, remedies, only)
    if options.json:
        sys.stdout.buffer.write(findings_json(findings) + b"\n")
    else:
        print_text(render(findings, colour=_colour()))
    return ExitCode.BLOCKED if blocking(findings) else ExitCode.DONE


def _ids(named: Iterable[str]) -> list[str]:
    """The checks of the remedies that are named. Raises UsageError for what is none."""
    ids = [name.partition("/")[0] for name in named]
    for one in ids:
        if chosen([one])[0].id != one:
            raise UsageError(
                f"{one} is a topic, and no check",
                hint=f"All of it: lmtui check --fix-all --only {one}",
            )
    return ids


def _explain(options: argparse.Namespace) -> int:
    """One check at length, or each of a topic."""
    checks = chosen([options.explain])
    found = {finding.id: finding for finding in _findings(options, [options.explain])}
    if options.json:
        explained = [(one, found.get(one.id)) for one in checks]
        sys.stdout.buffer.write(explanations_json(explained))
    else:
        print_text("\n".join(explanation(one, found.get(one.id)) for one in checks))
    return ExitCode.DONE


def _list(options: argparse.Namespace) -> int:
    checks = chosen(options.only)
    if options.json:
        sys.stdout.buffer.write(list_json(checks))
    else:
        print_text(list_text(checks))
    return ExitCode.DONE


def _findings(options: argparse.Namespace, only: Iterable[str]) -> tuple[Finding, ...]:
    source, target = endpoints_of(options)
    return run_checks(
        source, target, plan=plan_of(options), only=only, directory=directory_of(options).root
    )


def _preview(options: argparse.Namespace, remedies: Sequence[Remedy]) -> int:
    if options.json:
        sys.stdout.buffer.write(preview_json(remedies))
        return ExitCode.DONE
    for remedy in remedies:
        print_text("\n".join([f"{remedy.side}:", *preview(remedy)]))
    if not remedies:
        print_text("There is nothing that lmtui would change.")
    return ExitCode.DONE


def _apply(
    options: argparse.Namespace, remedies: Sequence[Remedy], only: Sequence[str]
) -> tuple[Finding, ...]:
    """Apply, and look again at once: what is printed is how it is now."""
    directory = directory_of(options)
    number = apply_remedies(directory, endpoints_of(options), remedies, tell=_tell)
    if number:
        back = f"lmtui clean --dir {directory.root} puts back what can be."
        final = "it cannot be put back."
        _tell(f"Changed; {back if any(remedy.undo for remedy in remedies) else final}")
    if sides := {remedy.side for remedy in remedies if remedy.kind == RESTART}:
        _after_restart([end for end in endpoints_of(options) if end.side in sides])
    return _findings(options, only)


def _after_restart(endpoints: Sequence[Endpoint]) -> None:
    """Where somebody is there to restart the servers, wait for that."""
    names = " and the ".join(endpoint.side for endpoint in endpoints)
    _tell(f"What was set is in force once the {names} was restarted.")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        _tell("Restart it, then check again.")
        return
    before = {endpoint.side: started(endpoint) for endpoint in endpoints}
    _tell("Restart it now: it is looked at again by itself when it is back. Ctrl-C does not wait.")
    try:
        await_restart(endpoints, before)
    except KeyboardInterrupt:
        _tell("Not waited for; check again after the restart.")


def _colour() -> bool:
    """Whether colour is wanted (no-color.org) and can be shown."""
    shown = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return shown and not os.environ.get("NO_COLOR")


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def print_text(text: str) -> None:
    """Write to stdout."""
    whole = text if text.endswith("\n") else f"{text}\n"
    encoding = sys.stdout.encoding or "utf-8"
    try:
        whole.encode(encoding)
    except UnicodeEncodeError:
        # A terminal that is not in UTF-8.
        whole = whole.replace("✗", "x").replace("✓", "+")
        whole = whole.encode(encoding, "replace").decode(encoding)
    sys.stdout.write(whole)
    sys.stdout.flush()
