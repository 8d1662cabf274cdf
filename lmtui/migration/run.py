"""The phases of a migration in order, from wherever its journal says it is."""

import secrets

from msgspec.structs import replace

from lmtui import __version__
from lmtui.checks import blocking, brief, choose_plugin, run_checks
from lmtui.control import Cutover
from lmtui.cutover.back import give_up, is_over, unfence
from lmtui.cutover.run import conclude, cut_over, go_on
from lmtui.database import connect
from lmtui.drift import read_baselines
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, CutoverError, SnapshotLostError
from lmtui.events import (
    CutoverGivenUp,
    Endpoints,
    FindingsRecorded,
    MigrationPlanned,
    PhaseEntered,
    ReplayStarted,
    StatusChanged,
)
from lmtui.migration.context import Context
from lmtui.migration.copy import InitialCopy
from lmtui.migration.copy_points import why_not_kept
from lmtui.migration.foreign_keys import ForeignKeys
from lmtui.migration.held_target import hold_target
from lmtui.migration.level import level
from lmtui.migration.monitor import Monitor
from lmtui.migration.prepare import keep_baseline, prepare, prepare_again
from lmtui.migration.replication import Replication
from lmtui.migration.resyncs import Resyncs
from lmtui.migration.slot import HeldSnapshot
from lmtui.migration.verifier import Verifier
from lmtui.pgcopydb.process import stop_leftovers
from lmtui.phases import Phase, Status
from lmtui.replay import progress
from lmtui.replay.lsn import parse_lsn

WATCH_SECONDS = 0.1
# A source that restarts while nothing is copied yet is begun with again, but not for ever.
COPY_ATTEMPTS = 5
_REPLAYING = (Phase.CATCH_UP, Phase.REPLICATE)
_FINISHING = (Phase.FINALIZE, Phase.VALIDATE)


def run(context: Context) -> None:
    """Run the migration to its end. Raises LmtuiError where it cannot go on."""
    if context.state.phase in (Phase.COMPLETE, Phase.CLEANED_UP):
        return
    if context.state.phase in (Phase.PLANNING, Phase.PREFLIGHT):
        _preflight(context)
    stop_leftovers(context.state.id)
    if context.state.phase is Phase.VALIDATE and is_over(context.state):
        conclude(context)
        return
    monitor = Monitor(context)
    replication: Replication | None = None
    try:
        if not context.plan.reuse_target and context.state.phase in (
            *_REPLAYING, Phase.CUT_OVER, *_FINISHING
        ):  # fmt: skip
            replication = _attach(context)
        else:
            replication = _copy(context, monitor)
        _replay(context, monitor, replication)
    finally:
        monitor.stop()
        if context.verifier is not None:
            context.verifier.stop()
        if replication is not None:
            replication.stop()


def plan_migration(context: Context) -> None:
    """Write the first event; once more where nothing was begun and the servers are others."""
    planned, given = context.state.endpoints, (context.source.label, context.target.label)
    begun = context.state.phase not in (Phase.PLANNING, Phase.PREFLIGHT)
    if planned is not None and (begun or (planned.source, planned.target) == given):
        return
    number = secrets.token_hex(4)
    source, target = _describe(context.source), _describe(context.target)
    context.tell(
        MigrationPlanned(
            id=number,
            version=__version__,
            endpoints=Endpoints(
                source=context.source.label, target=context.target.label,
                source_database=source[0], target_database=target[0],
                source_version=source[1], target_version=target[1],
                source_timescaledb=source[2], target_timescaledb=target[2],
            ),
            slot=f"lmtui_{number}",
            plugin=context.plan.plugin,
            cutover=context.plan.cutover,
        )
    )  # fmt: skip


def _describe(endpoint: Endpoint) -> tuple[str, str, str]:
    """Database, server version and TimescaleDB version."""
    with connect(endpoint, read_only=True) as connection:
        row = connection.execute(
            "select current_database()::text, current_setting('server_version'), "
            "coalesce((select extversion::text from pg_extension "
            "where extname = 'timescaledb'), '')"
        ).fetchall()[0]
    return row[0], row[1], row[2]


def _preflight(context: Context) -> None:
    context.tell(PhaseEntered(phase=Phase.PREFLIGHT))
    findings = run_checks(
        context.source, context.target, plan=context.plan, directory=context.directory.root
    )
    context.tell(FindingsRecorded(findings=brief(findings)))
    blockers = blocking(findings)
    if blockers:
        raise BlockedError(
            f"Preflight found {len(blockers)} blockers",
            detail="\n".join(f"{one.id}: {one.title}" for one in blockers),
            hint="lmtui check shows each with its remedy; nothing was changed on either side.",
        )


def _copy(context: Context, monitor: Monitor) -> Replication:
    """A complete copy: from where one was broken off, as far as that can be; else from nothing."""
    if context.plan.reuse_target:
        return _copy_once(context, monitor, anew=True)
    resumed = context.state.phase is not Phase.PREFLIGHT
    why = why_not_kept(context) if resumed else "it begins"
    for attempt in range(1, COPY_ATTEMPTS + 1):
        if why and resumed:
            context.note(f"The copy begins from nothing: {why}")
        try:
            return _copy_once(context, monitor, go_on=not why)
        except SnapshotLostError as error:
            if attempt == COPY_ATTEMPTS:
                raise
            resumed, why = True, f"{error.title}; nothing was copied yet"
            context.wait(WATCH_SECONDS)
    raise AssertionError


def _copy_once(
    context: Context, monitor: Monitor, *, go_on: bool = False, anew: bool = False
) -> Replication:
    """Go on with a copy, begin its stream `anew` for what is on the target, or begin it all."""
    held: HeldSnapshot | None = None
    if anew:
        context.tell(PhaseEntered(phase=Phase.PREPARE))
        held, replication = prepare_again(context, context.state.plugin)
        context.plan = replace(context.plan, reuse_target=False)
        context.plan.save(context.directory)
    elif go_on:
        replication = Replication(context, parse_lsn(context.state.sync.points[0].lsn))
        replication.receive()
    else:
        context.tell(PhaseEntered(phase=Phase.PREPARE))
        held, replication = prepare(context, choose_plugin(context.state.findings))
    copy: InitialCopy | None = None
    monitor.start()
    try:
        if held is not None:
            context.tell(PhaseEntered(phase=Phase.SCHEMA))
        context.tell(PhaseEntered(phase=Phase.COPY))
        if held is not None and not anew:
            _await_migrate(context, held, replication)
        # Behind that, since the plan of the copy comes with the command.
        copy = InitialCopy(context, monitor, replication, held, resume=go_on or anew)
        copy.run()
        copy.release()
        hold_target(context)
        level(context, replication.watch)
        keep_baseline(context, context.target)
    except BaseException:
        replication.stop()
        raise
    finally:
        if copy is not None:
            copy.release()
        elif held is not None:
            held.release()
    context.tell(PhaseEntered(phase=Phase.CATCH_UP))
    return replication


def _await_migrate(context: Context, held: HeldSnapshot, replication: Replication) -> None:
    """Where only a snapshot was asked for, hold it until `migrate` comes."""
    if not context.plan.snapshot_only:
        return
    context.tell(StatusChanged(status=Status.WAITING))
    checked = 0
    while not context.go_on.is_set():
        context.wait(WATCH_SECONDS)
        replication.watch()
        checked += 1
        if checked % 100 == 0:
            held.check()
    context.tell(StatusChanged(status=Status.RUNNING))


def _attach(context: Context) -> Replication:
    """Go on with a migration whose copy is complete."""
    with connect(context.target, read_only=True) as connection:
        place = progress.read(connection, context.state.slot)
    replication = Replication(context, place.lsn)
    if context.state.phase in _FINISHING:
        # Also on the way back to replay: nothing is applied before the target is held again.
        replication.end_at(place.marker.removeprefix("drain:"))
    replication.receive()
    return replication


def _replay(context: Context, monitor: Monitor, replication: Replication) -> None:
    """Replay until a cutover has brought the migration to its end."""
    replication.apply()
    context.tell(ReplayStarted())
    if context.state.phase in _FINISHING and go_on(context, replication):
        return
    if context.state.phase is Phase.CUT_OVER:
        give_up(context, replication, CutoverError("The cutover was interrupted"))
    monitor.baselines = read_baselines(context.directory)
    monitor.replaying = True
    monitor.start()
    resyncs, keys = Resyncs(context, replication), ForeignKeys(context)
    try:
        _follow(context, replication, resyncs, keys)
    finally:
        resyncs.stop()
        keys.stop()


def _follow(
    context: Context, replication: Replication, resyncs: Resyncs, keys: ForeignKeys
) -> None:  # fmt: skip
    """Replay, compare ahead and copy anew what is asked for, until a cutover has ended it all."""
    _verify(context, replication)
    last = max(parse_lsn(lsn) for lsn in (*context.state.sync.copied.values(), "0/0"))
    while True:
        context.wait(WATCH_SECONDS)
        replication.watch()
        if context.state.foreign_keys_left and replication.applied_lsn > last:
            keys.begin()
        busy = resyncs.step()
        if busy:
            # Both hold replay at places of their own.
            if context.verifier is not None:
                context.verifier.stop()
                context.verifier = None
            if context.cutover is not None:
                context.cutover = None
                context.tell(CutoverGivenUp(reason="Tables are copied anew just now"))
        elif context.verifier is None:
            _verify(context, replication)
        if context.caught_up and context.state.phase is Phase.CATCH_UP:
            context.tell(PhaseEntered(phase=Phase.REPLICATE))
        if context.unfence.is_set():
            context.unfence.clear()
            unfence(context)
        if not busy and (request := _requested(context)) is not None:
            if context.verifier is not None:
                context.verifier.stop()
                context.verifier = None
            if cut_over(context, replication, request):
                return
            _verify(context, replication)


def _verify(context: Context, replication: Replication) -> None:
    """Compare ahead, until a cutover or the end."""
    context.verifier = Verifier(context, replication)
    context.verifier.start()


def _requested(context: Context) -> Cutover | None:
    """The cutover that was asked for, by an operator or by the plan."""
    request, context.cutover = context.cutover, None
    if request is not None:
        return request
    sample = context.state.sample
    if (
        context.plan.cutover == "when-caught-up"
        and not context.state.cutover.given_up
        and context.caught_up
        and sample is not None
        and sample.readiness.ready
    ):
        return Cutover(
            confirm="", fence=context.plan.fence, timeout_seconds=context.plan.cutover_timeout,
            accept_unproven=context.plan.accept_unproven,
        )  # fmt: skip
    return None
