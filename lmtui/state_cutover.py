"""The cutover under way, or the last one: a pure reduction of its events."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from lmtui import events_cutover as e

# The step by which the target may be used.
READY = "target ready"

CutoverEvent = (
    e.CutoverRequested | e.CutoverStep | e.CutoverGivenUp | e.CutoverTakenBack | e.FenceLifted
    | e.CutoverGivenBack
)  # fmt: skip


class CutoverState(msgspec.Struct, frozen=True, kw_only=True):
    """The cutover under way, or the last one.

    `fenced_at` starts the clock of the downtime, `ready_at` ends it. `fence_kept` says that the
    fence still stands though replay goes on. `taken_back` names who wants no end of it, and
    `given_up` says why it came to none; `ways` are then what to do next.
    """

    requested: bool = False
    fence: str = ""
    timeout_seconds: int = 0
    requested_at: datetime | None = None
    fenced_at: datetime | None = None
    steps: tuple[e.CutoverStep, ...] = ()
    given_up: str = ""
    ways: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    sequence_margin: int = 0
    ready_at: datetime | None = None
    keep_source_ready: bool = False
    by: str = ""
    accept_unproven: bool = False
    keep_fence: bool = False
    fence_kept: bool = False
    taken_back: str = ""


def reduce_cutover(cutover: CutoverState, event: CutoverEvent, at: datetime) -> CutoverState:
    """Return the cutover after `event`."""
    match event:
        case e.CutoverRequested():
            kept = cutover.fence_kept
            return CutoverState(
                requested=True, fence=event.fence, timeout_seconds=event.timeout_seconds,
                requested_at=at, waived=event.waived, sequence_margin=event.sequence_margin,
                by=event.by, keep_source_ready=event.keep_source_ready,
                accept_unproven=event.accept_unproven, keep_fence=event.keep_fence,
                fence_kept=kept, fenced_at=cutover.fenced_at if kept else None,
            )  # fmt: skip
        case e.CutoverGivenUp():
            return replace(
                cutover, requested=False, given_up=event.reason, fenced_at=None, fence_kept=False
            )
        case e.CutoverTakenBack():
            return replace(cutover, taken_back=event.by)
        case e.FenceLifted():
            return replace(cutover, fenced_at=None, fence_kept=False)
        case e.CutoverGivenBack():
            return replace(
                cutover, requested=False, given_up="; ".join(event.reasons), ways=event.ways,
                fence_kept=event.fence_kept,
                fenced_at=cutover.fenced_at if event.fence_kept else None,
            )  # fmt: skip
        case e.CutoverStep():
            steps = tuple(step for step in cutover.steps if step.step != event.step)
            fenced, ready = cutover.fenced_at, cutover.ready_at
            if event.step == "fence" and event.status == "running":
                fenced = fenced or at
            if event.step == READY and ready is None:
                ready = at
            return replace(cutover, steps=(*steps, event), fenced_at=fenced, ready_at=ready)
