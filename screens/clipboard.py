"""Copying out of the terminal, and saying which way went through."""

import subprocess
from collections.abc import Mapping

TMUX_SECONDS = 2.0


def to_tmux(text: str, environment: Mapping[str, str]) -> str:
    """Load `text` into tmux's buffer, where tmux runs; return what happened, in words.

    tmux drops the escape sequence of an application (OSC 52) unless `set-clipboard` is on;
    `load-buffer -w` fills its own buffer and hands it on to the terminal.
    """
    if not environment.get("TMUX"):
        return ""
    try:
        subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607
            input=text.encode(),
            check=True,
            capture_output=True,
            timeout=TMUX_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"tmux did not take it ({type(error).__name__})"
    return "in the tmux buffer: prefix ] pastes it"
