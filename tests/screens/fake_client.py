"""A client that plays a told story instead of talking to a supervisor."""

from collections.abc import Callable, Mapping, Sequence

from servers import SERVERS

from lmtui.control import AnyRequest, Reply
from lmtui.endpoint import Endpoint
from lmtui.errors import UsageError
from lmtui.events import Finding, Record
from lmtui.hypertables.wanted import Candidate
from lmtui.ledger import Entry
from lmtui.look import Seen
from lmtui.plan import Plan
from lmtui.refused import Refused
from lmtui.remedies.remedy import Remedy
from lmtui.sample import TableCopy
from lmtui.skips import stands_at
from lmtui.state import State


class FakeClient:
    """Implements `lmtui.client.Client`: what it is told to show, and what it was asked for."""

    def __init__(
        self,
        state: State | None = None,
        *,
        alive: bool | None = None,
        findings: tuple[Finding, ...] | Exception = (),
        after_start: State | Exception | None = None,
        reply: Callable[[AnyRequest], Reply] | Exception | None = None,
        all_tables: Sequence[TableCopy] | Exception = (),
        changed: Sequence[Entry] | Exception = (),
        after_clean: State | Exception | None = None,
        servers: Mapping[str, Seen] | Exception = SERVERS,
        after_mend: tuple[Finding, ...] | Exception | None = None,
        candidates: tuple[Candidate, ...] | Exception = (),
    ) -> None:
        self.servers = servers
        self.after_mend = after_mend
        self.tables_to_divide = candidates
        self.read: list[tuple[Endpoint, str]] = []
        self.state = state or State()
        self.is_alive = self.state.worker_pid != 0 if alive is None else alive
        self.findings = findings
        self.after_start = after_start
        self.reply = reply
        self.all_tables = all_tables
        self.changed = changed
        self.after_clean = after_clean
        self.skipped: list[str] = []
        self.cleaned: list[tuple[Endpoint, Endpoint]] = []
        self.unfenced: list[Endpoint] = []
        self.requests: list[AnyRequest] = []
        self.checked: list[tuple[Endpoint, Endpoint, Plan]] = []
        self.mended: list[tuple[Remedy, ...]] = []
        self.started: list[tuple[Endpoint, Endpoint, Plan]] = []

    def poll(self) -> State:
        return self.state

    def alive(self) -> bool:
        return self.is_alive

    def request(self, request: AnyRequest) -> Reply:
        self.requests.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply(request) if self.reply else Reply(ok=True)

    def look(self, endpoint: Endpoint) -> Seen:
        if isinstance(self.servers, Exception):
            raise self.servers
        return self.servers[endpoint.side]

    def mend(
        self,
        source: Endpoint,
        target: Endpoint,
        remedies: Sequence[Remedy],
        tell: Callable[[str], None],
    ) -> int:
        for remedy in remedies:
            for statement in remedy.statements:
                tell(statement)
        if isinstance(self.after_mend, Exception):
            raise self.after_mend
        self.mended.append(tuple(remedies))
        if self.after_mend is not None:
            self.findings = self.after_mend
        return len(remedies)

    def unmend(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        assert not isinstance(self.changed, Exception)
        done = tuple(f"{entry.side}: {entry.what}, put back" for entry in self.changed)
        self.changed = ()
        return done

    def check(self, source: Endpoint, target: Endpoint, plan: Plan) -> tuple[Finding, ...]:
        self.checked.append((source, target, plan))
        if isinstance(self.findings, Exception):
            raise self.findings
        return self.findings

    def candidates(self, source: Endpoint, version: str) -> tuple[Candidate, ...]:
        self.read.append((source, version))
        if isinstance(self.tables_to_divide, Exception):
            raise self.tables_to_divide
        return self.tables_to_divide

    def start(self, source: Endpoint, target: Endpoint, plan: Plan) -> None:
        if isinstance(self.after_start, Exception):
            raise self.after_start
        self.started.append((source, target, plan))
        if self.after_start is not None:
            self.state, self.is_alive = self.after_start, True

    def records(self) -> Sequence[Record]:
        return self.state.recent

    def tables(self) -> Sequence[TableCopy]:
        if isinstance(self.all_tables, Exception):
            raise self.all_tables
        return self.all_tables

    def changes(self) -> Sequence[Entry]:
        if isinstance(self.changed, Exception):
            raise self.changed
        return self.changed

    def free_bytes(self) -> int:
        return 180 * 1024**3

    def skip(self, change: str) -> Refused:
        refused = stands_at(self.state)
        if change != refused.change:
            raise UsageError(f"Replay does not stand at {change}")
        self.skipped.append(change)
        return refused

    def unfence(self, source: Endpoint, target: Endpoint) -> None:
        if isinstance(self.reply, Exception):
            raise self.reply
        self.unfenced.append(source)

    def clean(self, source: Endpoint, target: Endpoint) -> tuple[str, ...]:
        if isinstance(self.after_clean, Exception):
            raise self.after_clean
        self.cleaned.append((source, target))
        if self.after_clean is not None:
            self.state = self.after_clean
        return self.state.removed
