"""Whatever a call to the engine ends in, as words that an operator can act on."""

import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from lmtui.endpoint import redact
from lmtui.errors import LmtuiError

Result = TypeVar("Result")


def attempt(call: Callable[[], Result], directory: str) -> Result | LmtuiError:
    """What `call` returns, or its error; one that nobody foresaw is put in words and logged."""
    try:
        return call()
    except LmtuiError as error:
        return error
    except Exception as error:
        return unforeseen(error, directory)


def unforeseen(error: BaseException, directory: str) -> LmtuiError:
    """A fault of lmtui's own: what it was, where the details are, what to do."""
    log = _log(error, directory)
    where = f"The details are in {log}. " if log else ""
    return LmtuiError(
        "lmtui itself failed",
        f"{type(error).__name__}: {redact(str(error))}".rstrip(": "),
        f"{where}Nothing was changed by it. Try again; where it fails again, please report it.",
    )


def _log(error: BaseException, directory: str) -> str:
    """Append the traceback to the wizard's own log; its path, or nothing where it was not kept."""
    if not directory:
        return ""
    path = Path(directory) / "logs" / "wizard.log"
    words = redact("".join(traceback.format_exception(error)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{words}\n")
    except OSError:
        return ""
    return str(path)
