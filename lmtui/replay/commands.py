"""What the supervisor says to a child, line by line on its stdin."""

import os
import select
import sys


class Commands:
    """The lines of stdin; `ended` once the supervisor has closed it, or is gone."""

    def __init__(self) -> None:
        self._rest = b""
        self.ended = False

    def take(self, seconds: float) -> list[str]:
        """The lines that came, waiting so long for the first."""
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], seconds)
        if not ready:
            return []
        read = os.read(sys.stdin.fileno(), 4096)
        self.ended = not read
        *lines, self._rest = (self._rest + read).split(b"\n")
        return [line.decode() for line in lines]
