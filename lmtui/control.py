"""What a front may ask of the supervisor, and its answers: one line of JSON each way."""

import getpass
import os
import socket

import msgspec


def operator() -> str:
    """Who runs this process, and where."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = f"user {os.getuid()}"
    return f"{name} on {socket.gethostname()}"


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="ask", tag=True):
    """The base of all requests. The effect of a request is seen as an event."""


class Cutover(Request, frozen=True, kw_only=True):
    """Cut over now. `confirm` must be the name of the source database.

    `waive` are codes of blockers that the operator takes upon himself; `sequence_margin` sets the
    target's sequences that many values further; `copy_passwords` is the consent to copy the SCRAM
    verifiers of roles; `keep_source_ready` says after it what going back takes; `by` is who asks.
    Where the end is not proven, `accept_unproven` takes it all the same; else replay goes on, and
    `keep_fence` keeps the source read-only meanwhile.
    """

    confirm: str
    fence: str = "readonly"
    timeout_seconds: int = 300
    dry_run: bool = False
    waive: tuple[str, ...] = ()
    sequence_margin: int = 0
    copy_passwords: bool = False
    keep_source_ready: bool = False
    accept_unproven: bool = False
    keep_fence: bool = False
    by: str = msgspec.field(default_factory=operator)


class CancelCutover(Request, frozen=True, kw_only=True):
    """Give the cutover up and lift the fence, as long as the drain is not proven."""


class LiftFence(Request, frozen=True, kw_only=True):
    """Make the source writable again, whose fence was kept when a cutover went back to replay."""


class Verify(Request, frozen=True, kw_only=True):
    """Compare now, as of a common point, all that has changed since it was compared."""


class Rehearse(Request, frozen=True, kw_only=True):
    """Do all of a cutover but the fence and the finish, and time it."""


class Repair(Request, frozen=True, kw_only=True):
    """Copy the rows of a table (schema.name) that differ from the source to the target.

    `confirm` must be the name of the source database.
    """

    table: str
    confirm: str


class Resync(Request, frozen=True, kw_only=True):
    """Copy these tables anew while replay goes on for the others; a hypertable as a whole.

    `reason` is why, in words that follow the tables' names.
    """

    tables: tuple[tuple[str, str], ...]
    reason: str = "by the operator's request"


class Stop(Request, frozen=True, kw_only=True):
    """Stop in order; to be gone on with by `resume`."""


class GoOn(Request, frozen=True, kw_only=True):
    """Copy, where the supervisor only holds the snapshot so far; the plan is read again."""


class Ping(Request, frozen=True, kw_only=True):
    """Answer whether the supervisor is alive."""


AnyRequest = (
    Cutover | CancelCutover | LiftFence | Verify | Rehearse | Repair | Resync | Stop | GoOn | Ping
)


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """`ok`, or the reason why not in three parts; `lines` is what a dry run prints."""

    ok: bool
    title: str = ""
    detail: str = ""
    hint: str = ""
    lines: tuple[str, ...] = ()
