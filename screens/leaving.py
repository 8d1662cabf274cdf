"""What is said once the wizard is left."""

from shlex import quote

from lmtui.state import State
from screens import standing
from screens.text import phase_name


def detach_message(state: State, alive: bool, directory: str) -> str:
    """What is printed after the wizard is left."""
    again = f"lmtui --dir {quote(directory)}" if directory else "lmtui"
    if not state.exists:
        return "Nothing was started, nothing was changed."
    name = state.endpoints.source_database if state.endpoints else state.id
    if state.phase in standing.ENDED:
        return f"The migration of {name} is complete. To see it again:\n  {again}"
    if alive:
        phase = phase_name(state.phase).lower()
        return f"The migration of {name} keeps running ({phase}). To come back:\n  {again}"
    return f"The migration of {name} does not run. To go on with it:\n  {again}"
