"""lmtui snapshot, migrate and resume."""

import argparse
import select
import sys
import time

from msgspec.structs import replace

from lmtui.checks import blocking, run_checks
from lmtui.checks.render import render
from lmtui.cli.check import print_text
from lmtui.cli.following import Follower, exit_code, follow, never, pause
from lmtui.cli.place import (
    directory_of,
    endpoints_of,
    existing,
    plan_of,
    providers_of,
    same_endpoints,
)
from lmtui.client import DetachedClient
from lmtui.control import Cutover, GoOn
from lmtui.endpoint import Endpoint
from lmtui.errors import AlreadyRunningError, BlockedError, ExitCode, UsageError
from lmtui.events import Finding
from lmtui.phases import Phase, Status
from lmtui.plan import Plan
from lmtui.state import State

POLL_SECONDS = 0.2


def snapshot(options: argparse.Namespace) -> int:
    """Create the slot and its snapshot, held by a detached supervisor until migrate."""
    client, source, target = _begin(options)
    plan = replace(Plan(plugin=options.plugin, snapshot_only=True), **providers_of(options))
    _refuse_blocked(client, source, target, plan)
    client.start(source, target, plan)
    follower = Follower(client.seen)
    state = follow(
        client, follower, until=lambda now: now.status is Status.WAITING, meanwhile=pause
    )
    if not _holds_snapshot(state):
        return exit_code(state)
    print_text(
        "The snapshot is held in the background. Go on with: lmtui migrate --dir "
        f"{client.directory.root}"
    )
    return ExitCode.DONE


def migrate(options: argparse.Namespace) -> int:
    """Run a migration from the beginning, or from a snapshot that is held."""
    if options.resume:
        return resume(options)
    if options.reuse_target:
        return _reuse_target(options)
    if options.accept_unproven and options.cutover != "when-caught-up":
        raise UsageError(
            "--accept-unproven goes with --cutover when-caught-up",
            hint="Else it is for the cutover itself: lmtui cutover --accept-unproven.",
        )
    directory = directory_of(options)
    plan = replace(
        plan_of(options),
        cutover=options.cutover,
        fence=options.fence,
        hook=tuple(options.hook),
        keep_dropped_chunks=options.keep_dropped_chunks,
        keep_source_ready=options.keep_source_ready,
        accept_unproven=options.accept_unproven,
        max_snapshot_age=options.max_snapshot_age,
    )
    client = DetachedClient(directory)
    if client.alive() and _holds_snapshot(state := client.poll()):
        if plan.hypertables:
            # The preflight of the snapshot knew nothing of them.
            source, target = same_endpoints(options, state)
            _refuse(run_checks(source, target, plan=plan, only=("hypertables",)))
        plan.save(directory)
        _ask(client, GoOn())
    else:
        client, source, target = _begin(options)
        _confirm(options, source, target)
        _refuse_blocked(client, source, target, plan)
        client.start(source, target, plan)
    return _attend(client, options)


def resume(options: argparse.Namespace) -> int:
    """Go on with a migration that stopped or failed."""
    directory, state = existing(options)
    client = DetachedClient(directory)
    if client.alive():
        raise AlreadyRunningError(
            f"The migration in {directory.root} runs already", hint="lmtui status shows it."
        )
    if state.phase in (Phase.COMPLETE, Phase.CLEANED_UP):
        raise BlockedError(
            "There is nothing to resume", detail=f"The migration is {state.phase.value}."
        )
    source, target = same_endpoints(options, state)
    client.poll()
    client.start(source, target, Plan.load(directory))
    return _attend(client, options)


def _reuse_target(options: argparse.Namespace) -> int:
    """Begin a stream that was lost anew, and keep what of the target is equal."""
    directory, state = existing(options)
    client = DetachedClient(directory)
    if client.alive():
        raise AlreadyRunningError(
            f"The migration in {directory.root} runs", hint="lmtui stop stops it."
        )
    if state.phase not in (Phase.COPY, Phase.CATCH_UP, Phase.REPLICATE):
        raise BlockedError(
            "The stream cannot be begun anew",
            detail=f"The migration is in the phase {state.phase.value}.",
            hint="That is possible from the initial copy on until the cutover.",
        )
    source, target = same_endpoints(options, state)
    client.poll()
    client.start(source, target, replace(Plan.load(directory), reuse_target=True))
    return _attend(client, options)


def _begin(options: argparse.Namespace) -> tuple[DetachedClient, Endpoint, Endpoint]:
    """A client of a directory that holds no migration yet. Nothing is touched before."""
    directory = directory_of(options)
    client = DetachedClient(directory)
    if client.alive():
        raise AlreadyRunningError(
            f"A migration already runs in {directory.root}",
            hint="lmtui status shows it; lmtui opens it; another one needs another --dir.",
        )
    state = client.poll()
    if state.exists and state.phase not in (Phase.PLANNING, Phase.PREFLIGHT):
        on = "" if state.phase is Phase.CLEANED_UP else "To go on: lmtui migrate --resume. "
        raise AlreadyRunningError(
            f"There is a migration in {directory.root}, in the phase {state.phase.value}",
            hint=f"{on}To start a new one: lmtui clean --prune first.",
        )
    source, target = endpoints_of(options)
    return client, source, target


def _confirm(options: argparse.Namespace, source: Endpoint, target: Endpoint) -> None:
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("Without a terminal the migration needs --yes to begin")
    print_text(f"From {source.label}\nto   {target.label}")
    sys.stdout.write("Begin? [y/N] ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise BlockedError("Not begun; nothing was touched")


def _refuse_blocked(client: DetachedClient, source: Endpoint, target: Endpoint, plan: Plan) -> None:
    _refuse(client.check(source, target, plan))


def _refuse(findings: tuple[Finding, ...]) -> None:
    if blockers := blocking(findings):
        raise BlockedError(
            f"Preflight found {len(blockers)} blocker{'s' if len(blockers) > 1 else ''}; "
            "nothing was touched",
            detail=render(blockers),
            hint="lmtui check shows all findings.",
        )


def _holds_snapshot(state: State) -> bool:
    return state.phase is Phase.COPY and state.status is Status.WAITING


def _ask(client: DetachedClient, request: GoOn | Cutover) -> None:
    reply = client.request(request)
    if not reply.ok:
        raise BlockedError(reply.title, reply.detail, reply.hint)


def _attend(client: DetachedClient, options: argparse.Namespace) -> int:
    if options.detach:
        print_text("The migration runs in the background; lmtui status shows it.")
        return ExitCode.DONE
    try:
        state = follow(
            client,
            Follower(client.seen),
            until=never,
            meanwhile=lambda now: _listen(client, now),
        )
        return exit_code(state)
    except KeyboardInterrupt:
        print_text(
            f"\nThe migration keeps running. lmtui status --dir {client.directory.root} shows it, "
            "lmtui stop stops it."
        )
        return ExitCode.INTERRUPTED


def _listen(client: DetachedClient, state: State) -> None:
    """Wait a moment, for `c` and ENTER too, where there is a terminal."""
    if not sys.stdin.isatty():
        time.sleep(POLL_SECONDS)
        return
    ready, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
    if ready and sys.stdin.readline().strip().lower() == "c":
        name = state.endpoints.source_database if state.endpoints else ""
        sys.stdout.write(f"Type {name} to cut over now: ")
        sys.stdout.flush()
        try:
            _ask(client, Cutover(confirm=sys.stdin.readline().strip()))
        except BlockedError as error:
            print_text(str(error))
