"""What stands against a hypertable: each is said, and TimescaleDB itself is asked."""

import psycopg
import pytest
from planning import Pair, judged, planned
from preflight import execute

from lmtui.endpoint import Endpoint
from lmtui.hypertables.candidates import read_candidates
from lmtui.hypertables.wanted import Wanted, statement

pytestmark = pytest.mark.postgres

FUNCTION = "create function f() returns trigger language plpgsql as $$ begin return new; end $$"
TABLE = "create table t (at timestamptz not null, id int, during tstzrange)"
# What makes a table another than it was; whether TimescaleDB itself refuses it; what we say.
OBSTACLES = (
    (("alter table t add primary key (id)",), True, "primary key t_pkey"),
    (("alter table t add unique (id)",), True, "unique constraint t_id_key"),
    (("create unique index i on t (id) where id > 3",), True, "unique index i"),
    (("create unique index i on t ((at at time zone 'UTC'))",), True, "unique index i"),
    # Taken, and then unique within each chunk only.
    (("create unique index i on t (id) include (at)",), False, "unique index i"),
    (
        ("alter table t add constraint x exclude using gist (during with &&)",),
        True,
        "exclusion constraint x does not contain it, compared by =",
    ),
    (("create rule r as on delete to t do instead nothing",), True, "rule r"),
    (("alter table t add constraint c check (id > 0) no inherit",), True, "constraint c"),
    (
        (
            FUNCTION,
            "create trigger g after insert on t referencing new table as n for each row"
            " execute function f()",
        ),
        True,
        "trigger g has transition tables",
    ),
    # Taken, and then it fires in chunks.
    (
        (
            FUNCTION,
            "create trigger g before insert on t for each row execute function f()",
            "alter table t disable trigger g",
        ),
        False,
        "trigger g is disabled",
    ),
    (("create publication told for table t",), True, "publication told"),
    (
        (
            "create table r (id int, at timestamptz, id_at timestamptz)",
            "alter table t add primary key (at)",
            "alter table r add foreign key (at) references t",
        ),
        False,
        "foreign key r_at_fkey of public.r",
    ),
    (
        (
            "alter table t drop column at",
            "alter table t add at timestamp not null generated always as ('2020-01-01') stored",
        ),
        True,
        "generated column",
    ),
    (('alter table t rename to "t, u"',), False, "pgcopydb cannot be told"),
)
HARMLESS = (
    ("alter table t add primary key (id, at) deferrable",),
    ("create unique index on t (id, at) nulls not distinct",),
    ("create index on t using hash (id)", "create index on t using gist (during)"),
    (FUNCTION, "create trigger g before insert on t for each row execute function f()"),
    (FUNCTION, "create trigger g after insert on t referencing new table as n for each statement"
     " execute function f()"),
    (FUNCTION, "create trigger g after insert on t for each statement execute function f()",
     "alter table t disable trigger g"),
    ("create policy p on t using (true)", "alter table t enable row level security",
     "alter table t force row level security"),
    ("alter table t add n bigint generated always as identity",),
    ("create table d (id int primary key)",
        "insert into d values (1)",
     "alter table t add foreign key (id) references d"),
    ("alter table t replica identity full",),
    ("alter table t add check (id > 0)",),
    ("create publication told for tables in schema public",),
    ("create view v as select * from t", "create statistics s on at, id from t"),
)  # fmt: skip


def _refused(target: Endpoint, statements: tuple[str, ...], wanted: Wanted) -> bool:
    execute(target, "create extension timescaledb", TABLE, *statements)
    try:
        execute(target, statement(wanted), "insert into t (at, id) values (now(), 1)")
    except psycopg.Error:
        return True
    return False


@pytest.mark.parametrize(("statements", "refused", "words"), OBSTACLES, ids=lambda v: str(v)[:40])
def test_what_timescaledb_does_not_take_is_a_blocker(
    fresh_databases: Pair, statements: tuple[str, ...], words: str, *, refused: bool
) -> None:
    source, target = fresh_databases
    execute(source, TABLE, *statements)
    wanted = planned("t, u" if "t, u" in statements[0] else "t")
    severity, said = judged(fresh_databases, wanted)
    assert severity == "blocker"
    assert words in said
    # A candidate is told the same of it.
    [one] = [each for each in read_candidates(source) if each.name == wanted.name]
    assert words in " ".join(one.obstacles["at"])
    if wanted.name == "t":
        assert _refused(target, statements, wanted) is refused


@pytest.mark.parametrize("statements", HARMLESS, ids=lambda v: str(v[-1])[:40])
def test_what_it_takes_is_none(fresh_databases: Pair, statements: tuple[str, ...]) -> None:
    source, target = fresh_databases
    execute(source, TABLE, *statements)
    assert judged(fresh_databases, planned("t"))[0] == "ok"
    assert not _refused(target, statements, planned("t"))
