"""Where a migration is, and how it fares there."""

from collections.abc import Mapping
from enum import StrEnum


class Phase(StrEnum):
    """Where a migration is. The phase is kept on failure: to resume is the same phase again."""

    PLANNING = "planning"
    PREFLIGHT = "preflight"
    PREPARE = "prepare"
    SCHEMA = "schema"
    COPY = "copy"
    CATCH_UP = "catch_up"
    REPLICATE = "replicate"
    CUT_OVER = "cut_over"
    FINALIZE = "finalize"
    VALIDATE = "validate"
    COMPLETE = "complete"
    CLEANED_UP = "cleaned_up"


class Status(StrEnum):
    """How a migration fares in its phase."""

    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


# A lost snapshot sends the copy back to prepare, a cutover that is given up or not proven returns
# to replay, a comparison that was broken off finishes the target anew.
ALLOWED: Mapping[Phase, frozenset[Phase]] = {
    Phase.PLANNING: frozenset({Phase.PREFLIGHT, Phase.CLEANED_UP}),
    Phase.PREFLIGHT: frozenset({Phase.PREPARE, Phase.CLEANED_UP}),
    Phase.PREPARE: frozenset({Phase.SCHEMA, Phase.CLEANED_UP}),
    Phase.SCHEMA: frozenset({Phase.COPY, Phase.PREPARE, Phase.CLEANED_UP}),
    Phase.COPY: frozenset({Phase.CATCH_UP, Phase.PREPARE, Phase.CLEANED_UP}),
    # A slot that was lost takes replay back to prepare.
    Phase.CATCH_UP: frozenset({Phase.PREPARE, Phase.REPLICATE, Phase.CUT_OVER, Phase.CLEANED_UP}),
    Phase.REPLICATE: frozenset({Phase.PREPARE, Phase.CATCH_UP, Phase.CUT_OVER, Phase.CLEANED_UP}),
    Phase.CUT_OVER: frozenset({Phase.FINALIZE, Phase.REPLICATE, Phase.CATCH_UP, Phase.CLEANED_UP}),
    Phase.FINALIZE: frozenset({Phase.VALIDATE, Phase.REPLICATE, Phase.CLEANED_UP}),
    Phase.VALIDATE: frozenset({Phase.FINALIZE, Phase.COMPLETE, Phase.REPLICATE, Phase.CLEANED_UP}),
    Phase.COMPLETE: frozenset({Phase.CLEANED_UP}),
    Phase.CLEANED_UP: frozenset(),
}
