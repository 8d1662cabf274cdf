"""The few signs the screens draw with, and their ASCII stand-ins."""

from collections.abc import Mapping
from typing import NamedTuple


class Glyphs(NamedTuple):
    """One set of signs. `levels` rises from empty to full."""

    ok: str
    warning: str
    failed: str
    pending: str
    running: str
    arrow: str
    dot: str
    dash: str
    left: str
    right: str
    bar_done: str
    bar_left: str
    ellipsis: str
    levels: str


UNICODE = Glyphs("✓", "!", "✗", "·", "▶", "→", "·", "—", "◂", "▸", "━", "─", "…", " ▁▂▃▄▅▆▇█")
ASCII = Glyphs("+", "!", "x", ".", ">", "->", "|", "-", "<", ">", "#", "-", "~", " .:-=+*#")

_PLAIN_LOCALES = frozenset({"C", "POSIX"})


def choose_glyphs(environment: Mapping[str, str]) -> Glyphs:
    """ASCII where the locale is known not to be UTF-8, else the full set.

    Python coerces a plain `LANG=C` to UTF-8 for itself (PEP 538) by setting LC_CTYPE; the
    terminal was not asked, so that one is not believed.
    """
    lang = environment.get("LANG", "")
    character_type = environment.get("LC_CTYPE", "")
    if character_type.upper() == "C.UTF-8" and lang in _PLAIN_LOCALES:
        character_type = ""
    locale = environment.get("LC_ALL") or character_type or lang
    if not locale or "utf8" in locale.lower().replace("-", ""):
        return UNICODE
    return ASCII
