"""The command palette: what the keys of a screen do, closed ones with their reason."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.screen import Screen

from screens.base import Frame

if TYPE_CHECKING:
    from screens.app import LmtuiApp


def commands(app: "LmtuiApp", screen: Screen[object]) -> Iterator[SystemCommand]:
    """One command for each action that the screen shows, then the themes."""
    said = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        # A binding of several keys is there once for each of them.
        if not binding.show or binding.action in said:
            continue
        said.add(binding.action)
        key = binding.key_display or binding.key
        if active.enabled:
            run = partial(app.run_action, binding.action, active.node)
            yield SystemCommand(binding.description, f"Key: {key}", run)
        elif isinstance(screen, Frame) and (why := screen.closed(binding.action)):
            tell = partial(app.tell, f"{binding.description}: not now, {why}")
            yield SystemCommand(binding.description, f"Key: {key}. Not now: {why}", tell)
    yield SystemCommand("Theme", "Change the colours", app.action_change_theme)


def open_palette(app: "LmtuiApp") -> None:
    """Show the palette, in words that every terminal can show."""
    if not isinstance(app.screen, CommandPalette):
        words = "Type a part of what you want to do"
        app.push_screen(CommandPalette(id="--command-palette", placeholder=words))
