"""The screens that belong to a state; each is imported when it is first shown."""

from screens.base import Frame


def make_base(base: str) -> Frame[None]:
    """A new screen of this name."""
    # Imported here: the first paint does not wait for screens that it does not show.
    match base:
        case "wizard":
            from screens.connections import ConnectionsScreen

            return ConnectionsScreen()
        case "panel":
            from screens.panel import PanelScreen

            return PanelScreen()
        case "cutting":
            from screens.cutting import CuttingScreen

            return CuttingScreen()
        case "unreadable":
            from screens.unreadable import UnreadableScreen

            return UnreadableScreen()
    from screens.result import ResultScreen

    return ResultScreen()
