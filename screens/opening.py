"""Opening a screen that needs both servers; they are asked for where they are unknown."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lmtui.errors import LmtuiError
from screens.base import Frame

if TYPE_CHECKING:
    from screens.app import LmtuiApp


def open_resuming(app: "LmtuiApp") -> None:
    """Go on with a stopped migration."""
    from screens.starting import StartingScreen

    _with_endpoints(app, "resume", StartingScreen)


def open_cleaning(app: "LmtuiApp") -> None:
    """Put everything back, once it was confirmed."""
    from screens.cleaning import CleaningScreen

    _with_endpoints(app, "clean", CleaningScreen)


def _with_endpoints(app: "LmtuiApp", purpose: str, screen: Callable[[], Frame[None]]) -> None:
    from screens.connections import ConnectionsScreen

    try:
        app.endpoints()
    except LmtuiError:
        app.push_screen(ConnectionsScreen(purpose=purpose, then=screen))
    else:
        app.push_screen(screen())
