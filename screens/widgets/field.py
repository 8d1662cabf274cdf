"""A text field that keeps the order of what is typed."""

from textual.events import Key
from textual.widgets import Input

_EDITING = {
    "backspace": "delete_left",
    "delete": "delete_right",
    "ctrl+d": "delete_right",
    "left": "cursor_left",
    "right": "cursor_right",
    "home": "home",
    "ctrl+a": "home",
    "end": "end",
    "ctrl+e": "end",
    "ctrl+w": "delete_left_word",
    "ctrl+u": "delete_left_all",
    "ctrl+k": "delete_right_all",
    "enter": "submit",
}


class Field(Input):
    """Acts on its editing keys at once.

    A bound key travels up to the screen before it acts, and a letter that came in the same packet,
    as over a slow SSH connection, would overtake it: a backspace would delete the wrong letter.
    """

    HELP = (
        "In a field: ctrl+u and ctrl+k clear to the left and to the right, ctrl+w a word. Letters "
        "are typed; what a screen does goes by function keys and ctrl."
    )

    def on_mount(self) -> None:
        """A field that gets the focus back is typed on in, not over."""
        self.select_on_focus = False

    async def on_key(self, event: Key) -> None:
        """Do what the binding would do, before the next key is looked at."""
        if (action := _EDITING.get(event.key)) is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
