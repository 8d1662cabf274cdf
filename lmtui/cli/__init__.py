"""The command line. Each command is imported when it is called, so that `--version` is quick."""

import importlib
import sys
from collections.abc import Sequence

from lmtui.cli.parser import parse
from lmtui.errors import ExitCode, LmtuiError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    module, _, function = options.run.partition(":")
    try:
        code = getattr(importlib.import_module(module), function)(options)
    except LmtuiError as error:
        tell_error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        sys.stderr.close()
        return int(ExitCode.FAILED)
    return int(code)


def tell_error(error: LmtuiError) -> None:
    """Say an error on stderr: what failed, why, what to do next."""
    sys.stderr.write(f"lmtui: {error.title}\n")
    for line in error.detail.splitlines():
        sys.stderr.write(f"  {line}\n")
    if error.hint:
        sys.stderr.write(f"{error.hint}\n")
