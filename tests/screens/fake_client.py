"""A client that plays a told story instead of talking to a supervisor."""

from collections.abc import Callable

from lmtui.control import AnyRequest, Reply
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError
from lmtui.events import Finding
from lmtui.plan import Plan
from lmtui.state import State


class FakeClient:
    """Implements `lmtui.client.Client`: what it is told to show, and what it was asked for."""

    def __init__(
        self,
        state: State | None = None,
        *,
        alive: bool | None = None,
        findings: tuple[Finding, ...] | LmtuiError = (),
        after_start: State | LmtuiError | None = None,
        reply: Callable[[AnyRequest], Reply] | LmtuiError | None = None,
    ) -> None:
        self.state = state or State()
        self.is_alive = self.state.worker_pid != 0 if alive is None else alive
        self.findings = findings
        self.after_start = after_start
        self.reply = reply
        self.requests: list[AnyRequest] = []
        self.checked: list[tuple[Endpoint, Endpoint, str]] = []
        self.started: list[tuple[Endpoint, Endpoint, Plan]] = []

    def poll(self) -> State:
        return self.state

    def alive(self) -> bool:
        return self.is_alive

    def request(self, request: AnyRequest) -> Reply:
        self.requests.append(request)
        if isinstance(self.reply, LmtuiError):
            raise self.reply
        return self.reply(request) if self.reply else Reply(ok=True)

    def check(self, source: Endpoint, target: Endpoint, plugin: str) -> tuple[Finding, ...]:
        self.checked.append((source, target, plugin))
        if isinstance(self.findings, LmtuiError):
            raise self.findings
        return self.findings

    def start(self, source: Endpoint, target: Endpoint, plan: Plan) -> None:
        if isinstance(self.after_start, LmtuiError):
            raise self.after_start
        self.started.append((source, target, plan))
        if self.after_start is not None:
            self.state, self.is_alive = self.after_start, True
