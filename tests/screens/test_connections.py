"""Connections: tested, given by fields, taken from what is known; nothing typed is lost."""

from collections.abc import Callable
from pathlib import Path

import stories
from driving import ENVIRONMENT, Opened, settle, text
from fake_client import FakeClient
from msgspec.structs import replace
from servers import SERVERS, SOURCE, TARGET
from textual.pilot import Pilot
from textual.widgets import Input

from lmtui.errors import ConnectionFailedError
from screens.by_fields import ByFieldsScreen, mistake
from screens.connections import ConnectionsScreen
from screens.widgets.uri_input import UriInput

Open = Callable[..., Opened]
BOTH = {"source": stories.SOURCE_URI, "target": stories.TARGET_URI}


async def step(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def test_a_test_says_who_is_there_and_what_to_mind(opened: Open) -> None:
    minded = replace(TARGET, tls="", warnings=("The connection is not encrypted",))
    client = FakeClient(servers={**SERVERS, "target": minded})
    async with opened(client, **BOTH) as pilot:
        await step(pilot, "f5")
        assert "PostgreSQL 17.2 with TimescaleDB 2.17.2, Amazon RDS" in text(pilot, "#source-words")
        assert "450.0 GiB, as mover (may replicate), TLSv1.3, 3 ms" in text(pilot, "#source-words")
        assert "no TLS" in text(pilot, "#target-words")
        assert "! The connection is not encrypted" in text(pilot, "#target-words")
        await step(pilot, "end", "x")
        assert "no TLS" not in text(pilot, "#target-words")


async def test_one_database_by_two_names_is_told(opened: Open) -> None:
    twin = replace(TARGET, system=SOURCE.system, database=SOURCE.database)
    async with opened(FakeClient(servers={**SERVERS, "target": twin}), **BOTH) as pilot:
        await step(pilot, "f5")
        assert "This is the source's database" in text(pilot, "#target-words")


async def test_a_server_that_is_not_reached_is_said_at_its_field(opened: Open) -> None:
    error = ConnectionFailedError("The source cannot be reached", "Connection refused", "Look.")
    async with opened(FakeClient(servers=error), **BOTH) as pilot:
        await step(pilot, "f5")
        assert "Connection refused" in text(pilot, "#source-words")


async def test_fields_keep_what_has_no_field(opened: Open) -> None:
    source = "host=db1 dbname=shop user=u password=x options='-c a=b'"
    async with opened(FakeClient(), source=source, target=stories.TARGET_URI) as pilot:
        pilot.app.screen.query_one("#source", UriInput).focus()
        await step(pilot, "f4")
        assert isinstance(pilot.app.screen, ByFieldsScreen)
        assert "kept as it is: options" in pilot.app.export_screenshot().replace("&#160;", " ")
        await step(pilot, "tab", *"99999", "f8")
        assert "1 to 65535" in text(pilot, "#refusal")
        await step(pilot, "backspace", "f8")
        assert isinstance(pilot.app.screen, ConnectionsScreen)
        value = pilot.app.screen.query_one("#source", UriInput).value
        assert "port=9999" in value
        assert "options='-c a=b'" in value
        assert "password=x" in value
        assert "u@db1:9999/shop" in text(pilot, "#source-words")


async def test_leaving_the_fields_changes_nothing_and_loses_nothing(opened: Open) -> None:
    async with opened(FakeClient(), **BOTH) as pilot:
        await step(pilot, "f4", "x", "escape")
        assert pilot.app.screen.query_one("#target", UriInput).value == stories.TARGET_URI
        await step(pilot, "f4")
        typed = pilot.app.screen.query_one("#field-host", Input).value
        assert typed == "abc123.tsdb.cloud.examplex"
        # Those of the other side are its own.
        await step(pilot, "escape", "shift+tab", "f4")
        assert pilot.app.screen.query_one("#field-host", Input).value == "db1.internal"


async def test_two_databases_of_one_server_are_minded(opened: Open) -> None:
    neighbour = replace(TARGET, system=SOURCE.system)
    async with opened(FakeClient(servers={**SERVERS, "target": neighbour}), **BOTH) as pilot:
        await step(pilot, "f5")
        assert "The same server as the source's" in text(pilot, "#target-words")


async def test_a_service_is_taken_from_its_file(opened: Open, tmp_path: Path) -> None:
    (tmp_path / ".pg_service.conf").write_text("[shop]\nhost=db1\ndbname=shop\n")
    environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
    async with opened(FakeClient(), environment=environment) as pilot:
        await step(pilot, "f3", "enter")
        value = pilot.app.screen.query_one("#source", UriInput).value
        assert value == "service=shop dbname=shop"
        await step(pilot, "tab", "f3", "escape")
        assert pilot.app.screen.query_one("#target", UriInput).value == ""


def test_a_field_that_cannot_be_right_is_named() -> None:
    fine = dict.fromkeys(("host", "port", "dbname", "user", "password", "sslmode"), "")
    assert mistake({**fine, "dbname": "d"}) == ("", "")
    assert mistake(fine)[0] == "dbname"
    assert mistake({**fine, "service": "s"}) == ("", "")
    assert mistake({**fine, "dbname": "d", "port": "x"})[0] == "port"
    assert mistake({**fine, "dbname": "d", "sslmode": "on"})[0] == "sslmode"
