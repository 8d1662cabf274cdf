"""What needs the operator's eye: stays as long as it is so."""

from textual.content import Content
from textual.widgets import Static

from screens.glyphs import Glyphs
from screens.standing import Banner
from screens.text import line, severity_sign


class BannerLine(Static):
    """Hidden while there is nothing to say."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="banner", classes="banner", markup=False)
        self._glyphs = glyphs

    def show(self, banner: Banner | None) -> None:
        """Show this one, or nothing."""
        for level in ("failed", "warning", "info"):
            self.set_class(banner is not None and banner.level == level, f"-{level}")
        if banner is None:
            self.update(Content(""))
            return
        sign, _ = severity_sign(banner.level, self._glyphs)
        rest = f"  {banner.detail}" if banner.detail else ""
        self.update(line((f"{sign} {banner.title}", "bold"), rest))
