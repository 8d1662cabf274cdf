"""A cutover whose end is not proven goes back to replay, and a later one is proven."""

import json
import threading
from contextlib import closing, suppress
from datetime import timedelta

import psycopg
import pytest
from command_line import CommandLine, execute, is_read_only, is_ready, one

from lmtui.phases import Phase, Status

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

SETUP = (
    "create table public.device (id int primary key, name text)",
    "insert into public.device select n, 'device ' || n from generate_series(1, 9) n",
    "create table public.seen (id bigint generated always as identity primary key, device int)",
    "create function public.see() returns trigger language plpgsql as"
    " 'begin insert into public.seen (device) values (new.id); return new; end'",
    "create trigger see after update on public.device for each row execute function public.see()",
    "alter table public.device enable always trigger see",
)
# What nothing in the stream tells, and no trigger notes.
BY_HAND = (
    "set session_replication_role = replica",
    "update public.device set name = 'by hand' where id = 3",
)
MEANWHILE = "create materialized view public.by_name as select name from public.device"
SLOTS = (
    "select count(*) from pg_replication_slots"
    " where database = current_database() and not temporary"
)
# What replay does not bear: identity columns that refuse given values, triggers that fire for it.
LOUD = (
    "select (select attidentity::text from pg_attribute"
    " where attrelid = 'public.seen'::regclass and attname = 'id')"
    " || (select tgenabled::text from pg_trigger where tgname = 'see')"
)


@pytest.fixture
def shop(bare: CommandLine) -> CommandLine:
    """A migration that may begin, of a few rows."""
    execute(bare.source, *SETUP)
    return bare


def _begin(shop: CommandLine) -> tuple[str, ...]:
    """Migrate until a cutover may begin and all is compared; returns the cutover's command."""
    shop("migrate", "--yes", "--detach")
    shop.wait_for(lambda now: is_ready(now) and now.ahead and now.ahead.compared == now.ahead.units)
    return "cutover", "--confirm", shop.database


def _goes_on(shop: CommandLine) -> None:
    """Replay goes on as before the cutover: slot, schema and fence are as they were."""
    state = shop.state()
    assert (state.phase, state.status, state.proven) == (Phase.REPLICATE, Status.RUNNING, None)
    assert not is_read_only(shop.source)
    assert one(shop.source, SLOTS) == 1
    assert one(shop.target, LOUD) == "dO"
    execute(
        shop.source,
        "update public.device set name = name || '!' where id = 1",
        "update public.seen set id = default where id = (select min(id) from public.seen)",
    )
    shop.wait_until_replayed()
    for query in (
        "select name from public.device where id = 1",
        "select array_agg(id order by id) from public.seen",
    ):
        assert one(shop.target, query) == one(shop.source, query)


def test_a_row_changed_by_hand_is_shown_repaired_and_then_proven(shop: CommandLine) -> None:
    cutover = _begin(shop)
    execute(shop.target, *BY_HAND)
    repair = f"lmtui validate --repair public.device --confirm {shop.database}"
    printed = shop(*cutover, code=3)
    for words in ("NOT PROVEN", "public.device", "name = by hand", "takes writes", repair):
        assert words in printed, words
    _goes_on(shop)
    told = shop("status")
    for words in ("came to no end", "DIFFERENT public.device", "id = 3", repair):
        assert words in told, words
    status = shop.status()
    assert (status["proven"], status["source"]["read_only"]) == (None, False)
    assert [row["key"] for row in status["cutover"]["not_proven"]["rows"]] == ["id = 3"]
    assert repair in status["cutover"]["ways"][0]
    assert "Cutover that was not proven" in shop("report")
    assert "Not complete: phase replicate" in shop("report")

    shop(*repair.split()[1:])
    assert one(shop.target, "select name from public.device where id = 3") == "device 3"
    shop.wait_for(is_ready)
    assert "successfully completed" in shop(*cutover)
    assert one(shop.target, LOUD) == "aA"
    state = shop.state()
    assert (state.proven, state.not_proven, state.cutover.given_up) == (True, None, "")
    assert one(shop.source, SLOTS) == 0
    report = json.loads(shop("report", "--format", "json"))
    assert (report["proven"], report["proof"]["verdict"]) == (True, "equal")
    (given_back,) = report["given_back"]
    assert [row["key"] for row in given_back["proof"]["rows"]] == ["id = 3"]
    assert given_back["read_only_seconds"] > 0
    assert given_back["read_only_seconds"] + state.downtime_seconds < 60


def test_a_materialized_view_made_meanwhile_then_made_there_too(shop: CommandLine) -> None:
    shop.start("migrate", "--yes", "--cutover", "when-caught-up")
    shop.wait_for(lambda state: state.copy_plan is not None)
    execute(shop.source, MEANWHILE)
    # Nobody has to be there for it to go back, and it must not be cut over again and again.
    state = shop.wait_for(lambda state: state.not_proven is not None)
    asked, at = state.cutover.requested_at, state.recent[-1].at
    assert [one.name for one in state.not_proven.differing] == ["by_name"]
    assert "Create what the target lacks" in state.cutover.ways[0]
    state = shop.wait_for(
        lambda now: is_ready(now) and now.sample and now.sample.at > at + timedelta(seconds=4)
    )
    assert state.cutover.requested_at == asked
    _goes_on(shop)
    warnings = {gate["code"] for gate in shop.status()["cutover"]["warnings"]}
    assert "not_proven" in warnings

    execute(shop.target, MEANWHILE)
    shop("cutover", "--confirm", shop.database)
    assert shop.status()["proven"] is True
    assert one(shop.target, "select count(*) from public.by_name") > 0


def test_a_writer_that_ignores_the_fence_is_named_and_replayed(shop: CommandLine) -> None:
    cutover = _begin(shop)
    over = threading.Event()

    def ignore() -> None:
        shop.wait_for(lambda state: state.drain is not None)
        given = shop.source.conninfo(application="stubborn app")
        # It is ended as every other session is that began behind the fence.
        with (
            suppress(psycopg.OperationalError),
            closing(psycopg.connect(given, autocommit=True)) as session,
        ):
            session.execute("set default_transaction_read_only = off")
            while not over.is_set():
                session.execute("update public.device set name = 'late' where id = 1")

    ignoring = threading.Thread(target=ignore)
    ignoring.start()
    try:
        printed = shop(*cutover, code=3)
    finally:
        over.set()
        ignoring.join()
    assert "Stop what writes in spite of the fence readonly" in printed
    proof = shop.state().not_proven
    assert proof is not None
    assert proof.changes_after_end > 0
    assert any("stubborn app" in who for who in proof.writers_after_end)
    shop.wait_until_replayed()
    late = "select name from public.device where id = 1"
    assert one(shop.target, late) == "late"
    _goes_on(shop)
    shop.wait_for(is_ready)
    shop(*cutover)
    assert shop.state().proven


def test_accepted_unproven_it_ends_as_it_is(shop: CommandLine) -> None:
    cutover = _begin(shop)
    execute(shop.target, *BY_HAND)
    printed = shop(*cutover, "--accept-unproven", code=6)
    assert "NOT proven, as accepted" in printed
    assert "DIFFERENT public.device" in printed
    state = shop.state()
    assert (state.phase, state.proven) == (Phase.COMPLETE, False)
    assert state.proof is not None
    assert not state.proof.equal
    assert one(shop.source, SLOTS) == 0
    # What the source would take now, the target would never get.
    assert is_read_only(shop.source)
    assert one(shop.target, LOUD) == "aA"
    assert "nothing to resume" in shop.refused("resume", code=3)
    assert "may be in use" in shop.refused("unfence", code=3)
    assert "as was accepted" in shop("report")
    assert json.loads(shop("report", "--format", "json"))["accepted_unproven"] is True
    shop("clean")
    assert not is_read_only(shop.source)


@pytest.mark.parametrize("step", ["fence lifted", "target held"])
def test_killed_on_the_way_back_it_comes_to_the_same_place(shop: CommandLine, step: str) -> None:
    cutover = _begin(shop)
    execute(shop.target, *BY_HAND)
    shop.kill_at(step, *cutover)
    assert shop.state().phase is Phase.VALIDATE
    # Again, from where it was left.
    shop.kill_at("target held", "resume")
    shop("resume", "--detach")
    state = shop.wait_for(lambda state: state.phase is not Phase.VALIDATE)
    assert state.not_proven is not None
    assert [row.key for row in state.not_proven.rows] == ["id = 3"]
    _goes_on(shop)
    shop("validate", "--repair", "public.device", "--confirm", shop.database)
    shop.wait_for(is_ready)
    shop(*cutover)
    assert shop.state().proven
    assert one(shop.target, LOUD) == "aA"


def test_a_fence_that_is_kept_until_it_is_lifted(shop: CommandLine) -> None:
    cutover = _begin(shop)
    execute(shop.target, *BY_HAND)
    assert "not allowed with" in _usage(shop, *cutover, "--keep-fence", "--accept-unproven")
    printed = shop(*cutover, "--keep-fence", code=3)
    assert "still read-only" in printed
    assert "lmtui unfence" in printed
    assert is_read_only(shop.source)
    told = shop("status")
    assert "The source is read-only since" in told
    assert "lmtui unfence makes it writable again" in told
    assert shop.status()["source"]["read_only"] is True
    assert "fence_kept" in {gate["code"] for gate in shop.status()["cutover"]["warnings"]}
    shop("validate", "--repair", "public.device", "--confirm", shop.database)
    execute(shop.target, *BY_HAND)
    # Another one behind the same fence, given back again, and killed there.
    shop(*cutover, "--keep-fence", code=3)
    assert shop.directory.ledger.read_text().count("database made read-only") == 1
    shop.kill_supervisor()
    assert "The source is read-only since" in shop("status")
    shop("resume", "--detach")
    shop.wait_for(lambda state: state.caught_up)
    assert is_read_only(shop.source)

    with closing(psycopg.connect(shop.source.conninfo(application="pool"))) as pool:
        # It began behind the fence, and would stay read-only.
        assert "takes writes again" in shop("unfence")
        with pytest.raises(psycopg.OperationalError):
            pool.execute("select 1")
    assert "no fence" in shop.refused("unfence", code=3)
    _goes_on(shop)
    shop("validate", "--repair", "public.device", "--confirm", shop.database)
    shop.wait_for(is_ready)
    shop(*cutover)
    assert shop.state().proven


def test_taken_back_where_a_finishing_step_fails(shop: CommandLine) -> None:
    cutover = _begin(shop)
    execute(shop.source, "create sequence public.meanwhile")
    printed = shop(*cutover, code=1)
    assert "The source is read-only since" in printed
    assert "Sequences are missing on the target" in printed
    told = shop("status")
    assert told.index("The source is read-only since") < told.index("Sequences are missing")
    assert "lmtui unfence makes it writable again" in told
    assert shop.status()["source"]["read_only"] is True
    shop.kill_at("sequences", "resume")
    assert "The source is read-only since" in shop("status")
    assert "The source takes writes again" in shop("unfence", "--detach")
    assert not is_read_only(shop.source)
    shop.wait_for(lambda state: state.phase is Phase.REPLICATE)
    assert "Taken back by" in shop.status()["cutover"]["given_up"]
    _goes_on(shop)
    execute(shop.target, "create sequence public.meanwhile")
    shop.wait_for(is_ready)
    shop(*cutover)
    assert shop.state().proven


def _usage(shop: CommandLine, *arguments: str) -> str:
    shop(*arguments, code=2)
    return shop.said[-1]
