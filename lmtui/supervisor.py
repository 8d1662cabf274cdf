"""The supervisor: the one process that works on a migration, detached from every terminal.

It holds the lock, answers on the control socket, and runs the phases. It ends when the migration is
complete, was stopped, or cannot go on; the journal says which.
"""

import errno
import os
import signal
import socketserver
import sys
import threading
import traceback
from collections.abc import Mapping

import msgspec

from lmtui.control import (
    AnyRequest,
    CancelCutover,
    Cutover,
    GoOn,
    LiftFence,
    Ping,
    Rehearse,
    Repair,
    Reply,
    Resync,
    Stop,
    Verify,
)
from lmtui.cutover.asked import refuse_unconfirmed, take_cutover, take_lifting
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import BlockedError, ExitCode, LmtuiError
from lmtui.events import CutoverGivenUp, Problem, StatusChanged, WorkerStarted, WorkerStopped
from lmtui.fenced import behind_fence
from lmtui.hooks import Hook
from lmtui.journal import Journal
from lmtui.ledger import Ledger
from lmtui.migration.context import Context, StoppedError, problem_of
from lmtui.migration.resyncs import tables_of
from lmtui.migration.run import plan_migration, run
from lmtui.migration.verifier import Verifier
from lmtui.phases import Phase, Status
from lmtui.plan import Plan
from lmtui.report_files import write_report
from lmtui.workdir import Lock, WorkDirectory

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)

_requests: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


def supervise(directory: WorkDirectory, environment: Mapping[str, str]) -> int:
    """Run the migration in `directory` to its end; returns the exit code.

    Raises LmtuiError where it cannot even begin.
    """
    source = Endpoint.parse("source", environment.get(SOURCE_VARIABLE, ""))
    target = Endpoint.parse("target", environment.get(TARGET_VARIABLE, ""))
    directory.create()
    lock = Lock(directory)
    journal = Journal(directory)
    context = Context(
        directory=directory,
        source=source,
        target=target,
        plan=Plan.load(directory),
        journal=journal,
        ledger=Ledger(directory),
    )
    context.hook = Hook(context.plan.hook, directory.root)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: context.stopping.set())
    try:
        plan_migration(context)
        context.tell(WorkerStarted(pid=os.getpid()))
        if context.state.status in (
            Status.FAILED, Status.STOPPED, Status.STOPPING, Status.WAITING,
        ):  # fmt: skip
            context.tell(StatusChanged(status=Status.RUNNING))
        server = _serve(context)
        try:
            return _work(context)
        finally:
            server.shutdown()
            server.server_close()
            directory.control_socket.unlink(missing_ok=True)
    finally:
        journal.close()
        lock.release()


def _work(context: Context) -> int:
    try:
        run(context)
    except StoppedError:
        _tell(context, Status.STOPPED, None)
        code = ExitCode.DONE
    except BlockedError as error:
        _tell(context, Status.WAITING, problem_of(error))
        code = ExitCode.BLOCKED
    except LmtuiError as error:
        _tell(context, Status.FAILED, problem_of(error))
        code = ExitCode.FAILED
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        _tell(context, Status.FAILED, _own_failure(context, error))
        code = ExitCode.FAILED
    else:
        code = ExitCode.DONE if context.state.proven else ExitCode.NOT_PROVEN
    context.tell(WorkerStopped())
    try:
        write_report(context.directory)
    except OSError as error:
        print(f"The report could not be written: {error}", file=sys.stderr)  # noqa: T201
    return code


def _tell(context: Context, status: Status, problem: Problem | None) -> None:
    problem = behind_fence(context.state, problem)
    context.tell(StatusChanged(status=status, problem=problem))


def _own_failure(context: Context, error: Exception) -> Problem:
    if isinstance(error, OSError) and error.errno in _DISK:
        return Problem(
            title=f"The work directory {context.directory.root} cannot be written",
            detail=str(error),
            hint="Nothing was lost. Make room there, or mend what the words say; then resume.",
        )
    return Problem(
        title="lmtui itself failed",
        detail=f"{type(error).__name__}: {error}",
        hint=f"{context.directory.logs / 'supervisor.log'} has the details; "
        "nothing was lost, lmtui resume tries again.",
    )


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, context: Context) -> None:
        path = context.directory.control_socket
        path.unlink(missing_ok=True)
        self.context = context
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Handler)
        finally:
            os.umask(before)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one request."""
        try:
            request = _requests.decode(self.rfile.readline())
        except msgspec.DecodeError as error:
            reply = Reply(ok=False, title="The request cannot be read", detail=str(error))
        else:
            try:
                reply = answer(self.server.context, request)
            except LmtuiError as error:
                reply = Reply(ok=False, title=error.title, detail=error.detail, hint=error.hint)
        self.wfile.write(msgspec.json.encode(reply) + b"\n")


def _serve(context: Context) -> _Server:
    server = _Server(context)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="control", daemon=True
    ).start()
    return server


def answer(context: Context, request: AnyRequest) -> Reply:
    """Take a request; its effect is seen as an event. Raises LmtuiError where it is refused."""
    match request:
        case Ping():
            return Reply(ok=True)
        case Stop():
            context.tell(StatusChanged(status=Status.STOPPING))
            context.stopping.set()
            return Reply(ok=True)
        case GoOn():
            context.plan = Plan.load(context.directory)
            context.go_on.set()
            return Reply(ok=True)
        case LiftFence() if context.state.phase is not Phase.CUT_OVER:
            return take_lifting(context)
        case CancelCutover() | LiftFence():
            if context.cutover is not None:
                context.cutover = None
                context.tell(CutoverGivenUp(reason="It was cancelled before it began"))
                return Reply(ok=True)
            if context.state.phase is not Phase.CUT_OVER:
                raise BlockedError(
                    "There is no cutover that could be cancelled",
                    detail=f"The migration is in the phase {context.state.phase}.",
                )
            context.cutover_cancelled.set()
            return Reply(ok=True)
        case Verify():
            _verifier(context).verify()
            return Reply(ok=True)
        case Rehearse():
            _verifier(context).rehearse()
            return Reply(ok=True)
        case Repair():
            verifier = _verifier(context)
            refuse_unconfirmed(context, request.confirm, "repair")
            schema, _, table = request.table.rpartition(".")
            verifier.repair((schema or "public", table))
            return Reply(ok=True)
        case Resync():
            if context.state.phase not in (Phase.CATCH_UP, Phase.REPLICATE):
                raise BlockedError(
                    "Tables cannot be copied anew now",
                    detail=f"The migration is in the phase {context.state.phase}.",
                    hint="That is possible while replay runs.",
                )
            context.resyncs.put((tables_of(context, request.tables), request.reason))
            return Reply(ok=True)
        case Cutover():
            return take_cutover(context, request)


def _verifier(context: Context) -> Verifier:
    if context.verifier is None and context.state.sync.under_way:
        raise BlockedError(
            "Both sides cannot be compared now",
            detail="Tables are copied anew, and are not whole until then.",
            hint="lmtui status says how far that is.",
        )
    if context.verifier is None:
        raise BlockedError(
            "Both sides cannot be compared now",
            detail=f"The migration is in the phase {context.state.phase}.",
            hint="That is possible while replay runs.",
        )
    return context.verifier
