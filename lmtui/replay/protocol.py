"""The streaming replication protocol (PostgreSQL, chapter "Streaming Replication Protocol")."""

import select
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg import pq, sql

from lmtui.database import TEXT_SETTINGS, connection_failed
from lmtui.endpoint import Endpoint, redact
from lmtui.errors import ServerError
from lmtui.replay.lsn import format_lsn, parse_lsn

# Microseconds from 1970-01-01 to 2000-01-01, the protocol's epoch.
EPOCH_OFFSET = 946_684_800_000_000

XLOG_HEADER = 25
# Of a message above this there is one copy at a time, wherever that is possible.
LARGE_BYTES = 4 * 1024 * 1024
# A source that sends nothing for so long, not even the answer it was asked for at half of it, is
# not there any more, whatever the network says.
SILENT_SECONDS = 120.0
_SLOT_IN_USE = "55006"
_XLOG_LSN = struct.Struct(">xQ")
_KEEPALIVE = struct.Struct(">xQqB")
_STATUS = struct.Struct(">cQQQqB")


class Keepalive(NamedTuple):
    """The server's keepalive: all before `end` was sent."""

    end: int
    reply_requested: bool


@dataclass(frozen=True)
class Slot:
    """A slot just made: `lsn` is its consistent point, `snapshot` what a copy must read."""

    name: str
    plugin: str
    lsn: int
    snapshot: str


class ReplicationConnection:
    """A walsender connection to one database of the source.

    `lock_timeout` (seconds, 0 for none) bounds the wait for transactions when a slot is made.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        application: str,
        lock_timeout: float = 0.0,
        patient: bool = False,
    ) -> None:
        """Connect. A `patient` connection outlives a network that is cut for some minutes."""
        more = {"tcp_user_timeout": "0"} if patient else {}
        try:
            self._connection = psycopg.connect(
                endpoint.conninfo(application=application, replication="database", **more),
                autocommit=True,
            )
        except psycopg.Error as error:
            raise connection_failed(endpoint, error) from None
        self._heard_at = time.monotonic()
        self._asked_at = 0.0
        self.pgconn = self._connection.pgconn
        # What the snapshot's holder and the output plugin need: no timeout that ends an idle
        # transaction, and the one fixed text form of all values.
        self._set("idle_in_transaction_session_timeout", "0")
        self._set("statement_timeout", "0")
        self._set("lock_timeout", f"{round(lock_timeout * 1000)}")
        for name, value in TEXT_SETTINGS.items():
            self._set(name, value)

    def _set(self, name: str, value: str) -> None:
        statement = sql.SQL("set {} = {}").format(sql.Identifier(name), sql.Literal(value))
        self._execute(f"set {name}", statement.as_string(self._connection))

    def _execute(self, doing: str, command: str) -> pq.abc.PGresult:
        """Run one simple-protocol command; a walsender knows no other."""
        result = self.pgconn.exec_(command.encode())
        if result.status in (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE):
            raise _failed(f"The source refused: {doing}", result, self.pgconn)
        return result

    def create_slot(self, name: str, plugin: str, *, temporary: bool = False) -> Slot:
        """Create a slot and export its snapshot, which lives until this connection's next command.

        A temporary one goes with the connection.

        It waits for all write transactions that are open (PostgreSQL, "Logical Decoding").
        """
        kind = "TEMPORARY LOGICAL" if temporary else "LOGICAL"
        command = f'CREATE_REPLICATION_SLOT "{name}" {kind} "{plugin}" (SNAPSHOT \'export\')'
        result = self.pgconn.exec_(command.encode())
        if result.status != pq.ExecStatus.TUPLES_OK:
            # Before PostgreSQL 15 the options have no parentheses.
            command = f'CREATE_REPLICATION_SLOT "{name}" {kind} "{plugin}" EXPORT_SNAPSHOT'
            if b"syntax error" in (result.error_message or b""):
                result = self.pgconn.exec_(command.encode())
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise _failed(f"The slot {name} could not be created", result, self.pgconn)
        _, lsn, snapshot, made_with = (_text(result.get_value(0, column)) for column in range(4))
        return Slot(name, made_with, parse_lsn(lsn), snapshot)

    def confirmed(self, slot: str) -> int:
        """The position up to which the slot holds everything for confirmed; 0 without a slot."""
        literal = sql.Literal(slot).as_string(self._connection)
        result = self._execute(
            "looking at the slot",
            # A walsender knows no parameters; the name is quoted by libpq.
            f"select confirmed_flush_lsn from pg_replication_slots where slot_name = {literal}",  # noqa: S608
        )
        text = _text(result.get_value(0, 0)) if result.ntuples else ""
        return parse_lsn(text) if text else 0

    def start(self, slot: str, lsn: int, options: Mapping[str, str]) -> None:
        """Begin streaming all transactions that end after `lsn`.

        Raises ServerError. Where a session that lost its receiver still has the slot, it is ended,
        so that the next try succeeds.
        """
        given = ", ".join(f"\"{name}\" '{value}'" for name, value in options.items())
        command = f'START_REPLICATION SLOT "{slot}" LOGICAL {format_lsn(lsn)} ({given})'
        result = self.pgconn.exec_(command.encode())
        if result.status != pq.ExecStatus.COPY_BOTH:
            failed = _failed(f"Streaming from the slot {slot} could not start", result, self.pgconn)
            if failed.sqlstate == _SLOT_IN_USE:
                literal = sql.Literal(slot).as_string(self._connection)
                self.pgconn.exec_(
                    b"select pg_terminate_backend(active_pid) from pg_replication_slots"
                    b" where slot_name = " + literal.encode()
                )
            raise failed
        self._heard_at = time.monotonic()

    def received(self) -> tuple[list[bytes], list[Keepalive], memoryview | None]:
        """What is here already: XLogData messages in their order, and keepalives among them.

        A very large message is the last of them, and given by itself, where libpq has it; more may
        then be here. Raises ServerError at the stream's end.
        """
        messages: list[bytes] = []
        keepalives: list[Keepalive] = []
        keep, get = messages.append, self.pgconn.get_copy_data
        size, data = get(1)
        while size > 0:
            if size > LARGE_BYTES:
                return messages, keepalives, memoryview(data)
            if size >= XLOG_HEADER:
                keep(bytes(data))
            else:
                keepalives.append(parse_keepalive(bytes(data)))
            size, data = get(1)
        if size < 0:
            result = self.pgconn.get_result()
            raise _failed("The stream from the source ended", result, self.pgconn)
        return messages, keepalives, None

    def consume(self) -> None:
        """Read what the network has. Raises ServerError where the connection is lost."""
        try:
            self.pgconn.consume_input()
        except psycopg.OperationalError as error:
            raise ServerError(
                "The connection to the source was lost", detail=redact(str(error).strip())
            ) from None
        self._heard_at, self._asked_at = time.monotonic(), 0.0

    def confirm(self, received: int, flushed: int, at: int) -> None:
        """Say what was received, and what is safe on this side's disk.

        `at` is microseconds since 1970 (UTC). The server may drop its log up to `flushed`. Call it
        every few seconds: it also asks a silent server to answer. Raises ServerError where the
        connection is lost, or the server does not answer.
        """
        ask = self._must_ask()
        try:
            self.pgconn.put_copy_data(
                _STATUS.pack(b"r", received, flushed, flushed, at - EPOCH_OFFSET, ask)
            )
            self.pgconn.flush()
        except psycopg.OperationalError as error:
            raise ServerError(
                "The connection to the source was lost", detail=redact(str(error).strip())
            ) from None

    def _must_ask(self) -> bool:
        now = time.monotonic()
        silent = now - self._heard_at
        if silent < SILENT_SECONDS / 2:
            return False
        if select.select([self.pgconn.socket], [], [], 0)[0]:
            # It has sent something, which was only not read yet.
            return False
        if self._asked_at and now - self._asked_at >= SILENT_SECONDS / 2:
            raise ServerError(
                "The source does not answer", detail=f"It has sent nothing for {silent:.0f} s."
            )
        self._asked_at = self._asked_at or now
        return True

    def close(self) -> None:
        """Close the connection; an exported snapshot ends with it."""
        self._connection.close()


def data_lsn(message: bytes | memoryview) -> int:
    """The position that an XLogData message carries; of a COMMIT it is the transaction's end."""
    lsn: int = _XLOG_LSN.unpack_from(message)[0]
    return lsn


def parse_keepalive(message: bytes) -> Keepalive:
    """Read a keepalive message."""
    end, _, reply = _KEEPALIVE.unpack_from(message)
    return Keepalive(end, bool(reply))


def _text(value: bytes | None) -> str:
    return (value or b"").decode()


def _failed(title: str, result: pq.abc.PGresult | None, pgconn: pq.abc.PGconn) -> ServerError:
    if result is None:
        words, sqlstate = pgconn.get_error_message(), ""
    else:
        words = result.get_error_message()
        sqlstate = _text(result.error_field(pq.DiagnosticField.SQLSTATE))
    words = redact(words.strip())
    return ServerError(
        title, detail=f"{sqlstate}: {words}" if sqlstate else words, sqlstate=sqlstate
    )
