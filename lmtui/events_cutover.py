"""What happens in a cutover, as facts in the past tense."""

from lmtui.event import Event


class CutoverRequested(Event, frozen=True, kw_only=True):
    """The operator, or `--cutover when-caught-up`, asked for the cutover.

    Where its end is not proven: with `accept_unproven` the migration ends all the same, else
    replay goes on, and with `keep_fence` the source stays read-only meanwhile.
    """

    fence: str
    timeout_seconds: int
    waived: tuple[str, ...] = ()
    sequence_margin: int = 0
    by: str = ""
    keep_source_ready: bool = False
    accept_unproven: bool = False
    keep_fence: bool = False


class CutoverStep(Event, frozen=True, kw_only=True):
    """A step of the cutover. `status` is running, done or failed."""

    step: str
    status: str
    detail: str = ""
    seconds: float = 0.0


class CutoverGivenUp(Event, frozen=True, kw_only=True):
    """The cutover was cancelled, or failed, and the fence was lifted."""

    reason: str


class CutoverTakenBack(Event, frozen=True, kw_only=True):
    """The operator wants no end of this cutover: the fence is to be lifted, replay to go on."""

    by: str


class FenceLifted(Event, frozen=True, kw_only=True):
    """The source takes writes again, `seconds` after the fence was raised."""

    seconds: float


class CutoverGivenBack(Event, frozen=True, kw_only=True):
    """The cutover has not come to a proven end, and replay goes on behind its drain.

    `reasons` say why, `ways` are what to do next. The slot stays, and so does the fence where
    `fence_kept`.
    """

    reasons: tuple[str, ...]
    ways: tuple[str, ...] = ()
    fence_kept: bool = False


class DrainProven(Event, frozen=True, kw_only=True):
    """The marker written on the source after the fence was seen on the target."""

    end_lsn: str
    applied_lsn: str
    seconds: float
