"""A field for a connection string, whose password is never shown."""

import re

from rich.highlighter import Highlighter
from rich.text import Text

from screens.widgets.field import Field

_URI = re.compile(r"postgres(?:ql)?://[^:@/?\s]*:")
_PORT = re.compile(r"\d*(?:[/?].*)?$")
_PARAMETER = re.compile(r"\b(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'?|[^\s&]*)")


def masked(text: str) -> str:
    """`text` with every character of a password as an asterisk; its length is kept.

    Up to the last @: a password with an @ that is not yet percent-encoded is not half shown.
    """
    signs = list(text)
    if found := _URI.match(text):
        rest = text[found.end() :]
        end = rest.rfind("@")
        if end < 0 and not _PORT.match(rest):
            end = len(rest)
        for place in range(found.end(), found.end() + max(end, 0)):
            signs[place] = "*"
    for found in _PARAMETER.finditer(text):
        for place in range(*found.span(1)):
            signs[place] = "*"
    return "".join(signs)


class _Mask(Highlighter):
    """Replaces the characters of a password, and nothing else."""

    def highlight(self, text: Text) -> None:
        text.plain = masked(text.plain)


class UriInput(Field):
    """Shows a connection string without its password, while it is typed and after."""

    def __init__(self, value: str, *, placeholder: str, id: str) -> None:  # noqa: A002
        super().__init__(
            value, placeholder=placeholder, id=id, compact=True, highlighter=_Mask(),
            select_on_focus=False,
        )  # fmt: skip
