"""A small pooler for tests: each transaction of a session is run by another server process."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg

from lmtui.endpoint import Endpoint

_PARAMETERS = {
    "server_version": "17.0", "server_encoding": "UTF8", "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY", "integer_datetimes": "on", "standard_conforming_strings": "on",
}  # fmt: skip
_SSL, _GSS, _CANCEL = 80877103, 80877104, 80877102


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _exactly(connection: socket.socket, number: int) -> bytes:
    found = b""
    while len(found) < number:
        more = connection.recv(number - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _read(connection: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(connection, 1)
    (length,) = struct.unpack("!I", _exactly(connection, 4))
    return kind, _exactly(connection, length - 4)


def _startup(client: socket.socket) -> dict[str, str] | None:
    """What the client asks for; None where it only wants to cancel."""
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        body = _exactly(client, length - 4)
        (code,) = struct.unpack("!I", body[:4])
        if code in (_SSL, _GSS):
            client.sendall(b"N")
            continue
        if code == _CANCEL:
            return None
        words = [word.decode() for word in body[4:].split(b"\0")]
        return dict(zip(words[::2], words[1::2], strict=False))


def _serve(client: socket.socket, server: Endpoint) -> None:
    with closing(client), ExitStack() as sessions:
        try:
            asked = _startup(client)
            if asked is None:
                return
            if "replication" in asked:
                # As PgBouncer before 1.23 has it.
                words = b"SFATAL\0C08P01\0Munsupported startup parameter: replication\0\0"
                client.sendall(_message(b"E", words))
                return
            backends = []
            for _ in range(2):
                session = sessions.enter_context(
                    closing(psycopg.connect(server.conninfo(application="pool"), autocommit=True))
                )
                raw = sessions.enter_context(socket.socket(fileno=os.dup(session.fileno())))
                backends.append(raw)
                backends[-1].setblocking(True)
            client.sendall(_message(b"R", struct.pack("!I", 0)))
            for name, value in _PARAMETERS.items():
                client.sendall(_message(b"S", f"{name}\0{value}\0".encode()))
            client.sendall(_message(b"K", struct.pack("!II", 4711, 0)))
            client.sendall(_message(b"Z", b"I"))
            turn = 0
            while True:
                _transaction(client, backends[turn % len(backends)])
                turn += 1
        except (EOFError, OSError):
            return


def _transaction(client: socket.socket, backend: socket.socket) -> None:
    """Hand on what the client says until the server is idle again."""
    while True:
        kind, body = _read(client)
        if kind == b"X":
            raise EOFError
        backend.sendall(_message(kind, body))
        if kind not in b"QS":
            continue
        while True:
            kind, body = _read(backend)
            client.sendall(_message(kind, body))
            if kind == b"Z":
                break
        if body == b"I":
            return


@contextmanager
def pooler(server: Endpoint) -> Iterator[Endpoint]:
    """The way to a server through a transaction pooler."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def accept() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_serve, args=(client, server), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        port = str(listening.getsockname()[1])
        try:
            yield Endpoint(server.side, {**server.parameters, "port": port})
        finally:
            listening.shutdown(socket.SHUT_RDWR)
