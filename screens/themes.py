"""The two themes, and which one a terminal gets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from textual.theme import BUILTIN_THEMES, Theme

# What no theme of Textual knows: quiet text, and the body of the chart.
OWN_VARIABLES = {"muted": "ansi_default", "chart": "ansi_cyan"}

DARK = Theme(
    name="lmtui-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#d7af5f",
    success="#87af5f",
    warning="#d7af5f",
    error="#d75f5f",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    dark=True,
    variables={
        "muted": "#8a8a8a",
        "chart": "#5f87af",
        "border": "#4e4e4e",
        "border-blurred": "#3a3a3a",
        "footer-key-foreground": "#5fafd7",
        "footer-background": "#1c1c1c",
        "footer-item-background": "#1c1c1c",
        "footer-description-background": "#1c1c1c",
        "footer-key-background": "#1c1c1c",
        "block-cursor-background": "#005f87",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#303030",
    },
)
LIGHT = Theme(
    name="lmtui-light",
    primary="#005f87",
    secondary="#5f8787",
    accent="#875f00",
    success="#3a7a1a",
    warning="#8a5a00",
    error="#af0000",
    foreground="#262626",
    background="#fafafa",
    surface="#eeeeee",
    panel="#e4e4e4",
    dark=False,
    variables={
        "muted": "#6c6c6c",
        "chart": "#5f87af",
        "border": "#9e9e9e",
        "border-blurred": "#bcbcbc",
        "footer-key-foreground": "#005f87",
        "footer-background": "#e4e4e4",
        "footer-item-background": "#e4e4e4",
        "footer-description-background": "#e4e4e4",
        "footer-key-background": "#e4e4e4",
        "block-cursor-background": "#c6dfec",
        "block-cursor-foreground": "#1c1c1c",
        "block-cursor-blurred-background": "#d0d0d0",
    },
)


def _sixteen(name: str, base: str, primary: str) -> Theme:
    """The terminal's own colours, with frames and keys in those that every palette can show."""
    theme = BUILTIN_THEMES[base]
    variables = {
        **theme.variables,
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "footer-key-foreground": primary,
    }
    return replace(theme, name=name, primary=primary, variables=variables)


SIXTEEN_DARK = _sixteen("lmtui-16-dark", "ansi-dark", "ansi_cyan")
SIXTEEN_LIGHT = _sixteen("lmtui-16-light", "ansi-light", "ansi_blue")
THEMES = (DARK, LIGHT, SIXTEEN_DARK, SIXTEEN_LIGHT)


class Choice(NamedTuple):
    """A theme's name, and whether the terminal's own sixteen colours are used as they are."""

    theme: str
    ansi: bool | None


def choose_theme(environment: Mapping[str, str]) -> Choice:
    """The theme that this terminal shows well.

    Without colour, or with sixteen of them, the terminal's own palette is kept: Textual's
    greys would be unreadable there.
    """
    light = _light_background(environment)
    ansi = "lmtui-16-light" if light else "lmtui-16-dark"
    if environment.get("NO_COLOR"):
        return Choice(ansi, True)
    term = environment.get("TERM", "")
    if environment.get("COLORTERM") or "256" in term or "direct" in term:
        return Choice("lmtui-light" if light else "lmtui-dark", None)
    if term in {"", "dumb"} or term.split("-")[0] in {"screen", "linux", "ansi", "vt100", "vt220"}:
        return Choice(ansi, None)
    return Choice("lmtui-light" if light else "lmtui-dark", None)


def _light_background(environment: Mapping[str, str]) -> bool:
    """COLORFGBG is foreground;background; 7 and 15 are the light backgrounds."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}
