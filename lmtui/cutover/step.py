"""A step of the cutover: told, timed, and tried again where a server was lost for a moment."""

import time
from collections.abc import Callable

import psycopg

from lmtui.errors import ConnectionFailedError, LmtuiError, ServerError
from lmtui.events import CutoverStep
from lmtui.migration.context import Context

ATTEMPTS = 5
BACK_OFF_SECONDS = 0.5
# Connections lost or refused for now, shutdown, deadlocks, and locks that somebody else holds.
_TRANSIENT = ("08", "57P", "40", "55P03", "55006", "53")


def is_transient(error: Exception) -> bool:
    """Whether the same step may well be done a moment later."""
    if isinstance(error, ConnectionFailedError):
        return True
    if isinstance(error, ServerError):
        return error.sqlstate.startswith(_TRANSIENT) or error.sqlstate == ""
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate.startswith(_TRANSIENT)
    return False


def step(context: Context, name: str, work: Callable[[], str], *, attempts: int = 1) -> None:
    """Do a step and tell how long it took. What is tried again must be harmless when repeated."""
    context.tell(CutoverStep(step=name, status="running"))
    began = time.monotonic()
    for attempt in range(1, attempts + 1):
        try:
            detail = work()
        except Exception as error:
            words = error if isinstance(error, LmtuiError) else str(error).strip()
            if attempt < attempts and is_transient(error):
                context.note(f"{name} is tried again: {words}", level="warning")
                context.wait(BACK_OFF_SECONDS * attempt)
                continue
            context.tell(
                CutoverStep(step=name, status="failed", detail=str(words), seconds=_since(began))
            )
            raise
        context.tell(CutoverStep(step=name, status="done", detail=detail, seconds=_since(began)))
        return


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
