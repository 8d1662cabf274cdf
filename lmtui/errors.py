"""The one exception hierarchy: what failed, why, and what to do next."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lmtui.refused import Refused


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BLOCKED = 3
    NOT_FOUND = 4
    ALREADY_RUNNING = 5
    NOT_PROVEN = 6
    INTERRUPTED = 130


class LmtuiError(Exception):
    """A failure that can be said to an operator.

    `title` says what failed, `detail` why (the server's own words where there are any),
    `hint` what to do next. `refused` is the change that replay stands at, where it is one.
    """

    exit_code = ExitCode.FAILED
    refused: "Refused | None" = None

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.detail, self.hint) if part)


class UsageError(LmtuiError):
    """The call or its input is wrong; nothing was touched."""

    exit_code = ExitCode.USAGE


class BlockedError(LmtuiError):
    """A check stands in the way, or the operator is awaited."""

    exit_code = ExitCode.BLOCKED


class NoMigrationError(LmtuiError):
    """There is no migration in this work directory."""

    exit_code = ExitCode.NOT_FOUND


class AlreadyRunningError(LmtuiError):
    """Another process works on this migration."""

    exit_code = ExitCode.ALREADY_RUNNING


class ConnectionFailedError(LmtuiError):
    """A server could not be reached, or refused us; nothing was touched."""

    exit_code = ExitCode.BLOCKED


class ServerError(LmtuiError):
    """A server refused a statement; `sqlstate` is its code."""

    def __init__(self, title: str, detail: str = "", hint: str = "", sqlstate: str = "") -> None:
        super().__init__(title, detail, hint)
        self.sqlstate = sqlstate


class SnapshotLostError(LmtuiError):
    """The exported snapshot is gone before the initial copy ended."""


class SpoolLostError(LmtuiError):
    """The spool lacks changes that were confirmed to the source."""


class ReplayStoppedError(LmtuiError):
    """A change could not be applied; nothing after it was."""

    def __init__(
        self, title: str, detail: str = "", hint: str = "", refused: "Refused | None" = None
    ) -> None:
        super().__init__(title, detail, hint)
        self.refused = refused


class UndecodableError(LmtuiError):
    """A message of the replication stream cannot be read; nothing was taken from it."""


class CutoverError(LmtuiError):
    """The cutover was given up; the source is as it was before."""
