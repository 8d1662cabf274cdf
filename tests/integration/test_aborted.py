"""An abort leaves both sides as they were: extensions, roles and remedies too."""

from collections.abc import Iterator

import pytest
from command_line import CommandLine, execute
from traces import traces

from lmtui.phases import Phase

pytestmark = [pytest.mark.postgres, pytest.mark.migration]


@pytest.fixture
def prepared(bare: CommandLine) -> Iterator[CommandLine]:
    """The source needs two extensions that depend on each other, an older one, and a role."""
    execute(
        bare.source,
        "set search_path = public",
        "create extension earthdistance cascade",
        "create extension hstore version '1.7'",
        "create table bag (id int primary key, things hstore, place earth)",
        "create table log (line text)",
        "insert into bag values (1, 'a=>1', ll_to_earth(1, 2))",
        "create role only_here",
        "grant select on bag to only_here",
        "alter default privileges grant select on tables to only_here",
    )
    yield bare
    for side in (bare.source, bare.target):
        execute(
            side,
            "do $$ begin if to_regrole('only_here') is not null then drop owned by only_here;"
            " drop role only_here; end if; end $$",
        )


def test_what_remedies_and_the_copy_made_goes(prepared: CommandLine) -> None:
    before = [traces(side) for side in (prepared.source, prepared.target)]
    prepared("check", "--fix", "extensions.versions", "identity.missing")
    assert [traces(side) for side in (prepared.source, prepared.target)] != before
    # The role is of the cluster: the target shall lack it.
    prepared("migrate", "--yes", "--detach")
    prepared.wait_for(lambda state: state.phase is Phase.REPLICATE)
    printed = prepared("abort", "--confirm", prepared.database)
    assert "extension earthdistance, put back" in printed
    assert "role only_here, put back" in printed
    for side, was in zip((prepared.source, prepared.target), before, strict=True):
        for now, then in zip(traces(side), was, strict=True):
            assert _anyones(now) == _anyones(then)


def _anyones(rows: list[str]) -> list[str]:
    """TimescaleDB was made anew, and is its maker's."""
    return [row.replace("operator=", "postgres=").replace("/operator", "/postgres") for row in rows]


def test_what_the_data_use_is_kept_and_said_to_be(prepared: CommandLine) -> None:
    prepared("check", "--fix", "extensions.versions")
    prepared("migrate", "--yes", "--detach")
    prepared.wait_for(lambda state: state.phase is Phase.REPLICATE)
    prepared("cutover", "--confirm", prepared.database)
    printed = prepared("clean")
    assert "CREATE EXTENSION \"hstore\" VERSION '1.7', kept, since the database holds" in printed
    assert "earthdistance" not in printed
    assert "role only_here" not in printed
