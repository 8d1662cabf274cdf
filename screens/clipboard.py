"""Copying out of the terminal, and saying which way went through."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

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


def to_file(text: str, directory: str) -> str:
    """Keep `text` in the work directory, for terminals that take nothing; what happened, in words.

    The file has what was copied last, readable by its owner only.
    """
    if not directory:
        return ""
    path = Path(directory) / "copied.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o600), "w") as file:
            file.write(text.rstrip("\n") + "\n")
    except OSError as error:
        return f"not kept in {path} ({error.strerror})"
    return f"kept in {path}"


def ways(text: str, environment: Mapping[str, str], directory: str) -> str:
    """Copy by tmux and file too; all that happened, in words. It blocks for a moment."""
    # OSC 52 has no answer: that it was sent is all that can be said.
    done = ["sent to the terminal (OSC 52)", to_tmux(text, environment), to_file(text, directory)]
    return f"Copied: {'; '.join(way for way in done if way)}."
