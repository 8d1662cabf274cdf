"""Printing a migration as it goes."""

import time
from collections.abc import Callable

from lmtui.cli.check import print_text
from lmtui.client import DetachedClient
from lmtui.errors import ExitCode, LmtuiError
from lmtui.narration import event_line, progress_line
from lmtui.phases import Status
from lmtui.state import State

PROGRESS_SECONDS = 10.0
FIRST_PROGRESS_SECONDS = 2.0
POLL_SECONDS = 0.1


class Follower:
    """Prints what is new since the last look: events at once, progress now and then."""

    def __init__(self, seen: int) -> None:
        self._seen = seen
        self._progress_at = time.monotonic() - PROGRESS_SECONDS + FIRST_PROGRESS_SECONDS

    def show(self, state: State) -> None:
        """Print what is new."""
        for record in state.recent:
            if record.seq > self._seen:
                self._seen = record.seq
                if line := event_line(record.event):
                    print_text(f"{record.at:%Y-%m-%dT%H:%M:%S} {line}")
        if time.monotonic() - self._progress_at >= PROGRESS_SECONDS and state.sample is not None:
            self._progress_at = time.monotonic()
            if line := progress_line(state):
                print_text(f"{state.sample.at:%Y-%m-%dT%H:%M:%S} {line}")


def follow(
    client: DetachedClient,
    follower: Follower,
    *,
    until: Callable[[State], bool],
    meanwhile: Callable[[State], None],
) -> State:
    """Print the migration until its supervisor ends or `until` holds; returns the state then.

    `meanwhile` is called between two looks and waits a moment. Raises LmtuiError where the
    supervisor was ended from outside.
    """
    while True:
        alive = client.alive()
        state = client.poll()
        follower.show(state)
        if until(state):
            return state
        if not alive:
            if state.worker_pid:
                raise LmtuiError(
                    "The supervisor has ended without a word",
                    hint=f"See {client.directory.logs / 'supervisor.log'}; "
                    "lmtui resume goes on; nothing was lost.",
                )
            return state
        meanwhile(state)


def pause(_state: State) -> None:
    """Wait a moment."""
    time.sleep(POLL_SECONDS)


def never(_state: State) -> bool:
    """Follow to the end."""
    return False


def exit_code(state: State) -> int:
    """The exit code that tells how a migration ended."""
    match state.status:
        case Status.DONE if state.proven is False:
            return ExitCode.NOT_PROVEN
        case Status.DONE | Status.STOPPED:
            return ExitCode.DONE
        case Status.WAITING:
            return ExitCode.BLOCKED
        case _:
            return ExitCode.FAILED
