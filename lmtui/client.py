"""What a front (wizard, command line, test) can do with a migration."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from lmtui.control import AnyRequest, LiftFence, Ping, Reply
from lmtui.endpoint import SOURCE_VARIABLE, TARGET_VARIABLE, Endpoint
from lmtui.errors import BlockedError, LmtuiError, NoMigrationError
from lmtui.events import Finding, Record
from lmtui.journal import Reader
from lmtui.ledger import Entry, Ledger
from lmtui.plan import Plan
from lmtui.refused import Refused
from lmtui.remedies.remedy import Remedy
from lmtui.same_servers import refuse_other_servers
from lmtui.sample import TableCopy
from lmtui.state import State
from lmtui.workdir import WorkDirectory

if TYPE_CHECKING:
    from lmtui.hypertables.wanted import Candidate
    from lmtui.look import Seen

START_SECONDS = 15.0
REPLY_SECONDS = 30.0

_replies = msgspec.json.Decoder(Reply)


class Client(Protocol):
    """The one way from a front to the engine. All calls block: call them off the screen's loop."""

    def poll(self) -> State:
        """Read what is new; the very same object when nothing is."""
        ...

    def alive(self) -> bool:
        """Whether a supervisor works on the migration."""
        ...

    def request(self, request: AnyRequest) -> Reply:
        """Ask the supervisor. Raises NoMigrationError where none answers."""
        ...

    def look(self, endpoint: Endpoint) -> "Seen":
        """Look at one server, read-only. Raises LmtuiError where it cannot be reached."""
        ...

    def check(self, source: Endpoint, target: Endpoint, plan: Plan) -> tuple[Finding, ...]:
        """Run preflight, read-only. Raises LmtuiError where a server cannot be reached."""
        ...

    def candidates(self, source: Endpoint, version: str) -> "tuple[Candidate, ...]":
        """The source's tables that could become hypertables, the largest first; read-only.

        `version` is the target's TimescaleDB. Raises LmtuiError where the source cannot be read.
        """
        ...

    def mend(
        self,
        source: Endpoint,
        target: Endpoint,
        remedies: Sequence[Remedy],
        tell: Callable[[str], None],
    ) -> int:
        """Apply remedies in order; returns how many. `tell` hears each statement.

        Raises ServerError at the first that a server refuses: those before it are applied.
        """
        ...

    def unmend(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        """Put back what `mend` changed before a migration was begun here; returns what was done."""
        ...

    def start(self, source: Endpoint, target: Endpoint, plan: Plan) -> None:
        """Start, or resume, the detached supervisor."""
        ...

    def records(self) -> Sequence[Record]:
        """The whole journal, as far as `poll` has read it."""
        ...

    def tables(self) -> Sequence[TableCopy]:
        """Every table of the initial copy, as pgcopydb's catalog in the work directory has it."""
        ...

    def changes(self) -> Sequence[Entry]:
        """What lmtui changed and has not yet put back, the latest first."""
        ...

    def free_bytes(self) -> int:
        """Free disk where the work directory is, or will be."""
        ...

    def skip(self, change: str) -> Refused:
        """Let the change of this name be passed over once the migration goes on.

        Raises UsageError or BlockedError, before anything is touched, where replay does not stand
        at it.
        """
        ...

    def unfence(self, source: Endpoint, target: Endpoint) -> None:
        """Make a source writable again behind which a cutover has stopped or gone back.

        Where no supervisor works, a resume goes on with the replay. Raises BlockedError where there
        is no fence, or where it must stay.
        """
        ...

    def clean(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        """Put back every change on both sides; returns what was done.

        Raises UsageError where these are not the migration's servers, AlreadyRunningError while a
        supervisor works on it.
        """
        ...


class DetachedClient:
    """A client of the supervisor in a work directory."""

    def __init__(self, directory: WorkDirectory) -> None:
        self.directory = directory
        self._reader = Reader(directory)

    def poll(self) -> State:
        """Read what is new; the very same object when nothing is."""
        return self._reader.poll()

    @property
    def seen(self) -> int:
        """The number of the last record that `poll` has read."""
        return self._reader.state.seq

    def alive(self) -> bool:
        """Whether a supervisor holds the lock."""
        return self.directory.worker_alive()

    def request(self, request: AnyRequest) -> Reply:
        """Ask the supervisor over its control socket."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(REPLY_SECONDS)
                connection.connect(str(self.directory.control_socket))
                connection.sendall(msgspec.json.encode(request) + b"\n")
                with connection.makefile("rb") as answer:
                    return _replies.decode(answer.readline())
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoMigrationError(
                f"No migration runs in {self.directory.root}",
                hint="lmtui status shows where it stands; lmtui resume goes on with it.",
            ) from error
        except (TimeoutError, OSError, msgspec.DecodeError) as error:
            raise LmtuiError(
                "The supervisor did not answer",
                detail=str(error),
                hint=f"Its log is {self.directory.logs / 'supervisor.log'}",
            ) from error

    def look(self, endpoint: Endpoint) -> "Seen":
        """Look at one server, read-only."""
        from lmtui.look import look_at

        return look_at(endpoint)

    def check(self, source: Endpoint, target: Endpoint, plan: Plan) -> tuple[Finding, ...]:
        """Run preflight, read-only."""
        from lmtui.checks import run_checks

        return run_checks(source, target, plan=plan, directory=self.directory.root)

    def candidates(self, source: Endpoint, version: str) -> "tuple[Candidate, ...]":
        """The source's tables that could become hypertables, the largest first; read-only."""
        from lmtui.hypertables.candidates import read_candidates

        return read_candidates(source, version)

    def mend(
        self,
        source: Endpoint,
        target: Endpoint,
        remedies: Sequence[Remedy],
        tell: Callable[[str], None],
    ) -> int:
        """Apply remedies in order; returns how many."""
        from lmtui.remedies.apply import apply_remedies

        return apply_remedies(self.directory, (source, target), remedies, tell=tell)

    def unmend(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        """Put back what `mend` changed before a migration was begun here; returns what was done."""
        from lmtui.clean import clean_remedies

        return clean_remedies(self.directory, source, target)

    def start(self, source: Endpoint, target: Endpoint, plan: Plan) -> None:
        """Spawn the supervisor in a session of its own and wait until it answers.

        The connection strings go through the environment. Raises LmtuiError with the
        supervisor's last words where it ends before it answers.
        """
        self.directory.create()
        plan.save(self.directory)
        log = self.directory.logs / "supervisor.log"
        with log.open("ab") as output:
            beginning = output.tell()
            child = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "lmtui", "supervise", "--dir", str(self.directory.root)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={
                    **os.environ,
                    SOURCE_VARIABLE: source.uri(),
                    TARGET_VARIABLE: target.uri(),
                },
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                words = log.read_bytes()[beginning:].decode(errors="replace").strip()
                raise LmtuiError("The supervisor did not start", detail=words)
            try:
                if self.request(Ping()).ok:
                    return
            except NoMigrationError:
                time.sleep(0.05)
        raise LmtuiError("The supervisor did not answer in time", hint=f"Its log is {log}")

    def records(self) -> Sequence[Record]:
        """The whole journal, as far as `poll` has read it."""
        return self._reader.records

    def tables(self) -> Sequence[TableCopy]:
        """Every table of the initial copy, as pgcopydb's catalog in the work directory has it."""
        from lmtui.pgcopydb.progress import read_copy
        from lmtui.replay.facts import CatalogFacts
        from lmtui.tablesync.units import hypertables_of

        if not self.directory.catalog.exists():
            return ()
        facts = CatalogFacts.load(self.directory)
        known = frozenset((table.schema, table.name) for table in facts.tables)
        state = read_copy(self.directory.pgcopydb, known)
        roots = hypertables_of(facts)
        return tuple(
            msgspec.structs.replace(table, hypertable=".".join(roots[name]))
            if (name := (table.schema, table.name)) in roots
            else table
            for table in (state.tables if state is not None else ())
        )

    def changes(self) -> Sequence[Entry]:
        """What lmtui changed and has not yet put back, the latest first."""
        return Ledger(self.directory).open_entries()

    def free_bytes(self) -> int:
        """Free disk where the work directory is, or will be."""
        path = self.directory.root
        while not path.exists() and path != path.parent:
            path = path.parent
        return shutil.disk_usage(path).free

    def skip(self, change: str) -> Refused:
        """Let the change of this name be passed over once the migration goes on."""
        from lmtui.skips import allow_skip

        return allow_skip(self.directory, change)

    def unfence(self, source: Endpoint, target: Endpoint) -> None:
        """Make a source writable again behind which a cutover has stopped or gone back."""
        from lmtui.unfence import unfence

        refuse_other_servers(self._reader.state.endpoints, source, target)
        if self.alive():
            reply = self.request(LiftFence())
            if not reply.ok:
                raise BlockedError(reply.title, reply.detail, reply.hint)
        else:
            unfence(self.directory, source)

    def clean(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        """Put back every change on both sides; returns what was done."""
        from lmtui.clean import clean

        refuse_other_servers(self._reader.state.endpoints, source, target)
        return clean(self.directory, source, target)
