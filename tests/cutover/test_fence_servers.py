"""The fence on a real server: whom it ends, whom it spares, whom it names."""

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from lmtui.cutover.evidence import Looker
from lmtui.cutover.fence import lift_fence, raise_fence
from lmtui.cutover.watch import FenceWatch
from lmtui.database import connect, own_backends
from lmtui.endpoint import Endpoint
from lmtui.ledger import Ledger
from lmtui.workdir import WorkDirectory

pytestmark = pytest.mark.postgres
Pair = tuple[Endpoint, Endpoint]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    directory = WorkDirectory(tmp_path / "work")
    directory.create()
    return Ledger(directory)


def test_only_sessions_of_this_process_are_spared(fresh_databases: Pair, ledger: Ledger) -> None:
    """Anybody may call a session lmtui."""
    source, _ = fresh_databases
    with (
        closing(psycopg.connect(source.conninfo(application="lmtui impostor"))) as other,
        closing(connect(source, application="lmtui monitor")) as ours,
        closing(connect(source)) as fencing,
    ):
        pids = {ours.info.backend_pid, fencing.info.backend_pid}
        assert pids <= set(own_backends("source"))
        assert ours.info.backend_pid not in own_backends("target")
        raise_fence(fencing, ledger, "readonly")
        with pytest.raises(psycopg.OperationalError):
            other.execute("select 1")
        assert ours.execute("select 1").fetchone() == (1,)
        assert lift_fence(ledger, source) == 1
    assert not pids & set(own_backends("source"))


def test_writer_that_ignores_the_fence_is_named(fresh_databases: Pair, ledger: Ledger) -> None:
    source, _ = fresh_databases
    with closing(connect(source)) as fencing:
        fencing.execute("create table public.t (id int primary key)")
        raise_fence(fencing, ledger, "readonly")
        with (
            FenceWatch(source) as watch,
            closing(psycopg.connect(source.conninfo(application="stubborn"))) as other,
        ):
            watch.begin()
            while not watch.names():
                other.execute("set transaction_read_only = off")
                other.execute("insert into public.t values (1) on conflict do nothing")
            assert "stubborn" in watch.names()[0]
            other.rollback()
        lift_fence(ledger, source)


def test_evidence(timescale_databases: Pair) -> None:
    source, target = timescale_databases
    looker = Looker()
    with (
        closing(connect(source)) as ours,
        closing(connect(target)) as theirs,
        closing(psycopg.connect(source.conninfo())) as other,
    ):
        ours.execute("create sequence public.s maxvalue 100")
        ours.execute("create table public.keyless (id int)")
        ours.execute("insert into public.keyless values (1), (2)")
        first = looker.look(ours, theirs)
        assert (first.sequences, first.prepared, first.keyless) == ((), (), ())
        ours.execute("select setval('public.s', 95)")
        ours.execute("update public.keyless set id = 3 where id = 1")
        ours.execute("select pg_stat_force_next_flush()")
        other.execute("insert into public.keyless values (3)")
        other.execute("prepare transaction 'g1'")
        second = looker.look(ours, theirs)
        assert second.sequences == ("public.s at 95 of 100",)
        assert second.prepared[0].startswith("g1 of ")
        assert second.keyless == ("public.keyless",)
        assert second.fence_rights == second.target_rights == ()
        ours.execute("rollback prepared 'g1'")
        ours.execute("alter table public.keyless replica identity full")
        third = looker.look(ours, theirs)
        assert (third.prepared, third.keyless) == ((), ())
