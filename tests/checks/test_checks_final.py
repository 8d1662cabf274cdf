"""Remedies that nothing puts back, or that are for a moment: applied, the check then passes.

As superuser and as plain owner, on each version. What `clean` says of them is that they stay.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import NamedTuple

import psycopg
import pytest
from awkward import FINAL
from moments import Stage
from preflight import execute

from lmtui.checks import run_checks
from lmtui.checks.choice import all_remedies, named_remedies
from lmtui.clean import clean_remedies
from lmtui.events import Finding
from lmtui.remedies.apply import apply_remedies
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres

Happening = Callable[[Stage, pytest.MonkeyPatch], AbstractContextManager[Stage]]

# All that these remedies could change beside what they mend.
_CATALOG = """
select (select array_agg(format('%s %s %s', c.oid::regclass, relkind, relreplident) order by c.oid)
          from pg_class c where c.oid >= 16384 and relnamespace <> 99 and relkind <> 't'),
       (select array_agg(format('%s %s', setrole, setconfig)) from pg_db_role_setting
         where setdatabase = (select oid from pg_database where datname = current_database())),
       (select array_agg(slot_name::text order by 1) from pg_replication_slots
         where not temporary)
"""


class Final(NamedTuple):
    """A remedy: its check, on which side, and what makes it needed."""

    id: str
    happens: Happening
    side: str = "source"


def _made(*statements: str, undo: tuple[str, ...] = (), side: int = 0) -> Happening:
    """Statements of the superuser, and those that take away what the remedy leaves."""

    @contextmanager
    def happen(stage: Stage, _patch: pytest.MonkeyPatch) -> Iterator[Stage]:
        execute(stage.superuser[side], *statements)
        try:
            yield stage
        finally:
            execute(stage.superuser[side], *undo)

    return happen


def _slot(name: str, side: int = 0) -> Happening:
    drop = (
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
        f" where slot_name = '{name}'"
    )
    make = f"select pg_create_logical_replication_slot('{name}', 'test_decoding')"
    return _made(make, undo=(drop,), side=side)


@contextmanager
def _unread(stage: Stage, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    patch.setattr("lmtui.checks.slots.RETAINED_WARNING_BYTES", -1)
    with _slot("unread")(stage, patch) as now:
        yield now


def _open(**patched: object) -> Happening:
    """A write transaction of the same role, which lasts until it is ended."""

    @contextmanager
    def happen(stage: Stage, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
        for constant, value in patched.items():
            patch.setattr(f"lmtui.checks.{constant.replace('__', '.')}", value)
        with closing(psycopg.connect(stage.source.conninfo())) as session:
            session.execute("create table half_made (id int)")
            yield stage

    return happen


_REMEDIES = (
    Final("source.leftovers", _slot("lmtui_old")),
    Final("source.stale_slots", _unread),
    Final("source.other_tools", _slot("pgcopydb")),
    Final("target.other_tools", _slot("pgcopydb", 1), "target"),
    Final(
        "source.statistics",
        _made(
            "create table unknown (id int primary key)",
            "alter table unknown owner to keeper",
            "insert into unknown values (1)",
            "select pg_stat_force_next_flush()",
            undo=("drop table unknown",),
        ),
    ),
    Final(
        "identity.chunks",
        _made(
            "create table pieces (at timestamptz primary key, n int)",
            "select create_hypertable('pieces', 'at')",
            "alter table pieces owner to keeper",
            "insert into pieces values (now(), 1)",
            "analyze pieces",
            # As an older TimescaleDB left it; a newer one refuses that.
            "update pg_class set relreplident = 'f' where oid in (select show_chunks('pieces'))",
            undo=("drop table pieces",),
        ),
    ),
    Final(
        "source.restoring",
        _made("select timescaledb_pre_restore()", undo=("select timescaledb_post_restore()",)),
    ),
    Final(
        "target.restoring",
        _made(
            "select timescaledb_pre_restore()",
            undo=("select timescaledb_post_restore()",),
            side=1,
        ),
        "target",
    ),
    Final("source.open_transactions", _open(activity__LONG_SECONDS=0)),
    Final("source.slot_creation", _open(probe__PATIENCE_SECONDS=0.8)),
)  # fmt: skip


def _finding(stage: Stage, name: str, directory: WorkDirectory) -> Finding:
    [finding] = run_checks(stage.source, stage.target, only=[name], directory=directory.root)
    return finding


@pytest.mark.parametrize("role", ["superuser", "owner"])
@pytest.mark.parametrize("remedy", _REMEDIES, ids=lambda remedy: remedy.id)
def test_it_mends_and_is_told_to_stay(
    stages: dict[str, Stage], remedy: Final, role: str, directory: WorkDirectory
) -> None:
    stage = stages[role]
    before = [execute(side, _CATALOG) for side in stage.superuser]
    with pytest.MonkeyPatch.context() as patch, remedy.happens(stage, patch) as now:
        pair = now.source, now.target
        finding = _finding(now, remedy.id, directory)
        assert finding.severity != "ok", finding
        if role == "owner" and remedy.id.endswith(".restoring"):
            assert finding.fixes == ()
            assert "as a superuser" in finding.remedy
            return
        assert {fix.side for fix in finding.fixes} == {remedy.side}
        # What cannot be put back is never applied without its name.
        assert all_remedies([finding]) == ()
        chosen = named_remedies([finding], [finding.id])
        assert chosen
        apply_remedies(directory, pair, chosen)
        assert _finding(now, remedy.id, directory).severity == "ok"
        said = clean_remedies(directory, *pair)
        assert len(said) == len(chosen)
        assert all(line.endswith("stays: it cannot be put back") for line in said)
    assert [execute(side, _CATALOG) for side in stage.superuser] == before


@pytest.mark.parametrize("role", ["superuser", "owner"])
def test_an_index_is_built_anew(
    stages: dict[str, Stage], role: str, directory: WorkDirectory
) -> None:
    stage = stages[role]
    pair = stage.source, stage.target
    execute(
        stage.source,
        "create table twice (id int primary key, n int)",
        "insert into twice values (1, 1), (2, 1)",
        "analyze twice",
    )
    try:
        with pytest.raises(psycopg.errors.UniqueViolation):
            execute(stage.source, "create unique index concurrently broken on twice (n)")
        execute(stage.source, "update twice set n = id")
        finding = _finding(stage, "source.invalid", directory)
        assert (finding.severity, all_remedies([finding])) == ("warning", ())
        apply_remedies(directory, pair, named_remedies([finding], ["source.invalid"]))
        assert _finding(stage, "source.invalid", directory).severity == "ok"
        [line] = clean_remedies(directory, *pair)
        assert line.endswith("stays: it cannot be put back")
    finally:
        execute(stage.source, "drop table twice")


@pytest.mark.parametrize("role", ["superuser", "owner"])
def test_an_older_session_is_ended(
    stages: dict[str, Stage], role: str, directory: WorkDirectory
) -> None:
    name = "timescaledb.batch_delete"
    stage = stages[role].other("source", dbname="community")
    pair = stage.source, stage.target
    [finding] = run_checks(*pair, only=[name])
    with closing(psycopg.connect(stage.source.conninfo(application="till 7"), autocommit=True)):
        apply_remedies(directory, pair, finding.fixes)
        now = _finding(stage, name, directory)
        assert "till 7" in now.detail
        # Others of the tests may have just left.
        apply_remedies(directory, pair, named_remedies([now], [name]))
        while (now := _finding(stage, name, directory)).severity != "ok":
            assert "till 7" not in now.detail
    clean_remedies(directory, *pair)


def test_each_final_remedy_is_tried() -> None:
    assert {remedy.id for remedy in _REMEDIES} | {"source.invalid"} >= FINAL
