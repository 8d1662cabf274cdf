"""The footer, of which only what is new is drawn."""

from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class Keys(Footer):
    """Opens and closes its keys in place; it is built anew only where others are to be shown."""

    _shown: tuple[tuple[str, str], ...] = ()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Called whenever a key may have been opened or closed."""
        shown: tuple[tuple[str, str], ...] = ()
        if self.is_attached and screen is self.screen and screen is self.app.screen:
            active = [one for one in screen.active_bindings.values() if one.binding.show]
            shown = tuple((one.binding.action, one.binding.description) for one in active)
            keys = {key.action: key for key in self.query(FooterKey)}
            if shown == self._shown and keys:
                opened = {one.binding.action: one.enabled for one in reversed(active)}
                for action, key in keys.items():
                    key.set_class(not opened.get(action, True), "-disabled")
                return
        self._shown = shown
        super().bindings_changed(screen)
