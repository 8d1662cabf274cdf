"""What the app is told from beside the screen."""

from textual.message import Message

from lmtui.errors import LmtuiError
from lmtui.state import State


class EngineSeen(Message):
    """The journal was read, or could not be."""

    def __init__(self, seen: tuple[State, bool] | LmtuiError) -> None:
        super().__init__()
        self.seen = seen

    def can_replace(self, message: Message) -> bool:
        """Only the newest is of interest."""
        return isinstance(message, EngineSeen)
