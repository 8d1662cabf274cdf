"""Servers that are gone without a word: noticed, and their sessions taken over from."""

import contextlib
import select
import time
from collections.abc import Iterator

import pytest
from cut_network import Network

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ServerError
from lmtui.replay import progress, protocol
from lmtui.replay.apply import connect_target
from lmtui.replay.decoding import decoder_for
from lmtui.replay.protocol import ReplicationConnection

pytestmark = pytest.mark.postgres

PLUGIN = "test_decoding"
Pair = tuple[Endpoint, Endpoint]


@contextlib.contextmanager
def stream(endpoint: Endpoint, lsn: int) -> Iterator[ReplicationConnection]:
    connection = ReplicationConnection(endpoint, application="lmtui receiver")
    try:
        connection.start("cut", lsn, decoder_for(PLUGIN).options)
        yield connection
    finally:
        connection.close()


def slot(source: Endpoint) -> int:
    """Make the slot; where it begins."""
    connection = ReplicationConnection(source, application="lmtui snapshot", patient=True)
    try:
        return connection.create_slot("cut", PLUGIN).lsn
    finally:
        connection.close()


def listen(connection: ReplicationConnection, seconds: float) -> None:
    """Read and confirm as the receiver does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([connection.pgconn.socket], [], [], 0.05)[0]:
            connection.consume()
        for _ in connection.received():
            pass
        connection.confirm(0, 0, time.time_ns() // 1000)


def test_source_that_does_not_answer_is_left_and_its_session_taken_over_from(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = fresh_databases
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.6)
    lsn = slot(source)
    with Network(source) as network, stream(network.endpoint, lsn) as connection:
        # Idle, but there: it answers for as long as it is asked.
        listen(connection, 2)
        network.cut()
        with pytest.raises(ServerError, match="does not answer") as raised:
            listen(connection, 5)
        assert "nothing for" in raised.value.detail
        with pytest.raises(ServerError) as raised, stream(source, lsn):
            pass
        assert raised.value.sqlstate == "55006"
        with connect(source) as asking:
            for _ in range(100):
                row = asking.execute("select active from pg_replication_slots").fetchone()
                if row == (False,):
                    break
                asking.execute("select pg_sleep(0.05)")
        with stream(source, lsn) as another:
            listen(another, 0.2)


def test_what_waits_to_be_read_is_no_silence(
    fresh_databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver whose disk is full confirms and does not read."""
    source, _ = fresh_databases
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.2)
    with stream(source, slot(source)) as connection:
        with connect(source) as writer:
            writer.execute("create table public.item (id int)")
            writer.execute("insert into public.item select generate_series(1, 100000)")
        for _ in range(20):
            time.sleep(0.05)
            connection.confirm(0, 0, time.time_ns() // 1000)


def test_sessions_that_were_cut_off_are_ended_with_their_locks(fresh_databases: Pair) -> None:
    _, target = fresh_databases
    with connect(target) as connection:
        progress.create(connection, "cut", 1)
    with Network(target) as network:
        left = connect_target(network.endpoint, "cut")
        left.execute("update lmtui.progress set slot = slot")
        other = connect_target(target, "other")
        network.cut()
        with connect_target(target, "cut") as connection:
            connection.execute("update lmtui.progress set slot = slot")
            connection.rollback()
        assert other.execute("select true").fetchone() == (True,)
        network.mend()
        left.pgconn.finish()
        left.close()
        other.close()
