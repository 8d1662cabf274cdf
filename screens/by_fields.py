"""A connection string by its fields; what has no field is kept as it was."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from screens.base import Modal
from screens.text import BAD, MUTED, line
from screens.widgets.field import Field

FIELDS = {
    "host": "name, address, or directory of a socket",
    "port": "5432",
    "dbname": "the database",
    "user": "the role",
    "password": "left empty: ~/.pgpass or a service file",
    "sslmode": "prefer; require, verify-ca, verify-full",
}
MODES = ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def mistake(values: Mapping[str, str]) -> tuple[str, str]:
    """The first field that cannot be right, and why; both empty where all can."""
    port = values["port"]
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        return "port", "A port is a number from 1 to 65535."
    if not values["dbname"] and not values.get("service"):
        return "dbname", "The database must be named."
    if values["sslmode"] not in MODES:
        return "sslmode", f"One of {', '.join(MODES[1:])}."
    return "", ""


class ByFieldsScreen(Modal[str]):
    """Gives a connection string, or nothing where it was left."""

    CSS_PATH = "by_fields.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="fields.back"),
        Binding("f8", "take", "Take", id="fields.take"),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
    ]

    def __init__(self, side: str, parameters: Mapping[str, str], draft: dict[str, str]) -> None:
        """`draft` is what was typed and not taken; it is kept there when this is left again."""
        super().__init__()
        self._side = side
        self._parameters = dict(parameters)
        self._draft = draft

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"The {self._side} by fields")
            for name, words in FIELDS.items():
                with HorizontalGroup(classes="row"):
                    yield Static(line((f"{name:<10}", MUTED)))
                    yield Field(
                        self._draft.get(name, self._parameters.get(name, "")),
                        id=f"field-{name}",
                        compact=True,
                        placeholder=words,
                        password=name == "password",
                    )
            others = ", ".join(name for name in self._parameters if name not in FIELDS)
            yield Static(line((f"kept as it is: {others}" if others else "", MUTED)))
            yield Static(id="refusal", markup=False)
            with HorizontalGroup(classes="buttons"):
                yield Button(Content("Back (esc)"), id="back", compact=True)
                yield Button(Content("Take (f8)"), id="go", compact=True, variant="primary")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#field-host", Input).focus()

    def _values(self) -> dict[str, str]:
        values = {name: self.query_one(f"#field-{name}", Input).value for name in FIELDS}
        kept = {name: v for name, v in self._parameters.items() if name not in FIELDS}
        return {**kept, **{name: value.strip() for name, value in values.items()}}

    @on(Input.Changed)
    def _typed(self) -> None:
        _, words = mistake(self._values())
        self.query_one("#refusal", Static).update(line((words, MUTED)))

    @on(Input.Submitted)
    def _on(self) -> None:
        self.app.action_focus_next()

    @on(Button.Pressed, "#go")
    def action_take(self) -> None:
        """Give what was typed, or go to the field that cannot be right."""
        from psycopg.conninfo import make_conninfo

        values = self._values()
        field, words = mistake(values)
        if field:
            self.query_one("#refusal", Static).update(line((words, BAD)))
            self.query_one(f"#field-{field}", Input).focus()
            return
        self._draft.clear()
        given = {name: value for name, value in values.items() if value}
        self.dismiss(make_conninfo(**given))

    @on(Button.Pressed, "#back")
    def action_back(self) -> None:
        """Keep the connection string as it was, and what was typed for the next time."""
        self._draft.update({name: self._values()[name] for name in FIELDS})
        self.dismiss("")
